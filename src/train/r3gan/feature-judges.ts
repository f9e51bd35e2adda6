import { add, meanAll, mul, type Tensor } from "../../graph/index.ts";
import { headLogits, unitFeatures, type Weights } from "../../model/index.ts";
import { gradientPenalty } from "../gradient-penalty.ts";
import type { PairLogits } from "./objective.ts";

/** Layers of a frozen network for images [N, C, S, S] in [-1, 1]. */
export type FrozenFeatures = (images: Tensor) => Tensor[];

/** Images of a step, augmented, apart: nothing is propagated back to real ones. */
export interface ImagePair {
  readonly real: Tensor;
  readonly fake: Tensor;
}

/** What a head says of one layer of a pair, and the layer itself at unit scale. */
export interface JudgedLayer {
  readonly features: ImagePair;
  readonly logits: PairLogits;
}

/** What the heads of D say of the layers of a frozen network, each with the labels [N, K] of both images. */
export function judgeLayers(
  features: FrozenFeatures,
  weights: Weights,
  images: ImagePair,
  labels: Tensor,
): JudgedLayer[] {
  const [real, fake] = [features(images.real).map(unitFeatures), features(images.fake).map(unitFeatures)];
  return real.map((layer, i) => {
    const pair = { real: layer, fake: fake[i]! };
    return {
      features: pair,
      logits: { real: headLogits(weights, i, pair.real, labels), fake: headLogits(weights, i, pair.fake, labels) },
    };
  });
}

const mean = (values: readonly Tensor[]): Tensor =>
  mul(
    values.reduce((sum, value) => add(sum, value)),
    1 / values.length,
  );

/** Mean over layers of a loss of pairs, a scalar. */
export const layerLoss = (layers: readonly JudgedLayer[], loss: (pair: PairLogits) => Tensor): Tensor =>
  mean(layers.map(({ logits }) => loss(logits)));

/** Zero-centred penalties of the heads at the layers that they are given, real and generated: mean over layers and images. */
export const layerPenalty = (layers: readonly JudgedLayer[]): Tensor =>
  mean(
    layers.flatMap(({ features, logits }) => [
      meanAll(gradientPenalty(logits.real, features.real)),
      meanAll(gradientPenalty(logits.fake, features.fake)),
    ]),
  );
