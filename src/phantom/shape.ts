import type { Rng } from "../core/rng.ts";
import type { LesionTraits } from "./classes.ts";
import { fractalNoise } from "./noise.ts";

const ANGLES = 512;

/** Outline of a lesion in image coordinates, -1..1 from left to right and from top to bottom. */
export interface LesionShape {
  readonly centerX: number;
  readonly centerY: number;
  /** Direction of the one-sidedness, unit vector. */
  readonly biasX: number;
  readonly biasY: number;
  /** Where a point lies: 0 the centre, 1 the border, more outside. */
  at(x: number, y: number): number;
}

/** Radius per angle: an ellipse with Fourier waves, one side larger by the asymmetry, roughened by noise. */
export function lesionShape(traits: LesionTraits, rng: Rng): LesionShape {
  const centerX = 0.09 * rng.normal();
  const centerY = 0.09 * rng.normal();
  const tilt = rng.between(0, Math.PI);
  const bias = rng.between(0, 2 * Math.PI);
  const noiseSeed = rng.uint32() | 0;
  const long = traits.radius * Math.sqrt(traits.aspect);
  const short = traits.radius / Math.sqrt(traits.aspect);
  const waves: [number, number, number][] = [];
  for (let k = 2; k <= 11; k++) waves.push([k, (1.5 * rng.normal()) / k ** 1.15, rng.between(0, 2 * Math.PI)]);
  const radii = new Float64Array(ANGLES + 1);
  for (let a = 0; a <= ANGLES; a++) {
    const theta = (2 * Math.PI * a) / ANGLES;
    const c = Math.cos(theta - tilt) / long;
    const s = Math.sin(theta - tilt) / short;
    let wave = 0.45 * traits.asymmetry * Math.cos(theta - bias) * 0.5;
    for (const [k, height, phase] of waves) wave += traits.borderWaves * height * Math.cos(k * theta + phase);
    radii[a] = Math.min(1.7, Math.max(0.45, 1 + wave)) / Math.sqrt(c * c + s * s);
  }
  const roughness = 0.25 * traits.borderWaves + 0.01;
  return {
    centerX,
    centerY,
    biasX: Math.cos(bias),
    biasY: Math.sin(bias),
    at(x, y) {
      const dx = x - centerX;
      const dy = y - centerY;
      const turn = Math.atan2(dy, dx) / (2 * Math.PI);
      const position = (turn < 0 ? turn + 1 : turn) * ANGLES;
      const a = Math.min(ANGLES - 1, Math.floor(position));
      const radius = radii[a]! + (position - a) * (radii[a + 1]! - radii[a]!);
      const ratio = Math.sqrt(dx * dx + dy * dy) / radius;
      if (ratio > 1.6) return ratio;
      return ratio + roughness * fractalNoise(9 * x, 9 * y, noiseSeed, 2) * Math.min(1, 2 * ratio);
    },
  };
}
