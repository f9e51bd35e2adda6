import { quantile } from "../../math/quantile.ts";
import type { FeatureMatrix } from "../extractor.ts";

/** Least deviation of a feature: all are ratios, logarithms or shares of the range of a byte. */
const MIN_DEVIATION = 0.005;

/** Deviations within which the scale is linear; beyond it grows like a logarithm. */
const LINEAR = 3;

/** Half of the width of the middle 80 % of a normal distribution, in standard deviations. */
const MIDDLE = 1.2815515655446004;

/** Centre and deviation of each feature over real images. */
export interface RobustScale {
  readonly centre: Float64Array;
  readonly deviation: Float64Array;
}

/** Median, and the width of the middle 80 % in units of a normal distribution's deviation, of each column. */
export function robustScale({ n, d, data }: FeatureMatrix): RobustScale {
  const centre = new Float64Array(d);
  const deviation = new Float64Array(d);
  const column = new Float64Array(n);
  for (let c = 0; c < d; c++) {
    for (let i = 0; i < n; i++) column[i] = data[i * d + c]!;
    column.sort();
    centre[c] = quantile(column, 0.5);
    deviation[c] = Math.max(MIN_DEVIATION, (quantile(column, 0.9) - quantile(column, 0.1)) / (2 * MIDDLE));
  }
  return { centre, deviation };
}

/** Features in deviations from the centre, z, as 3 asinh(z / 3): no single image dominates a mean or a covariance. */
export function scaled(features: FeatureMatrix, { centre, deviation }: RobustScale): FeatureMatrix {
  const { d, data } = features;
  return {
    ...features,
    data: data.map((value, i) => LINEAR * Math.asinh((value - centre[i % d]!) / deviation[i % d]! / LINEAR)),
  };
}
