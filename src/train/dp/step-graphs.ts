import {
  add,
  gradient,
  input,
  meanAll,
  mul,
  neg,
  perSampleGradient,
  softplus,
  type Tensor,
} from "../../graph/index.ts";
import {
  discriminate,
  flatten,
  generate,
  learningRateFactors,
  type R3ganArchitecture,
  stateLayouts,
  stateNames,
  viewWeights,
} from "../../model/index.ts";
import { type AdamOptions, adamUpdate, averageUpdate } from "../adam.ts";
import { batchVariance } from "../batch-variance.ts";
import { gradientPenalty } from "../gradient-penalty.ts";
import { clippedSum } from "./clipped-sum.ts";

export interface ClippedSumOptions {
  readonly architecture: R3ganArchitecture;
  /** Rows of a pass; a step has as many passes as its records need. */
  readonly rows: number;
  /** Greatest length of one record's gradient. */
  readonly clip: number;
  /** Weight of a record's own gradient penalty; 0 builds the pass without. */
  readonly penaltyWeight: number;
}

/**
 * One pass of a private step over some of its records: each is paired with a generated image of its own, and the gradient
 * of the pair's loss, softplus(D(G(z_i, c_i), c_i)) + softplus(-D(x_i, c_i)) plus weight times |grad_x D(x_i, c_i)|^2, is clipped as a
 * whole and added up. No other record enters it, and nothing else comes out.
 *
 * Inputs: `discriminator` and `generator` (flat weights), `sum` [P], `real` [N,C,S,S] in [-1, 1], `labels` [N,K] one-hot,
 * `z` [N,latent], `taken` [N] (0 for rows that only fill up). Output: `next.sum` [P].
 */
export function buildClippedSum({
  architecture: a,
  rows,
  clip,
  penaltyWeight,
}: ClippedSumOptions): Record<string, Tensor> {
  const layouts = stateLayouts(a);
  const weights = viewWeights(layouts.discriminator!, input("discriminator", [layouts.discriminator!.length]));
  const weightsG = viewWeights(layouts.generator!, input("generator", [layouts.generator!.length]));
  const real = input("real", [rows, a.channels, a.resolution, a.resolution]);
  const labels = input("labels", [rows, a.classes]);
  const z = input("z", [rows, a.latent]);
  const logits = discriminate(a, weights, real, labels);
  const fake = discriminate(a, weights, generate(a, weightsG, z, labels), labels);
  const pairs = add(softplus(fake), softplus(neg(logits)));
  const losses = penaltyWeight === 0 ? pairs : add(pairs, mul(gradientPenalty(logits, real), penaltyWeight));
  const gradients = perSampleGradient(losses, Object.values(weights), [real, labels, z]);
  const { sums } = clippedSum(gradients, input("taken", [rows]), clip);
  const sum = input("sum", [layouts.discriminator!.length]);
  return { "next.sum": add(sum, flatten(layouts.discriminator!, sums)) };
}

export interface PrivateUpdateOptions {
  readonly architecture: R3ganArchitecture;
  /** Generated images of the step. */
  readonly batch: number;
  /** Weight of the penalty at generated images (R2); 0 builds the step without. */
  readonly penaltyWeight: number;
  readonly adam: AdamOptions;
}

/**
 * What follows the noise: both networks learn, from the noisy gradient and from generated images, never from real ones.
 * D also follows the penalty at generated images, R2. G follows L_G = E softplus(-D(G(z, c), c)), the
 * non-saturating loss (Goodfellow et al. 2014, arXiv 1406.2661, section 3): the relativistic one compares with the logits of
 * real images, which are private.
 *
 * Inputs besides the state: `gradient` [P] (clipped, noisy, divided by the expected number of records), `z` [N,latent],
 * `labels` [N,K] one-hot, scalars `generatorRate`, `discriminatorRate`, `correction`, `decay`. Outputs: `next.NAME`,
 * `lossG`, `fakeSpread` and, where there is one, `penalty` [N].
 */
export function buildPrivateUpdate(options: PrivateUpdateOptions): Record<string, Tensor> {
  const { architecture: a, batch, penaltyWeight, adam } = options;
  const layouts = stateLayouts(a);
  const state = Object.fromEntries(stateNames(a).map((name) => [name, input(name, [layouts[name]!.length])]));
  const { generator: layoutG, discriminator: layoutD } = layouts;
  const [z, labels] = [input("z", [batch, a.latent]), input("labels", [batch, a.classes])];
  const [generatorRate, discriminatorRate] = [input("generatorRate", []), input("discriminatorRate", [])];
  const [correction, decay] = [input("correction", []), input("decay", [])];
  const noisy = input("gradient", [layoutD!.length]);

  const weightsG = viewWeights(layoutG!, state.generator!);
  const images = generate(a, weightsG, z, labels);
  let [gradientD, penalty]: [Tensor, Tensor | undefined] = [noisy, undefined];
  if (penaltyWeight > 0) {
    const weightsD = viewWeights(layoutD!, state.discriminator!);
    penalty = gradientPenalty(discriminate(a, weightsD, images, labels), images);
    const slopes = gradient(mul(meanAll(penalty), penaltyWeight), Object.values(weightsD));
    gradientD = add(noisy, flatten(layoutD!, slopes));
  }
  const nextD = adamUpdate(
    { weights: state.discriminator!, second: state.discriminatorSecond! },
    gradientD,
    mul(learningRateFactors(layoutD!), discriminatorRate),
    correction,
    adam,
  );
  // The new D depends on generated images, and G must not learn to steer its update: views of its own.
  const followed = viewWeights(layoutG!, state.generator!);
  const drawn = generate(a, followed, z, labels);
  const discriminated = discriminate(a, viewWeights(layoutD!, nextD.weights), drawn, labels);
  const lossG = meanAll(softplus(neg(discriminated)));
  const nextG = adamUpdate(
    { weights: state.generator!, second: state.generatorSecond! },
    flatten(layoutG!, gradient(lossG, Object.values(followed))),
    mul(learningRateFactors(layoutG!), generatorRate),
    correction,
    adam,
  );
  return {
    "next.generator": nextG.weights,
    "next.generatorSecond": nextG.second,
    "next.average": averageUpdate(state.average!, nextG.weights, decay),
    "next.discriminator": nextD.weights,
    "next.discriminatorSecond": nextD.second,
    lossG,
    fakeSpread: batchVariance(images),
    ...(penalty === undefined ? {} : { penalty }),
  };
}
