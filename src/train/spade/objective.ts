import { add, exp, leakyRelu, meanAll, mul, neg, square, sub, type Tensor } from "../../graph/index.ts";
import type { CodeDistribution, ScaleScores } from "../../model/index.ts";
import { sumOf } from "../scale-losses.ts";

/** Hinge losses (Lim and Ye 2017, arXiv 1705.02894), means over patches, summed over discriminators (arXiv 1711.11585, equation 3). */
export const discriminatorHinge = (real: readonly ScaleScores[], fake: readonly ScaleScores[]): Tensor =>
  sumOf([
    ...real.map(({ logits }) => meanAll(leakyRelu(sub(1, logits), 0))),
    ...fake.map(({ logits }) => meanAll(leakyRelu(add(1, logits), 0))),
  ]);
export const generatorHinge = (fake: readonly ScaleScores[]): Tensor =>
  sumOf(fake.map(({ logits }) => neg(meanAll(logits))));

/** Distance of the codes' distributions to a standard normal one, summed over the code, mean over the batch (arXiv 1312.6114, appendix B). */
export function codeDivergence({ mean, logVariance }: CodeDistribution): Tensor {
  const terms = sub(sub(add(square(mean), exp(logVariance)), logVariance), 1);
  return mul(meanAll(terms), mean.shape[1]! / 2);
}
