import type { Similarity } from "./similarity.ts";
import { sourceOf } from "./similarity.ts";
import { FLAT, type View } from "./structure.ts";

/** Correlation above which a tile counts no more: rounding alone keeps equal tiles below 1. */
export const MOST = 0.97;

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

/** A pixel this close to the edge of a picture may be rounded over it. */
const ROUNDING = 1e-9;
/** Buffers of one comparison, made once. */
const tileSums = new Float64Array(16 * 16);

/** Count, sums, squares and product of the two structures in a tile. */
const tileMoments = { n: 0, q1: 0, t1: 0, qq: 0, tt: 0, qt: 0 };

/** Fills {@link tileMoments} for the pixels from (left, top) to before (right, bottom). @param m See {@link sourceOf} */
function measureTile(
  query: Float32Array,
  target: Float32Array,
  side: number,
  m: Float64Array,
  top: number,
  bottom: number,
  left: number,
  right: number,
): void {
  // Plain constants: this runs for every tile of every position, where taking arrays apart costs as much as the pixels.
  const a = m[0]!;
  const b = m[1]!;
  const c = m[2]!;
  const d = m[3]!;
  const e = m[4]!;
  const f = m[5]!;
  const last = side - 1;
  const uAcross = a * (right - 1 - left);
  const uDown = b * (bottom - 1 - top);
  const vAcross = d * (right - 1 - left);
  const vDown = e * (bottom - 1 - top);
  const u0 = a * left + b * top + c;
  const v0 = d * left + e * top + f;
  const inside =
    u0 + Math.min(0, uAcross) + Math.min(0, uDown) > ROUNDING &&
    v0 + Math.min(0, vAcross) + Math.min(0, vDown) > ROUNDING &&
    u0 + Math.max(0, uAcross) + Math.max(0, uDown) < last - ROUNDING &&
    v0 + Math.max(0, vAcross) + Math.max(0, vDown) < last - ROUNDING;
  let n = 0;
  let q1 = 0;
  let t1 = 0;
  let qq = 0;
  let tt = 0;
  let qt = 0;
  if (inside) {
    // The tile lies wholly within the query: no edge has to be looked for at any pixel.
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const u = a * x + b * y + c;
        const v = d * x + e * y + f;
        const column = u | 0;
        const row = v | 0;
        const at = row * side + column;
        const wx = u - column;
        const upper = query[at]! + wx * (query[at + 1]! - query[at]!);
        const lower = query[at + side]! + wx * (query[at + side + 1]! - query[at + side]!);
        const q = upper + (v - row) * (lower - upper);
        const t = target[y * side + x]!;
        q1 += q;
        t1 += t;
        qq += q * q;
        tt += t * t;
        qt += q * t;
      }
    }
    n = (bottom - top) * (right - left);
  }
  if (!inside || Number.isNaN(qt)) {
    n = 0;
    q1 = 0;
    t1 = 0;
    qq = 0;
    tt = 0;
    qt = 0;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const u = a * x + b * y + c;
        const v = d * x + e * y + f;
        if (u < -0.5 || v < -0.5 || u > last + 0.5 || v > last + 0.5) continue;
        const cu = u < 0 ? 0 : u > last ? last : u;
        const cv = v < 0 ? 0 : v > last ? last : v;
        const from = cu | 0;
        const above = cv | 0;
        const x1 = from < last ? 1 : 0;
        const y1 = above < last ? side : 0;
        const wx = cu - from;
        const wy = cv - above;
        const at = above * side + from;
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
  }
  tileMoments.n = n;
  tileMoments.q1 = q1;
  tileMoments.t1 = t1;
  tileMoments.qq = qq;
  tileMoments.tt = tt;
  tileMoments.qt = qt;
}

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
  const across = Math.ceil(side / tile);
  const sums = tileSums;
  for (let row = 0; row < across; row++) {
    for (let column = 0; column < across; column++) {
      const bottom = Math.min(side, (row + 1) * tile);
      const right = Math.min(side, (column + 1) * tile);
      measureTile(query, target, side, m, row * tile, bottom, column * tile, right);
      const { n, q1, t1, qq, tt, qt } = tileMoments;
      let found = 0;
      if (2 * n >= tile * tile) {
        const varQ = qq - (q1 * q1) / n;
        const varT = tt - (t1 * t1) / n;
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
export function bestRectangle(values: Float64Array, across: number): Evidence {
  let best = 0;
  let left = 0;
  let top = 0;
  let right = 0;
  let bottom = 0;
  const columns = new Float64Array(across);
  for (let from = 0; from < across; from++) {
    columns.fill(0);
    for (let to = from; to < across; to++) {
      let run = 0;
      let start = 0;
      for (let x = 0; x < across; x++) {
        columns[x]! += values[to * across + x]!;
        if (run <= 0) {
          run = 0;
          start = x;
        }
        run += columns[x]!;
        if (run > best) {
          best = run;
          left = start;
          top = from;
          right = x + 1;
          bottom = to + 1;
        }
      }
    }
  }
  return {
    value: best,
    region: { left: left / across, top: top / across, right: right / across, bottom: bottom / across },
  };
}
