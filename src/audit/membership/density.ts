import { Rng } from "../../core/rng.ts";
import { centred, columnMeans, type Linear64, type Matrix, matrix, rowNorms2 } from "../../math/linear/linear64.ts";

/** Most principal components of the space in which densities are estimated. */
const COMPONENTS = 12;
const ITERATIONS = 12;

/** Orthonormal columns in place (modified Gram-Schmidt); columns that vanish become zero. */
function orthonormalise(q: Matrix): void {
  const { rows, columns, data } = q;
  for (let c = 0; c < columns; c++) {
    for (let b = 0; b <= c; b++) {
      let dot = 0;
      for (let r = 0; r < rows; r++) dot += data[r * columns + b]! * data[r * columns + c]!;
      if (b < c) for (let r = 0; r < rows; r++) data[r * columns + c]! -= dot * data[r * columns + b]!;
      else {
        const scale = dot > 1e-24 ? 1 / Math.sqrt(dot) : 0;
        for (let r = 0; r < rows; r++) data[r * columns + c]! *= scale;
      }
    }
  }
}

/** Coordinates in a space of few dimensions with variance 1 along each. */
export interface Whitening {
  readonly dimensions: number;
  apply(x: Matrix): Matrix;
}

/**
 * Principal components of a set, scaled to variance 1: subspace iteration on the second moments (Golub and Van Loan, 4th
 * ed., section 8.2.4), seeded.
 */
export async function whiten(from: Matrix, linear: Linear64, seed: number): Promise<Whitening> {
  const centre = columnMeans(from);
  const covariance = await linear.moments(from, centre);
  const d = from.columns;
  const k = Math.max(1, Math.min(COMPONENTS, d, Math.floor(from.rows / 10)));
  const basis = matrix(d, k, new Rng(seed, "components").fillNormal(new Float64Array(d * k)));
  orthonormalise(basis);
  const product = new Float64Array(d * k);
  const multiply = (): void => {
    product.fill(0);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        const value = covariance.data[i * d + j]!;
        for (let c = 0; c < k; c++) product[i * k + c]! += value * basis.data[j * k + c]!;
      }
    }
  };
  for (let step = 0; step < ITERATIONS; step++) {
    multiply();
    basis.data.set(product);
    orthonormalise(basis);
  }
  multiply();
  const scale = Float64Array.from({ length: k }, (_, c) => {
    let variance = 0;
    for (let i = 0; i < d; i++) variance += basis.data[i * k + c]! * product[i * k + c]!;
    variance /= Math.max(1, from.rows - 1);
    return variance > 1e-12 ? 1 / Math.sqrt(variance) : 0;
  });
  return {
    dimensions: k,
    apply(x) {
      const rows = centred(x, centre);
      const out = matrix(x.rows, k);
      for (let i = 0; i < x.rows; i++) {
        for (let j = 0; j < d; j++) {
          const value = rows.data[i * d + j]!;
          for (let c = 0; c < k; c++) out.data[i * k + c]! += value * basis.data[j * k + c]!;
        }
        for (let c = 0; c < k; c++) out.data[i * k + c]! *= scale[c]!;
      }
      return out;
    },
  };
}

/**
 * Logarithm of a Gaussian kernel density at each query, one bandwidth for all dimensions by Scott's rule
 * n^(-1/(d+4)) (Scott 1992, section 6.3.2), up to a constant that does not depend on the query.
 */
export async function logDensity(samples: Matrix, queries: Matrix, linear: Linear64): Promise<Float64Array> {
  const { rows: n, columns: d } = samples;
  const bandwidth = n ** (-1 / (d + 4));
  const scale = -0.5 / (bandwidth * bandwidth);
  const [sampleNorms, queryNorms] = [rowNorms2(samples), rowNorms2(queries)];
  const largest = new Float64Array(queries.rows).fill(Number.NEGATIVE_INFINITY);
  const sum = new Float64Array(queries.rows);
  await linear.innerProducts(samples, queries, ({ rowStart, rows, columnStart, columns, stride, values }) => {
    for (let i = 0; i < rows; i++) {
      const base = sampleNorms[rowStart + i]!;
      for (let j = 0, at = i * stride; j < columns; j++, at++) {
        const query = columnStart + j;
        const exponent = scale * Math.max(0, base + queryNorms[query]! - 2 * values[at]!);
        if (exponent > largest[query]!) {
          sum[query] = sum[query]! * Math.exp(largest[query]! - exponent) + 1;
          largest[query] = exponent;
        } else if (exponent > largest[query]! - 40) sum[query]! += Math.exp(exponent - largest[query]!);
      }
    }
  });
  return sum.map((value, i) => largest[i]! + Math.log(value / n) - d * Math.log(bandwidth));
}
