import { type Linear64, type Matrix, matrix, rowNorms2 } from "../../math/linear/linear64.ts";

/** Euclidean distance of every row of x to every row of y, `[n,m]`. */
export async function pairDistances(x: Matrix, y: Matrix, linear: Linear64): Promise<Matrix> {
  const { data, rows, columns } = await linear.multiplyTransposed(x, y);
  const [xNorms, yNorms] = [rowNorms2(x), rowNorms2(y)];
  const out = matrix(rows, columns);
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++)
      out.data[at] = Math.sqrt(Math.max(0, xNorms[i]! + yNorms[j]! - 2 * data[at]!));
  }
  return out;
}

const total = ({ data }: Matrix): number => data.reduce((a, b) => a + b, 0);

/**
 * Energy distance of two sets (Székely and Rizzo 2013, J. Stat. Plan. Inference 143, equation 2.1): 2 E|X - Y| - E|X - X'|
 * - E|Y - Y'|, each mean over different images (U-statistic), so that the expectation is 0 for equal distributions at any
 * number of images; single values may be below 0.
 * @param within Sum of the distances inside each set, both orders; of n and of m rows.
 * @param across Sum of the distances from one set to the other.
 */
const energyOf = (n: number, m: number, within: readonly [number, number], across: number): number =>
  (2 * across) / (n * m) - within[0] / (n * (n - 1)) - within[1] / (m * (m - 1));

/** {@link energyOf} of two sets of at least two rows. @param inX distances inside x, where they are known */
export async function energyDistance(x: Matrix, y: Matrix, linear: Linear64, inX?: Matrix): Promise<number> {
  const xx = inX ?? (await pairDistances(x, x, linear));
  const yy = await pairDistances(y, y, linear);
  const xy = await pairDistances(x, y, linear);
  return energyOf(x.rows, y.rows, [diagonalFree(xx), diagonalFree(yy)], total(xy));
}

/** Sum without the diagonal, whose rounding is no distance. */
function diagonalFree(distances: Matrix): number {
  let diagonal = 0;
  for (let i = 0; i < distances.rows; i++) diagonal += distances.data[i * distances.columns + i]!;
  return total(distances) - diagonal;
}

/**
 * Energy distances of random divisions of rows in two: what the distance does where there is nothing to find (permutation
 * test).
 * @param all distances among the rows of both sets, first set first
 * @param n rows of the first set
 * @param shuffle Puts the 2n or n + m row numbers in another order, in place.
 */
export function dividedEnergies(
  all: Matrix,
  n: number,
  divisions: number,
  shuffle: (order: Int32Array) => void,
): number[] {
  const count = all.rows;
  const m = count - n;
  return Array.from({ length: divisions }, () => {
    const order = Int32Array.from({ length: count }, (_, i) => i);
    shuffle(order);
    const first = new Uint8Array(count);
    for (let i = 0; i < n; i++) first[order[i]!] = 1;
    let [xx, yy, xy] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      for (let j = 0, at = i * count; j < i; j++, at++) {
        const distance = all.data[at]!;
        if (first[i] !== first[j]) xy += distance;
        else if (first[i] === 1) xx += distance;
        else yy += distance;
      }
    }
    return energyOf(n, m, [2 * xx, 2 * yy], xy);
  });
}
