import { add, div, reduceMean, reshape, sqrt, square, sub, type Tensor } from "../../graph/index.ts";
import type { ParameterLayout } from "../../model/index.ts";

/** Added to variances, so that a feature which does not vary stays finite. */
const EPSILON = 1e-6;

/**
 * Standardises features over the images of a batch (batch normalisation, Ioffe and Szegedy 2015, arXiv 1502.03167,
 * algorithm 1, without scale and shift, which the head behind it has): what all images share carries no class, but
 * is most of a mean over pixels, and would hold the head back.
 * @param features [N, F]
 * @returns features [N, F], and the mean and variance of the batch [F]
 */
export function standardiseFeatures(features: Tensor): { features: Tensor; mean: Tensor; variance: Tensor } {
  const mean = reduceMean(features, [0]);
  const centred = sub(features, mean);
  const variance = reduceMean(square(centred), [0]);
  const width = features.shape[1]!;
  return {
    features: div(centred, sqrt(add(variance, EPSILON))),
    mean: reshape(mean, [width]),
    variance: reshape(variance, [width]),
  };
}

/**
 * Flat weights whose head reads features as they are, and says of them what the head of `flat` says of features that are
 * standardised by this mean and variance [F].
 */
export function foldStandardisation(
  layout: ParameterLayout,
  flat: Float32Array,
  mean: ArrayLike<number>,
  variance: ArrayLike<number>,
): Float32Array {
  const find = (name: string) => layout.parameters.find((parameter) => parameter.name === name)!;
  const [weight, bias] = [find("head.weight"), find("head.bias")];
  const [classes, width] = weight.shape;
  const out = flat.slice();
  for (let k = 0; k < classes!; k++) {
    let shift = 0;
    for (let c = 0; c < width!; c++) {
      const at = weight.offset + k * width! + c;
      const folded = flat[at]! / Math.sqrt(variance[c]! + EPSILON);
      out[at] = folded;
      shift += folded * mean[c]!;
    }
    out[bias.offset + k]! -= shift;
  }
  return out;
}
