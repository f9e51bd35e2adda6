import type { Rng } from "../core/rng.ts";

/** A square grey layer with values 0..1, row by row; marks are stamped on it with antialiased edges. */
export interface Layer {
  readonly size: number;
  readonly data: Float32Array;
}

export function createLayer(size: number): Layer {
  return { size, data: new Float32Array(size * size) };
}

/**
 * Stamps an ellipse. Lengths and positions in pixels, `angle` in radians; overlapping marks keep the larger value.
 * @param softness Width of the edge relative to the short radius, 0 a crisp edge
 */
export function stampEllipse(
  layer: Layer,
  x: number,
  y: number,
  radiusX: number,
  radiusY: number,
  angle: number,
  strength: number,
  softness: number,
): void {
  const { size, data } = layer;
  const reach = (1 + softness / 2) * Math.max(radiusX, radiusY) + 1;
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const ramp = 0.8 + softness * Math.min(radiusX, radiusY);
  for (let j = Math.max(0, Math.floor(y - reach)); j <= Math.min(size - 1, Math.ceil(y + reach)); j++) {
    for (let i = Math.max(0, Math.floor(x - reach)); i <= Math.min(size - 1, Math.ceil(x + reach)); i++) {
      const dx = i + 0.5 - x;
      const dy = j + 0.5 - y;
      const p = (c * dx + s * dy) / radiusX;
      const q = (c * dy - s * dx) / radiusY;
      const inside = (1 - Math.sqrt(p * p + q * q)) * Math.min(radiusX, radiusY);
      const value = strength * Math.min(1, Math.max(0, inside / ramp + 0.5));
      if (value > data[j * size + i]!) data[j * size + i] = value;
    }
  }
}

/** Stamps a straight line of a width in pixels; lines thinner than a pixel are drawn fainter instead. */
function stampLine(
  layer: Layer,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  width: number,
  strength: number,
): void {
  const { size, data } = layer;
  const half = Math.max(0.5, width / 2);
  const opacity = strength * Math.min(1, width);
  const reach = half + 1;
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length2 = Math.max(1e-9, dx * dx + dy * dy);
  for (
    let j = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
    j <= Math.min(size - 1, Math.ceil(Math.max(y0, y1) + reach));
    j++
  ) {
    for (
      let i = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
      i <= Math.min(size - 1, Math.ceil(Math.max(x0, x1) + reach));
      i++
    ) {
      const px = i + 0.5 - x0;
      const py = j + 0.5 - y0;
      const t = Math.min(1, Math.max(0, (px * dx + py * dy) / length2));
      const distance = Math.hypot(px - t * dx, py - t * dy);
      const value = opacity * Math.min(1, Math.max(0, half - distance + 0.5));
      if (value > data[j * size + i]!) data[j * size + i] = value;
    }
  }
}

/** Lays `count` hairs over the whole layer: gently bent lines that share a direction, `width` in pixels. */
export function stampHairs(layer: Layer, count: number, width: number, rng: Rng): void {
  const { size } = layer;
  const direction = rng.between(0, Math.PI);
  for (let hair = 0; hair < count; hair++) {
    let x = rng.between(-0.1, 1.1) * size;
    let y = rng.between(-0.1, 1.1) * size;
    let angle = direction + 0.35 * rng.normal();
    const bend = 0.05 * rng.normal();
    const steps = 14;
    const step = (rng.between(0.5, 1.3) * size) / steps;
    const thickness = width * rng.between(0.6, 1.2);
    x -= (Math.cos(angle) * step * steps) / 2;
    y -= (Math.sin(angle) * step * steps) / 2;
    for (let k = 0; k < steps; k++) {
      const nx = x + step * Math.cos(angle);
      const ny = y + step * Math.sin(angle);
      stampLine(layer, x, y, nx, ny, thickness * (1 - (0.5 * k) / steps), 0.9);
      x = nx;
      y = ny;
      angle += bend;
    }
  }
}

/** Grows one branching vessel from a point; positions, `length` and `width` in pixels. */
export function stampVessel(
  layer: Layer,
  x: number,
  y: number,
  angle: number,
  length: number,
  width: number,
  rng: Rng,
): void {
  const steps = Math.max(3, Math.round((10 * length) / layer.size) + 3);
  const step = length / steps;
  for (let k = 0; k < steps; k++) {
    const nx = x + step * Math.cos(angle);
    const ny = y + step * Math.sin(angle);
    stampLine(layer, x, y, nx, ny, width, 1);
    x = nx;
    y = ny;
    angle += 0.35 * rng.normal();
    if (k > 0 && k < steps - 1 && length > 0.12 * layer.size && rng.uniform() < 0.5) {
      stampVessel(layer, x, y, angle + (rng.uniform() < 0.5 ? 0.8 : -0.8), 0.5 * length, 0.7 * width, rng);
    }
  }
}
