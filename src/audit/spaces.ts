import type { ImageSource } from "../features/extractor.ts";
import { pixelVectors } from "../features/pixel-vectors.ts";
import { type Linear64, type Matrix, rowNorms2 } from "../math/linear/linear64.ts";

/** Side of the images that are compared as they are, in pixel space. */
const PIXEL_SIDE = 16;
const BLOCK = 1024;

/** The three datasets as rows of numbers, by pixels or by one extractor. */
export interface Space {
  /** `pixel`, or the name of an extractor. */
  readonly name: string;
  /** What the numbers are, one or two sentences. */
  readonly description: string;
  readonly train: Matrix;
  readonly holdout: Matrix;
  readonly synthetic: Matrix;
}

/** Area-averaged pixels `[n, channels * side²]`; the distance of two rows is the root mean squared difference, range 0..1. */
export function pixelRows(images: ImageSource): Matrix {
  const side = Math.min(PIXEL_SIDE, images.resolution);
  const columns = images.channels * side * side;
  const data = new Float64Array(images.count * columns);
  for (let start = 0; start < images.count; start += BLOCK) {
    const n = Math.min(BLOCK, images.count - start);
    const indices = Int32Array.from({ length: n }, (_, i) => start + i);
    data.set(pixelVectors(images, indices, side, images.channels).data, start * columns);
  }
  return { rows: images.count, columns, data };
}

/** Nearest row of a set for each query. */
export interface NearestRow {
  /** -1 where every row is of the query's own group. */
  readonly index: Int32Array;
  /** Euclidean; infinite where there is none. */
  readonly distance: Float64Array;
  /** Distance of the nearest row of another group than the nearest row's; infinite where there is none. */
  readonly second: Float64Array;
}

/**
 * Nearest target of each query, exhaustive.
 * @param groups Group of each target.
 * @param own Group of each query: targets of it do not count. Defaults to all counting.
 */
export async function nearest(
  targets: Matrix,
  queries: Matrix,
  linear: Linear64,
  groups: Int32Array,
  own?: Int32Array,
): Promise<NearestRow> {
  const index = new Int32Array(queries.rows).fill(-1);
  const first = new Float64Array(queries.rows).fill(Number.POSITIVE_INFINITY);
  const second = new Float64Array(queries.rows).fill(Number.POSITIVE_INFINITY);
  const [targetNorms, queryNorms] = [rowNorms2(targets), rowNorms2(queries)];
  await linear.innerProducts(targets, queries, ({ rowStart, rows, columnStart, columns, stride, values }) => {
    for (let i = 0; i < rows; i++) {
      const target = rowStart + i;
      for (let j = 0, at = i * stride; j < columns; j++, at++) {
        const query = columnStart + j;
        const value = targetNorms[target]! + queryNorms[query]! - 2 * values[at]!;
        if (value >= second[query]! || (own !== undefined && groups[target] === own[query])) continue;
        const same = index[query]! >= 0 && groups[index[query]!] === groups[target];
        if (value < first[query]!) {
          if (!same) second[query] = first[query]!;
          first[query] = value;
          index[query] = target;
        } else if (!same) second[query] = value;
      }
    }
  });
  const root = (values: Float64Array) => values.map((value) => Math.sqrt(Math.max(0, value)));
  return { index, distance: root(first), second: root(second) };
}
