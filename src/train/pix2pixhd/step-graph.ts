import { add, concat, input, meanAll, mul, square, sub, type Tensor } from "../../graph/index.ts";
import {
  MAP_CHANNELS,
  type Pix2pixhdArchitecture,
  pix2pixhdDiscriminatorLayout,
  pix2pixhdGeneratorLayout,
  type ScaleScores,
  scoreTranslated,
  translateMaps,
  viewWeights,
  type Weights,
} from "../../model/index.ts";
import { batchVariance } from "../batch-variance.ts";
import { momentumNetworks } from "../momentum-networks.ts";
import {
  type FrozenLayers,
  featureMatching,
  imageLogits,
  perceptualDistance,
  sumOf,
  weightedSum,
} from "../scale-losses.ts";
import type { Pix2pixhdRecipe } from "./recipe.ts";

export interface Pix2pixhdStepOptions {
  readonly architecture: Pix2pixhdArchitecture;
  readonly recipe: Pick<
    Pix2pixhdRecipe,
    "batch" | "beta1" | "beta2" | "epsilon" | "featureMatchingWeight" | "perceptualWeight"
  >;
  /** Of a training that is given a frozen network. Defaults to none: nothing is compared there. */
  readonly frozenFeatures?: FrozenLayers | undefined;
}

/** Mean squared distance of patches to a target, summed over discriminators (Mao et al. 2017, arXiv 1611.04076, equation 2, times 2). */
const leastSquares = (scores: readonly ScaleScores[], target: 0 | 1): Tensor =>
  sumOf(scores.map(({ logits }) => meanAll(square(sub(logits, target)))));

/**
 * A whole training step of pix2pixhd as one graph (arXiv 1711.11585, section 3): D learns, then G from the updated D. State in, state
 * out (`next.NAME`), and what the loop watches.
 *
 * Inputs besides the state: `real` [N,C,S,S] in [-1,1], `maps` [N,3,S,S] in [0,1]; scalars `generatorRate`, `discriminatorRate`,
 * `firstCorrection`, `correction`, `decay`.
 * Outputs: `logits` [2N] (means over patches and discriminators; real, then generated), `fakeSpread`, `realSpread`, `lossG`, `lossD`,
 * and the terms of lossG without their weights: `gan`, `featureMatching`, and where there is one `perceptual`.
 */
export function buildPix2pixhdStep({
  architecture: a,
  recipe,
  frozenFeatures,
}: Pix2pixhdStepOptions): Record<string, Tensor> {
  const { batch, beta1, beta2, epsilon } = recipe;
  const layouts = { generator: pix2pixhdGeneratorLayout(a), discriminator: pix2pixhdDiscriminatorLayout(a) };
  const { generator, discriminator, next } = momentumNetworks(layouts, { beta1, beta2, epsilon }, null);
  const real = input("real", [batch, a.channels, a.resolution, a.resolution]);
  const maps = input("maps", [batch, MAP_CHANNELS, a.resolution, a.resolution]);

  const fake = translateMaps(a, viewWeights(layouts.generator, generator.weights), maps);
  const score = (weights: Weights, images: Tensor) => scoreTranslated(a, weights, maps, images);
  const weightsD = viewWeights(layouts.discriminator, discriminator.weights);
  const [seenReal, seenFake] = [score(weightsD, real), score(weightsD, fake)];
  // Half of the sum, as in pix2pix (arXiv 1611.07004, section 3.3); Adam divides the factor out, so that only the loss shows it.
  const lossD = mul(add(leastSquares(seenReal, 1), leastSquares(seenFake, 0)), 0.5);
  const nextD = discriminator.update(lossD, weightsD);

  // The new D depends on the generated images, and G must not learn to steer its update: the same images are made of views
  // of their own, which the simplifier merges with the first.
  const weightsG = viewWeights(layouts.generator, generator.weights);
  const images = translateMaps(a, weightsG, maps);
  const newD = viewWeights(layouts.discriminator, nextD.weights);
  const scored = score(newD, images);
  const matching = featureMatching(score(newD, real), scored);
  const terms = {
    gan: { weight: 1, value: leastSquares(scored, 1) },
    featureMatching: { weight: recipe.featureMatchingWeight, value: matching },
    ...(frozenFeatures !== undefined && {
      perceptual: {
        weight: recipe.perceptualWeight ?? 0,
        value: perceptualDistance(frozenFeatures, real, images),
      },
    }),
  };
  const lossG = weightedSum(terms);
  return {
    ...next(generator.update(lossG, weightsG), nextD),
    logits: concat([imageLogits(seenReal), imageLogits(seenFake)], 0),
    fakeSpread: batchVariance(fake),
    realSpread: batchVariance(real),
    lossG,
    lossD,
    ...Object.fromEntries(Object.entries(terms).map(([name, { value }]) => [name, value])),
  };
}
