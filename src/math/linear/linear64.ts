/**
 * The few float64 products that the metrics spend their time in. {@link referenceLinear64} is the plain form that tests
 * compare with; {@link file://./runtime-linear64.ts} runs the same products on the compiled engine.
 */

/** Dense row-major matrix of float64. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Length rows * columns. */
  readonly data: Float64Array;
}

/** A rectangle of a matrix of inner products; `values` is only valid during the visit. */
export interface Tile {
  readonly rowStart: number;
  readonly rows: number;
  readonly columnStart: number;
  readonly columns: number;
  /** Numbers from one row of `values` to the next, at least `columns`. */
  readonly stride: number;
  /** Row-major: entry (i, j) of the tile is values[i * stride + j]. */
  readonly values: Float64Array;
}

export interface ProductOptions {
  /**
   * The two sides are the same matrix, so that entry (i, j) equals entry (j, i): only the tiles on and above the
   * diagonal are computed. Tiles on the diagonal are square and whole. Defaults to false.
   */
  readonly symmetric?: boolean;
}

export interface Linear64 {
  /** x yᵀ: `[n,d] x [m,d] => [n,m]`. */
  multiplyTransposed(x: Matrix, y: Matrix): Promise<Matrix>;

  /** Second moments about a centre `[d]`: (x - c)ᵀ (x - c), `[n,d] => [d,d]`. */
  moments(x: Matrix, centre: Float64Array): Promise<Matrix>;

  /**
   * Visits x yᵀ in tiles, in flat memory, in no stated order.
   * @throws GanglionError `internal` for a symmetric product of two different matrices
   */
  innerProducts(x: Matrix, y: Matrix, visit: (tile: Tile) => void, options?: ProductOptions): Promise<void>;

  /**
   * For each column r: sum over i, j of u[i,r] v[j,r] (x_i·y_j / d + 1)³, the diagonal included.
   * @param u `[n,R]` weights of the rows of x
   * @param v `[m,R]` weights of the rows of y
   * @throws GanglionError `internal` for a symmetric form of different matrices or weights
   */
  cubicForms(x: Matrix, y: Matrix, u: Matrix, v: Matrix, options?: ProductOptions): Promise<Float64Array>;

  /** Frees what the backend holds. */
  close(): Promise<void>;
}

/** Matrix over existing data. */
export function matrix(rows: number, columns: number, data: Float64Array = new Float64Array(rows * columns)): Matrix {
  return { rows, columns, data };
}

/** Copy of the rows named by `indices`, in that order. */
export function takeRows(source: Matrix, indices: ArrayLike<number>): Matrix {
  const { columns } = source;
  const out = matrix(indices.length, columns);
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i]! * columns;
    out.data.set(source.data.subarray(start, start + columns), i * columns);
  }
  return out;
}

/** View of consecutive rows; shares the data. */
export function rowsView(source: Matrix, start: number, rows: number): Matrix {
  const { columns } = source;
  return matrix(rows, columns, source.data.subarray(start * columns, (start + rows) * columns));
}

/** Column means, length columns. */
export function columnMeans(x: Matrix): Float64Array {
  const mean = new Float64Array(x.columns);
  for (let i = 0, at = 0; i < x.rows; i++) for (let c = 0; c < x.columns; c++) mean[c]! += x.data[at++]!;
  for (let c = 0; c < x.columns; c++) mean[c]! /= x.rows;
  return mean;
}

/** (x - centre) * scale, row by row. */
export function centred(x: Matrix, centre: Float64Array, scale = 1): Matrix {
  const out = matrix(x.rows, x.columns);
  for (let i = 0, at = 0; i < x.rows; i++) {
    for (let c = 0; c < x.columns; c++, at++) out.data[at] = (x.data[at]! - centre[c]!) * scale;
  }
  return out;
}

/** Squared Euclidean norm of each row. */
export function rowNorms2(x: Matrix): Float64Array {
  const out = new Float64Array(x.rows);
  for (let i = 0, at = 0; i < x.rows; i++) {
    let sum = 0;
    for (let c = 0; c < x.columns; c++, at++) sum += x.data[at]! * x.data[at]!;
    out[i] = sum;
  }
  return out;
}
