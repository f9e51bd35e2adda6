import { add, concat, gradient, input, meanAll, mul, reshape, slice, sub, type Tensor } from "../../graph/index.ts";
import {
  blurred,
  drawGrowing,
  flatten,
  judgeGrowing,
  learningRateFactors,
  type Network,
  networkLayouts,
  type PgganArchitecture,
  reduced,
  viewWeights,
  type Weights,
} from "../../model/index.ts";
import { adamUpdate, averageUpdate } from "../adam.ts";
import { augment, augmentInputs } from "../augment-graph.ts";
import { batchVariance } from "../batch-variance.ts";
import { fadeInputs } from "../growth/fade-inputs.ts";
import { movedDeviation } from "../moved-deviation.ts";
import { withTail } from "../with-tail.ts";
import { discriminatorLoss, drift, generatorLoss, lengthPenalty } from "./objective.ts";
import type { PgganRecipe } from "./recipe.ts";

export interface PgganStepOptions {
  readonly architecture: PgganArchitecture;
  /** Width and height of the real images that the step is given, which are reduced to those of the networks. Defaults to theirs. */
  readonly imageResolution?: number;
  readonly recipe: Pick<PgganRecipe, "batch" | "beta2" | "epsilon" | "gradientLength" | "drift">;
  /** Weight of the gradient penalty; `scheduled` takes it as an input. */
  readonly penaltyWeight: number | "scheduled";
  /** Multiplies the classes' weights in G and D by an input. Defaults to false. */
  readonly conditioned?: boolean;
}

/**
 * A whole training step of pggan as one graph (Karras et al. 2018, arXiv 1710.10196, appendix A.1; arXiv 1704.00028): the critic
 * learns, then G from the updated critic. State in, state out (`next.NAME`), and what the loop watches.
 *
 * Inputs besides the state: `real` [N,C,S,S] in [-1,1], `labels` [N,K] one-hot, `z` [N,latent], `between` [N] in 0..1, the way of
 * each interpolate from the real image to the generated one; the augmentation of real images followed by generated ones; scalars
 * `generatorRate`, `discriminatorRate`, `correction`, `decay`; `penaltyWeight` where it is scheduled, `conditioning` with `conditioned`.
 * Networks whose newest layers are faded in take those of `fadeInputs`.
 * Outputs: `logits` [2N] (real, then generated), `penalty` [N] of the interpolates, without its weight, `fakeSpread`, `realSpread`,
 * `lossG`, `lossD` (without penalty and drift), `drift` without its weight.
 */
export function buildPgganStep(options: PgganStepOptions): Record<string, Tensor> {
  const { architecture: a, recipe } = options;
  const { batch } = recipe;
  const layouts = networkLayouts(a);
  const vector = (name: string, network: Network) => input(name, [layouts[network].length]);
  const [generator, average] = [vector("generator", "generator"), vector("average", "generator")];
  const discriminator = vector("discriminator", "discriminator");
  const fade = fadeInputs(a);
  const size = options.imageResolution ?? a.resolution;
  const sharp = reduced(input("real", [batch, a.channels, size, size]), a.resolution);
  const real = fade === null ? sharp : blurred(sharp, fade.share);
  const oneHot = input("labels", [batch, a.classes]);
  // What G and D make of the class are products of the labels with matrices: a factor of one is a factor of the other.
  const labels = options.conditioned ? mul(oneHot, input("conditioning", [])) : oneHot;
  const z = input("z", [batch, a.latent]);
  const between = reshape(input("between", [batch]), [batch, 1, 1, 1]);
  const [correction, decay] = [input("correction", []), input("decay", [])];
  const augmentation = augmentInputs("augment", 2 * batch, a.channels, a.resolution);

  const update = (network: Network, flat: Tensor, loss: Tensor, named: Weights) =>
    adamUpdate(
      { weights: flat, second: vector(`${network}Second`, network) },
      flatten(layouts[network], gradient(loss, Object.values(named))),
      mul(learningRateFactors(layouts[network]), input(`${network}Rate`, [])),
      fade?.corrections(network, "correction", correction) ?? correction,
      recipe,
    );
  const draw = (weights: Weights) => {
    const images = drawGrowing(a, weights, z, labels, fade?.share);
    return { images, seen: augment(concat([real, images], 0), augmentation) };
  };
  const judge = (weights: Weights, images: Tensor, classes: Tensor) =>
    judgeGrowing(a, weights, images, classes, batch, fade?.share);
  const half = (both: Tensor, start: number) =>
    slice(both, [start, ...both.shape.slice(1).map(() => 0)], [batch, ...both.shape.slice(1)]);

  const drawn = draw(viewWeights(layouts.generator, generator));
  const weightsD = viewWeights(layouts.discriminator, discriminator);
  const judged = judge(weightsD, drawn.seen, concat([labels, labels], 0));
  const logits = { real: half(judged.logits, 0), fake: half(judged.logits, batch) };
  const lossD = discriminatorLoss(logits.real, logits.fake);
  const driftD = drift(logits.real);
  // A real image and the generated one beside it are of one class, and so is what lies between them.
  const [seenReal, seenFake] = [half(drawn.seen, 0), half(drawn.seen, batch)];
  const interpolates = add(seenReal, mul(between, sub(seenFake, seenReal)));
  const penalty = lengthPenalty(judge(weightsD, interpolates, labels).logits, interpolates, recipe.gradientLength);
  const weight = options.penaltyWeight === "scheduled" ? input("penaltyWeight", []) : options.penaltyWeight;
  const objectiveD = add(add(lossD, mul(meanAll(penalty), weight)), mul(driftD, recipe.drift));
  const nextD = update("discriminator", discriminator, objectiveD, weightsD);

  // The new D depends on the generated images, and G must not learn to steer its update: the same images are made of views of
  // their own, which the simplifier merges with the first.
  const weightsG = viewWeights(layouts.generator, generator);
  const followed = half(draw(weightsG).seen, batch);
  const lossG = generatorLoss(judge(viewWeights(layouts.discriminator, nextD.weights), followed, labels).logits);
  const nextG = update("generator", generator, lossG, weightsG);

  const deviationOfReal = slice(judged.deviations, [0, 0, 0], [1, 1, 1]);
  return {
    "next.generator": nextG.weights,
    "next.generatorSecond": nextG.second,
    "next.average": averageUpdate(average, nextG.weights, decay),
    "next.discriminator": withTail(nextD.weights, [movedDeviation(weightsD, deviationOfReal)]),
    "next.discriminatorSecond": nextD.second,
    logits: judged.logits,
    penalty,
    fakeSpread: batchVariance(drawn.images),
    realSpread: batchVariance(real),
    lossG,
    lossD,
    drift: driftD,
  };
}
