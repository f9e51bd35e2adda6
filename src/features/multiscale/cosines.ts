/** Rows of the orthonormal cosine transform (DCT-II) of `n` numbers, n x n. */
function cosineRows(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [k, i] = [Math.floor(at / n), at % n];
    return Math.sqrt((k === 0 ? 1 : 2) / n) * Math.cos((Math.PI * (i + 0.5) * k) / n);
  });
}

const known = new Map<number, Float64Array>();

/**
 * The lowest coefficients of the two-dimensional cosine transform of a square grid, in units of the grid's mean: those of
 * order u + v from `least` to `most`. Pixels of natural images are correlated; these coefficients hardly are.
 */
export function lowCosines(grid: Float64Array, least: number, most: number): number[] {
  const n = Math.sqrt(grid.length);
  const rows = known.get(n) ?? cosineRows(n);
  known.set(n, rows);
  const out: number[] = [];
  const half = new Float64Array(n * (most + 1));
  for (let v = 0; v <= most; v++) {
    for (let y = 0; y < n; y++) {
      let sum = 0;
      for (let x = 0; x < n; x++) sum += rows[v * n + x]! * grid[y * n + x]!;
      half[v * n + y] = sum;
    }
  }
  for (let order = least; order <= most; order++) {
    for (let u = 0; u <= order; u++) {
      const v = order - u;
      let sum = 0;
      for (let y = 0; y < n; y++) sum += rows[u * n + y]! * half[v * n + y]!;
      out.push(sum / n);
    }
  }
  return out;
}
