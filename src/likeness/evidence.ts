import type { Similarity } from "./similarity.ts";
import { sourceOf } from "./similarity.ts";
import { FLAT, type View } from "./structure.ts";

/** Correlation above which a tile counts no more: rounding alone keeps equal tiles below 1. */
const MOST = 0.97;

/** Part of an image, shares of its side. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The part in words; null for nearly the whole. */
export function regionInWords({ left, top, right, bottom }: Region): string | null {
  const [width, height] = [right - left, bottom - top];
  if (width * height >= 0.7) return null;
  const half = (size: number) => Math.abs(size - 0.5) < 0.15;
  if (half(width) && height > 0.8) return left < 0.25 ? "left half" : right > 0.75 ? "right half" : "middle half";
  if (half(height) && width > 0.8) return top < 0.25 ? "upper half" : bottom > 0.75 ? "lower half" : "middle half";
  return "region";
}

export interface Evidence {
  /**
   * Sum over the tiles of the best rectangle of -½ ln(1 - c²), c the correlation of the two structures in the tile where
   * it is above 0, less what other images give by chance: the information that the one image has of the other, in nats a
   * pixel of independent structure (Gaussian model), 0 for unrelated images.
   */
  readonly value: number;
  readonly region: Region;
}

/** Buffers of one comparison, made once. */
const tileSums = new Float64Array(16 * 16);

/**
 * Evidence that a target shows the image that a query is made from, with the query laid on it. What is NaN in either (the
 * surround of a picture) is not compared.
 * @param query Structure of the query, `[side²]`. @param target Structure of the target, `[side²]`.
 */
export function evidenceOf(
  query: Float32Array,
  target: Float32Array,
  side: number,
  { tile, chance }: View,
  similarity: Similarity,
): Evidence {
  const m = sourceOf(similarity, side);
  const [a, b, c, d, e, f] = [m[0]!, m[1]!, m[2]!, m[3]!, m[4]!, m[5]!];
  const across = Math.ceil(side / tile);
  const last = side - 1;
  const sums = tileSums;
  for (let row = 0; row < across; row++) {
    for (let column = 0; column < across; column++) {
      const [bottom, right] = [Math.min(side, (row + 1) * tile), Math.min(side, (column + 1) * tile)];
      let [n, q1, t1, qq, tt, qt] = [0, 0, 0, 0, 0, 0];
      for (let y = row * tile; y < bottom; y++) {
        for (let x = column * tile; x < right; x++) {
          const u = a * x + b * y + c;
          const v = d * x + e * y + f;
          if (u < -0.5 || v < -0.5 || u > last + 0.5 || v > last + 0.5) continue;
          const cu = u < 0 ? 0 : u > last ? last : u;
          const cv = v < 0 ? 0 : v > last ? last : v;
          const left = cu | 0;
          const top = cv | 0;
          const x1 = left < last ? 1 : 0;
          const y1 = top < last ? side : 0;
          const wx = cu - left;
          const wy = cv - top;
          const at = top * side + left;
          const upper = query[at]! + wx * (query[at + x1]! - query[at]!);
          const lower = query[at + y1]! + wx * (query[at + y1 + x1]! - query[at + y1]!);
          const q = upper + wy * (lower - upper);
          const t = target[y * side + x]!;
          if (Number.isNaN(q + t)) continue;
          n++;
          q1 += q;
          t1 += t;
          qq += q * q;
          tt += t * t;
          qt += q * t;
        }
      }
      let found = 0;
      if (2 * n >= tile * tile) {
        const [varQ, varT] = [qq - (q1 * q1) / n, tt - (t1 * t1) / n];
        const cov = qt - (q1 * t1) / n;
        if (cov > 0 && varQ > FLAT * n && varT > FLAT * n) {
          const rho = Math.min(MOST, cov / Math.sqrt(varQ * varT));
          found = -0.5 * Math.log(1 - rho * rho) * Math.min(1, n / (tile * tile));
        }
      }
      sums[row * across + column] = found - chance;
    }
  }
  return bestRectangle(sums, across);
}

/** The rectangle of tiles of the greatest sum (Kadane's scan over every band of rows). */
function bestRectangle(values: Float64Array, across: number): Evidence {
  let best = 0;
  let [left, top, right, bottom] = [0, 0, 0, 0];
  const columns = new Float64Array(across);
  for (let from = 0; from < across; from++) {
    columns.fill(0);
    for (let to = from; to < across; to++) {
      let run = 0;
      let start = 0;
      for (let x = 0; x < across; x++) {
        columns[x]! += values[to * across + x]!;
        if (run <= 0) [run, start] = [0, x];
        run += columns[x]!;
        if (run > best) {
          best = run;
          [left, top, right, bottom] = [start, from, x + 1, to + 1];
        }
      }
    }
  }
  return {
    value: best,
    region: { left: left / across, top: top / across, right: right / across, bottom: bottom / across },
  };
}
