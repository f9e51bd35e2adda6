/** Value noise on a hashed lattice: smooth, cheap and the same on every machine for a seed. */

/** Hashes a lattice point to [0, 1). */
function latticeValue(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ seed;
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 0x1_0000_0000;
}

/** Smooth noise in [-1, 1] with one lattice cell per unit (quintic interpolation of lattice values). */
export function valueNoise(x: number, y: number, seed: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  const u = fx * fx * fx * (fx * (fx * 6 - 15) + 10);
  const v = fy * fy * fy * (fy * (fy * 6 - 15) + 10);
  const a = latticeValue(x0, y0, seed);
  const b = latticeValue(x0 + 1, y0, seed);
  const c = latticeValue(x0, y0 + 1, seed);
  const d = latticeValue(x0 + 1, y0 + 1, seed);
  return 2 * (a + u * (b - a) + v * (c - a) + u * v * (a - b - c + d)) - 1;
}

/** Sum of octaves of {@link valueNoise}, each twice the frequency and half the height; range [-1, 1]. */
export function fractalNoise(x: number, y: number, seed: number, octaves: number): number {
  let sum = 0;
  let height = 1;
  let total = 0;
  for (let octave = 0; octave < octaves; octave++) {
    sum += height * valueNoise(x, y, seed + 0x9e37 * octave);
    total += height;
    height /= 2;
    x = 2 * x + 17.3;
    y = 2 * y - 9.1;
  }
  return sum / total;
}

/**
 * Distance to the border between cells of a jittered lattice (second nearest minus nearest seed point), 0 on the
 * border, about 0.5 in a cell's middle. @param jitter 0 a regular lattice, 1 points anywhere in their cell
 */
export function cellBorder(x: number, y: number, seed: number, jitter: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  let first = 9;
  let second = 9;
  for (let j = -1; j <= 1; j++) {
    for (let i = -1; i <= 1; i++) {
      const px = x0 + i + 0.5 + jitter * (latticeValue(x0 + i, y0 + j, seed) - 0.5);
      const py = y0 + j + 0.5 + jitter * (latticeValue(x0 + i, y0 + j, seed ^ 0x5bd1e995) - 0.5);
      const d = (px - x) * (px - x) + (py - y) * (py - y);
      if (d < first) {
        second = first;
        first = d;
      } else if (d < second) second = d;
    }
  }
  return Math.sqrt(second) - Math.sqrt(first);
}

/** 0 below `low`, 1 above `high`, a smooth cubic between. `low` may lie above `high` for a falling step. */
export function smoothStep(low: number, high: number, x: number): number {
  const t = Math.min(1, Math.max(0, (x - low) / (high - low)));
  return t * t * (3 - 2 * t);
}
