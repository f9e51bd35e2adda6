import { abs, add, meanAll, mul, reduceMean, sub, type Tensor } from "../graph/index.ts";
import { type ScaleScores, unitFeatures } from "../model/index.ts";

/** Sum of scalars. */
export const sumOf = (terms: readonly Tensor[]): Tensor => terms.reduce((all, term) => add(all, term));

const meanDistance = (a: Tensor, b: Tensor): Tensor => meanAll(abs(sub(a, b)));

/** Mean absolute difference of each layer, summed over layers and discriminators (arXiv 1711.11585, equation 4). */
export const featureMatching = (real: readonly ScaleScores[], fake: readonly ScaleScores[]): Tensor =>
  sumOf(fake.flatMap(({ features }, k) => features.map((layer, i) => meanDistance(layer, real[k]!.features[i]!))));

/** Layers of a frozen network for images [N, C, S, S] in [-1, 1]. */
export type FrozenLayers = (images: Tensor) => Tensor[];

/** Mean absolute difference of layers of a frozen network, each position at a mean square of 1; mean over layers. */
export function perceptualDistance(layers: FrozenLayers, real: Tensor, fake: Tensor): Tensor {
  const [ofReal, ofFake] = [real, fake].map((images) => layers(images).map(unitFeatures));
  return mul(sumOf(ofFake!.map((layer, i) => meanDistance(layer, ofReal![i]!))), 1 / ofFake!.length);
}

/** Mean logit of each image over patches, mean over discriminators, [N]. */
export const imageLogits = (scores: readonly ScaleScores[]): Tensor =>
  mul(sumOf(scores.map(({ logits }) => reduceMean(logits, [1, 2, 3], false))), 1 / scores.length);

/** A term of a loss. */
interface Term {
  readonly weight: number;
  readonly value: Tensor;
}

/** Sum of terms times their weights; those of weight 0 are left out. */
export const weightedSum = (terms: Readonly<Record<string, Term>>): Tensor =>
  sumOf(
    Object.values(terms)
      .filter(({ weight }) => weight > 0)
      .map(({ value, weight }) => mul(value, weight)),
  );
