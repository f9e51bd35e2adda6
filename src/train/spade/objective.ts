import {
  abs,
  add,
  exp,
  leakyRelu,
  meanAll,
  mul,
  neg,
  reduceMean,
  square,
  sub,
  type Tensor,
} from "../../graph/index.ts";
import type { CodeDistribution, ScaleScores } from "../../model/index.ts";

const sum = (terms: readonly Tensor[]): Tensor => terms.reduce((all, term) => add(all, term));

/** Hinge losses (Lim and Ye 2017, arXiv 1705.02894), means over patches, summed over discriminators (arXiv 1711.11585, equation 3). */
export const discriminatorHinge = (real: readonly ScaleScores[], fake: readonly ScaleScores[]): Tensor =>
  sum([
    ...real.map(({ logits }) => meanAll(leakyRelu(sub(1, logits), 0))),
    ...fake.map(({ logits }) => meanAll(leakyRelu(add(1, logits), 0))),
  ]);
export const generatorHinge = (fake: readonly ScaleScores[]): Tensor =>
  sum(fake.map(({ logits }) => neg(meanAll(logits))));

/** Mean absolute difference of each layer, summed over layers and discriminators (arXiv 1711.11585, equation 4). */
export const featureMatching = (real: readonly ScaleScores[], fake: readonly ScaleScores[]): Tensor =>
  sum(fake.flatMap(({ features }, k) => features.map((layer, i) => meanAll(abs(sub(layer, real[k]!.features[i]!))))));

/** Mean absolute difference of layers of a frozen network, mean over layers. */
export const perceptualDistance = (real: readonly Tensor[], fake: readonly Tensor[]): Tensor =>
  mul(sum(fake.map((layer, i) => meanAll(abs(sub(layer, real[i]!))))), 1 / fake.length);

/** Distance of the codes' distributions to a standard normal one, summed over the code, mean over the batch (arXiv 1312.6114, appendix B). */
export function codeDivergence({ mean, logVariance }: CodeDistribution): Tensor {
  const terms = sub(sub(add(square(mean), exp(logVariance)), logVariance), 1);
  return mul(meanAll(terms), mean.shape[1]! / 2);
}

/** Mean logit of each image over patches, mean over discriminators, [N]. */
export const imageLogits = (scores: readonly ScaleScores[]): Tensor =>
  mul(sum(scores.map(({ logits }) => reduceMean(logits, [1, 2, 3], false))), 1 / scores.length);
