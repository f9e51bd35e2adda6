import { invariant } from "../../core/errors.ts";
import { type Linear64, type Matrix, matrix, type ProductOptions, rowsView, type Tile } from "./linear64.ts";

const TILE = 64;

function dot(a: Float64Array, i: number, b: Float64Array, j: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += a[i + k]! * b[j + k]!;
  return sum;
}

function multiplyTransposed(x: Matrix, y: Matrix): Matrix {
  const out = matrix(x.rows, y.rows);
  for (let i = 0, at = 0; i < x.rows; i++) {
    for (let j = 0; j < y.rows; j++) out.data[at++] = dot(x.data, i * x.columns, y.data, j * y.columns, x.columns);
  }
  return out;
}

async function innerProducts(
  x: Matrix,
  y: Matrix,
  visit: (tile: Tile) => void,
  { symmetric = false }: ProductOptions = {},
): Promise<void> {
  invariant(!symmetric || x === y, "a symmetric product is of one matrix");
  for (let rowStart = 0; rowStart < x.rows; rowStart += TILE) {
    const rows = Math.min(TILE, x.rows - rowStart);
    for (let columnStart = symmetric ? rowStart : 0; columnStart < y.rows; columnStart += TILE) {
      const columns = Math.min(TILE, y.rows - columnStart);
      const { data } = multiplyTransposed(rowsView(x, rowStart, rows), rowsView(y, columnStart, columns));
      visit({ rowStart, rows, columnStart, columns, stride: columns, values: data });
    }
  }
}

/** Plain JavaScript, small tiles, one thread: the form that the tests hold the fast one against. */
export function referenceLinear64(): Linear64 {
  return {
    multiplyTransposed: async (x, y) => multiplyTransposed(x, y),
    innerProducts,
    close: async () => undefined,

    async moments(x, centre) {
      const d = x.columns;
      const out = matrix(d, d);
      for (let i = 0; i < x.rows; i++) {
        for (let a = 0; a < d; a++) {
          const value = x.data[i * d + a]! - centre[a]!;
          for (let b = 0; b < d; b++) out.data[a * d + b]! += value * (x.data[i * d + b]! - centre[b]!);
        }
      }
      return out;
    },

    async cubicForms(x, y, u, v) {
      const out = new Float64Array(u.columns);
      for (let i = 0; i < x.rows; i++) {
        for (let j = 0; j < y.rows; j++) {
          const k = (dot(x.data, i * x.columns, y.data, j * y.columns, x.columns) / x.columns + 1) ** 3;
          for (let r = 0; r < out.length; r++) out[r]! += u.data[i * u.columns + r]! * v.data[j * v.columns + r]! * k;
        }
      }
      return out;
    },
  };
}
