import { invariant } from "../../core/errors.ts";
import { centred, columnMeans, type Linear64, type Matrix, rowNorms2 } from "../../math/linear/linear64.ts";
import { median } from "../../math/quantile.ts";

/** Nearest other members within one set. */
interface OwnNeighbours {
  /** Squared distance to the k-th nearest other member, length n. */
  readonly kth2: Float64Array;
  /** Squared distance to the nearest other member, length n. */
  readonly first2: Float64Array;
  /** Squared distances to the k nearest other members, ascending, and their indices, row-major `[n,k]`. */
  readonly smallest2: Float64Array;
  readonly nearest: Int32Array;
}

/** What the neighbour metrics need to know of two sets of features; distances are squared Euclidean. */
export interface Neighbourhoods {
  readonly k: number;
  readonly real: OwnNeighbours;
  readonly synthetic: OwnNeighbours;
  /** Per synthetic sample: in how many real balls (radius: k-th nearest other real) it lies. */
  readonly realBallsAround: Int32Array;
  /** The same with no real ball wider than the median one, its edge included. */
  readonly clippedBallsAround: Int32Array;
  /** Per real sample: in how many of those balls of other real samples it lies. */
  readonly realClippedBallsAround: Int32Array;
  /** Per real sample: synthetic samples in its ball. */
  readonly syntheticInBall: Int32Array;
  /** Per real sample: 1 if it lies in the ball of any synthetic sample. */
  readonly inSyntheticBall: Uint8Array;
  /** Per real sample: squared distance to the nearest synthetic one. */
  readonly nearestSynthetic2: Float64Array;
  /** Per synthetic sample: index of the nearest real one. */
  readonly nearestReal: Int32Array;
  /** Per synthetic sample: squared distance to the nearest real one. */
  readonly nearestReal2: Float64Array;
  /** Per real sample: squared distance to the mean of the real ones. */
  readonly realToOwnMean2: Float64Array;
  /** Per synthetic sample: squared distance to the mean of the real ones. */
  readonly syntheticToRealMean2: Float64Array;
  /** Per synthetic sample: squared distance to the mean of the synthetic ones. */
  readonly syntheticToOwnMean2: Float64Array;
  /**
   * Per real sample: least `syntheticToOwnMean2` of the synthetic samples nearer to it than the nearest other real one;
   * infinite where there is none.
   */
  readonly innermostSynthetic2: Float64Array;
}

/** Puts a value into an ascending list of the k smallest, given that it is below the last, and its index beside it. */
function insert(
  smallest: Float64Array,
  nearest: Int32Array,
  start: number,
  k: number,
  value: number,
  index: number,
): void {
  let at = start + k - 1;
  while (at > start && smallest[at - 1]! > value) {
    smallest[at] = smallest[at - 1]!;
    nearest[at] = nearest[at - 1]!;
    at--;
  }
  smallest[at] = value;
  nearest[at] = index;
}

/** Squared distances to the nearest and k-th nearest other member of the same set. n > k. */
async function ownNeighbours(x: Matrix, k: number, linear: Linear64): Promise<OwnNeighbours> {
  const n = x.rows;
  invariant(n > k && k >= 1, `${n} samples have no ${k}-th nearest other one`);
  const norms = rowNorms2(x);
  const smallest = new Float64Array(n * k).fill(Number.POSITIVE_INFINITY);
  const nearest = new Int32Array(n * k);
  const worst = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  await linear.innerProducts(
    x,
    x,
    ({ rowStart, rows, columnStart, columns, stride, values }) => {
      for (let i = 0; i < rows; i++) {
        const row = rowStart + i;
        const base = norms[row]!;
        const begin = rowStart === columnStart ? i + 1 : 0;
        let limit = worst[row]!;
        for (let j = begin, at = i * stride + begin; j < columns; j++, at++) {
          const column = columnStart + j;
          const distance = base + norms[column]! - 2 * values[at]!;
          // Most pairs are far apart: two comparisons pass them by.
          if (distance >= limit && distance >= worst[column]!) continue;
          if (distance < limit) {
            insert(smallest, nearest, row * k, k, distance, column);
            limit = smallest[row * k + k - 1]!;
          }
          if (distance < worst[column]!) {
            insert(smallest, nearest, column * k, k, distance, row);
            worst[column] = smallest[column * k + k - 1]!;
          }
        }
        worst[row] = limit;
      }
    },
    { symmetric: true },
  );
  const kth2 = worst.map((value) => Math.max(0, value));
  const first2 = kth2.map((_, i) => Math.max(0, smallest[i * k]!));
  return { kth2, first2, smallest2: smallest, nearest };
}

/** In how many balls of other members each member lies, no ball wider than `radii2` says. */
function ownBallsAround({ smallest2, nearest }: OwnNeighbours, k: number, radii2: Float64Array): Int32Array {
  const counts = new Int32Array(radii2.length);
  for (const [at, distance] of smallest2.entries()) {
    if (distance <= radii2[Math.floor(at / k)]!) counts[nearest[at]!]!++;
  }
  return counts;
}

/**
 * All relations between two sets of features that the metrics of neighbours and supports need, from one pass over each
 * block of distances. Memory grows with n, not with n².
 * @param real `[n,d]`, n > k
 * @param synthetic `[m,d]`, m > k
 */
export async function neighbourhoods(
  realFeatures: Matrix,
  syntheticFeatures: Matrix,
  k: number,
  linear: Linear64,
): Promise<Neighbourhoods> {
  // Distances do not change under a shift; centring keeps the rounding of |x|² + |y|² - 2 x·y small.
  const centre = columnMeans(realFeatures);
  const x = centred(realFeatures, centre);
  const y = centred(syntheticFeatures, centre);
  const real = await ownNeighbours(x, k, linear);
  const synthetic = await ownNeighbours(y, k, linear);
  const xNorms = rowNorms2(x);
  const yNorms = rowNorms2(y);
  const realBallsAround = new Int32Array(y.rows);
  const mostRadius2 = median(real.kth2);
  const radii2 = real.kth2.map((radius2) => Math.min(radius2, mostRadius2));
  const clippedBallsAround = new Int32Array(y.rows);
  const syntheticInBall = new Int32Array(x.rows);
  const inSyntheticBall = new Uint8Array(x.rows);
  const nearestSynthetic2 = new Float64Array(x.rows).fill(Number.POSITIVE_INFINITY);
  const syntheticToOwnMean2 = rowNorms2(centred(y, columnMeans(y)));
  const innermostSynthetic2 = new Float64Array(x.rows).fill(Number.POSITIVE_INFINITY);
  const nearestReal = new Int32Array(y.rows);
  const nearestReal2 = new Float64Array(y.rows).fill(Number.POSITIVE_INFINITY);
  /** Squared distance from which on a pair changes nothing that is kept for its synthetic sample. */
  const reach = new Float64Array(y.rows).fill(Number.POSITIVE_INFINITY);
  await linear.innerProducts(x, y, ({ rowStart, rows, columnStart, columns, stride, values }) => {
    for (let i = 0; i < rows; i++) {
      const row = rowStart + i;
      const base = xNorms[row]!;
      const radius = real.kth2[row]!;
      const clipped = radii2[row]!;
      let inBall = 0;
      const first = real.first2[row]!;
      let nearest = nearestSynthetic2[row]!;
      let inside = inSyntheticBall[row]!;
      let innermost = innermostSynthetic2[row]!;
      let limit = Math.max(radius, nearest);
      for (let j = 0, at = i * stride; j < columns; j++, at++) {
        const column = columnStart + j;
        const distance = base + yNorms[column]! - 2 * values[at]!;
        // Most pairs are far apart: two comparisons pass them by.
        if (distance > limit && distance > reach[column]!) continue;
        if (distance < radius) {
          realBallsAround[column]!++;
          inBall++;
          if (distance < first && syntheticToOwnMean2[column]! < innermost) innermost = syntheticToOwnMean2[column]!;
        }
        if (distance <= clipped) clippedBallsAround[column]!++;
        if (distance < synthetic.kth2[column]!) inside = 1;
        if (distance < nearest) {
          nearest = distance;
          limit = Math.max(radius, nearest);
        }
        if (distance < nearestReal2[column]!) {
          nearestReal2[column] = distance;
          nearestReal[column] = row;
          reach[column] = Math.max(synthetic.kth2[column]!, distance);
        }
      }
      nearestSynthetic2[row] = nearest;
      syntheticInBall[row]! += inBall;
      inSyntheticBall[row] = inside;
      innermostSynthetic2[row] = innermost;
    }
  });
  for (const list of [nearestSynthetic2, nearestReal2])
    for (let i = 0; i < list.length; i++) if (list[i]! < 0) list[i] = 0;
  return {
    k,
    real,
    synthetic,
    realBallsAround,
    clippedBallsAround,
    realClippedBallsAround: ownBallsAround(real, k, radii2),
    syntheticInBall,
    inSyntheticBall,
    nearestSynthetic2,
    nearestReal,
    nearestReal2,
    realToOwnMean2: xNorms,
    syntheticToRealMean2: yNorms,
    syntheticToOwnMean2,
    innermostSynthetic2,
  };
}
