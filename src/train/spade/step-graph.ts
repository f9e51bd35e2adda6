import { add, concat, exp, gradient, input, mul, type Tensor } from "../../graph/index.ts";
import {
  encodeImages,
  flatten,
  iterateVectors,
  learningRateFactors,
  MAP_CHANNELS,
  type ParameterLayout,
  paintMaps,
  type SpadeArchitecture,
  scoreScales,
  spadeDiscriminatorLayout,
  spadeGeneratorLayout,
  spectralLayers,
  viewWeights,
  type Weights,
} from "../../model/index.ts";
import { adamUpdate, averageUpdate } from "../adam.ts";
import { batchVariance } from "../batch-variance.ts";
import { type FrozenLayers, featureMatching, imageLogits, perceptualDistance, weightedSum } from "../scale-losses.ts";
import { withTail } from "../with-tail.ts";
import { codeDivergence, discriminatorHinge, generatorHinge } from "./objective.ts";
import type { SpadeRecipe } from "./recipe.ts";

export interface SpadeStepOptions {
  readonly architecture: SpadeArchitecture;
  readonly recipe: Pick<
    SpadeRecipe,
    "batch" | "beta2" | "epsilon" | "featureMatchingWeight" | "klWeight" | "perceptualWeight"
  >;
  /** Layers of a frozen network for images [N, C, S, S] in [-1, 1]. Defaults to none: nothing is compared there. */
  readonly frozenFeatures?: FrozenLayers | undefined;
}

/**
 * A whole training step of spade as one graph (arXiv 1903.07291, section 3 and appendix A): D learns, then G and the image encoder from
 * the updated D. State in, state out (`next.NAME`), and what the loop watches.
 *
 * Inputs besides the state: `real` [N,C,S,S] in [-1,1], `maps` [N,3,S,S] in [0,1], `z` [N,latent] standard normal, from which
 * codes are drawn: those of the real images where there is an encoder; scalars `generatorRate`, `discriminatorRate`, `correction`, `decay`.
 * Outputs: `logits` [2N] (means over patches and discriminators; real, then generated), `fakeSpread`, `realSpread`, `lossG`, `lossD`,
 * and the terms of lossG without their weights: `gan`, `featureMatching`, and where there are such `kl` and `perceptual`.
 */
export function buildSpadeStep({ architecture: a, recipe, frozenFeatures }: SpadeStepOptions): Record<string, Tensor> {
  const { batch } = recipe;
  const [layoutG, layoutD] = [spadeGeneratorLayout(a), spadeDiscriminatorLayout(a)];
  const vector = (name: string, { length }: ParameterLayout) => input(name, [length]);
  const [generator, discriminator] = [vector("generator", layoutG), vector("discriminator", layoutD)];
  const real = input("real", [batch, a.channels, a.resolution, a.resolution]);
  const maps = input("maps", [batch, MAP_CHANNELS, a.resolution, a.resolution]);
  const z = input("z", [batch, a.latent]);
  const correction = input("correction", []);

  const update = (
    { name, weights, layout }: { name: string; weights: Tensor; layout: ParameterLayout },
    loss: Tensor,
    named: Weights,
  ) =>
    adamUpdate(
      { weights, second: vector(`${name}Second`, layout) },
      flatten(layout, gradient(loss, Object.values(named))),
      mul(learningRateFactors(layout), input(`${name}Rate`, [])),
      correction,
      recipe,
    );
  const draw = (weights: Weights) => {
    if (!a.encoder) return { images: paintMaps(a, weights, maps, z), codes: null };
    const codes = encodeImages(a, weights, real);
    const code = add(codes.mean, mul(exp(mul(codes.logVariance, 0.5)), z));
    return { images: paintMaps(a, weights, maps, code), codes };
  };

  const fake = draw(viewWeights(layoutG, generator)).images;
  const layers = spectralLayers(layoutD);
  // Held: of views to which nothing is propagated back.
  const vectors = iterateVectors(viewWeights(layoutD, discriminator), layers);
  const score = (weights: Weights, images: Tensor) => scoreScales(a, weights, vectors, maps, images);
  const weightsD = viewWeights(layoutD, discriminator);
  const [seenReal, seenFake] = [score(weightsD, real), score(weightsD, fake)];
  const lossD = discriminatorHinge(seenReal, seenFake);
  const nextD = update({ name: "discriminator", weights: discriminator, layout: layoutD }, lossD, weightsD);

  // The new D depends on the generated images, and G must not learn to steer its update: the same images are made of views
  // of their own, which the simplifier merges with the first.
  const weightsG = viewWeights(layoutG, generator);
  const { images, codes } = draw(weightsG);
  const newD = viewWeights(layoutD, nextD.weights);
  const scored = score(newD, images);
  const terms: Record<string, { weight: number; value: Tensor }> = {
    gan: { weight: 1, value: generatorHinge(scored) },
    featureMatching: { weight: recipe.featureMatchingWeight, value: featureMatching(score(newD, real), scored) },
  };
  if (codes !== null) terms.kl = { weight: recipe.klWeight, value: codeDivergence(codes) };
  if (frozenFeatures !== undefined) {
    terms.perceptual = {
      weight: recipe.perceptualWeight ?? 0,
      value: perceptualDistance(frozenFeatures, real, images),
    };
  }
  const lossG = weightedSum(terms);
  const nextG = update({ name: "generator", weights: generator, layout: layoutG }, lossG, weightsG);
  return {
    "next.generator": nextG.weights,
    "next.generatorSecond": nextG.second,
    "next.average": averageUpdate(vector("average", layoutG), nextG.weights, input("decay", [])),
    "next.discriminator": withTail(
      nextD.weights,
      layers.map((layer) => vectors[layer]!.left),
    ),
    "next.discriminatorSecond": nextD.second,
    logits: concat([imageLogits(seenReal), imageLogits(seenFake)], 0),
    fakeSpread: batchVariance(fake),
    realSpread: batchVariance(real),
    lossG,
    lossD,
    ...Object.fromEntries(Object.entries(terms).map(([name, { value }]) => [name, value])),
  };
}
