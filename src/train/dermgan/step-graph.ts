import {
  abs,
  add,
  broadcastTo,
  concat,
  constant,
  div,
  input,
  meanAll,
  mul,
  neg,
  reduceMean,
  reduceSum,
  softplus,
  square,
  sub,
  sumAll,
  type Tensor,
} from "../../graph/index.ts";
import {
  blurred,
  type DermganArchitecture,
  dermganDiscriminatorLayout,
  dermganGeneratorLayout,
  fillImage,
  MAP_CHANNELS,
  reduced,
  scorePatches,
  viewWeights,
  type Weights,
} from "../../model/index.ts";
import { batchVariance } from "../batch-variance.ts";
import { fadeInputs } from "../growth/fade-inputs.ts";
import { momentumNetworks } from "../momentum-networks.ts";
import type { DermganRecipe } from "./recipe.ts";
import { shareOfWrongConditions } from "./wrong-conditions.ts";

export interface DermganStepOptions {
  readonly architecture: DermganArchitecture;
  /** Width and height of the images and maps that the step is given, which are reduced to those of the networks. Defaults to theirs. */
  readonly imageResolution?: number;
  readonly recipe: Pick<
    DermganRecipe,
    | "batch"
    | "beta1"
    | "beta2"
    | "epsilon"
    | "ganWeight"
    | "l1Weight"
    | "boxL1Weight"
    | "featureMatchingWeight"
    | "diversityWeight"
    | "wrongConditionShare"
  >;
}

/** Keeps the ratio of {@link diversityLoss} finite. */
const DIVERSITY_EPSILON = 1e-5;

/**
 * A whole training step of dermgan as one graph (Ghorbani et al. 2019, PMLR 116:155-170, section 3): D learns, then G from the
 * updated D. State in, state out (`next.NAME`), and what the loop watches.
 *
 * Inputs besides the state: `real` [N,C,S,S] in [-1,1], `maps` [N,3,S,S] in [0,1], `inside` [N,1,S,S], 1 inside lesion boxes
 * and 0 elsewhere; `z` [N,latent] where there is a latent, `z2` like it where images of two latents are compared; where D learns to
 * reject conditions `otherMaps` [N,3,S,S], maps with another condition, and `mismatched` [N,1,1,1], 0 where they are the same; scalars
 * `generatorRate`, `discriminatorRate`, `firstCorrection`, `correction`, `decay`. Networks whose newest layers are faded in take
 * those of `fadeInputs`.
 * Outputs: `logits` [2N] (means over patches; real, then generated), `fakeSpread`, `realSpread`, `lossG`, `lossD`, and the
 * terms of lossG without their weights: `gan`, `l1`, `boxL1`, `featureMatching`, `diversity`; and `wrongCondition`, the loss of D on real
 * images with maps that show another condition (log 2 is chance; 0 where there are none).
 */
export function buildDermganStep({
  architecture: a,
  recipe,
  imageResolution = a.resolution,
}: DermganStepOptions): Record<string, Tensor> {
  const { batch, beta1, beta2, epsilon } = recipe;
  const layouts = { generator: dermganGeneratorLayout(a), discriminator: dermganDiscriminatorLayout(a) };
  const fade = fadeInputs(a);
  const { generator, discriminator, next } = momentumNetworks(layouts, { beta1, beta2, epsilon }, fade);
  const given = (name: string, channels: number) =>
    reduced(input(name, [batch, channels, imageResolution, imageResolution]), a.resolution);
  const sharp = given("real", a.channels);
  const real = fade === null ? sharp : blurred(sharp, fade.share);
  const maps = given("maps", MAP_CHANNELS);
  const inside = given("inside", 1);
  const z = a.latent === 0 ? null : input("z", [batch, a.latent]);

  const fill = (weights: Weights, latent: Tensor | null) => fillImage(a, weights, maps, latent, fade?.share);
  const fake = fill(viewWeights(layouts.generator, generator.weights), z);
  const weightsD = viewWeights(layouts.discriminator, discriminator.weights);
  const score = (weights: Weights, images: Tensor, seenWith = maps) =>
    scorePatches(a, weights, seenWith, images, fade?.share);
  const [seenReal, seenFake] = [score(weightsD, real), score(weightsD, fake)];
  const wrongShare = shareOfWrongConditions(recipe, a.classes);
  let rejected = softplus(seenFake.logits);
  let wrongCondition: Tensor | undefined;
  if (wrongShare > 0) {
    const mismatched = input("mismatched", [batch, 1, 1, 1]);
    const wrong = softplus(score(weightsD, real, given("otherMaps", MAP_CHANNELS)).logits);
    rejected = add(rejected, mul(mul(sub(wrong, rejected), mismatched), wrongShare));
    wrongCondition = div(meanAll(mul(wrong, mismatched)), add(meanAll(mismatched), 1e-6));
  }
  // Half of the sum, as in pix2pix (arXiv 1611.07004, section 3.3); Adam divides the factor out, so that only the loss shows it.
  const lossD = mul(add(meanAll(softplus(neg(seenReal.logits))), meanAll(rejected)), 0.5);
  const nextD = discriminator.update(lossD, weightsD);

  // The new D depends on the generated images, and G must not learn to steer its update: the same images are made of views
  // of their own, which the simplifier merges with the first.
  const weightsG = viewWeights(layouts.generator, generator.weights);
  const drawn = fill(weightsG, z);
  const newD = viewWeights(layouts.discriminator, nextD.weights);
  const scored = score(newD, drawn);
  const off = abs(sub(drawn, real));
  const terms: Record<string, { weight: number; value: Tensor }> = {
    gan: { weight: recipe.ganWeight, value: meanAll(softplus(neg(scored.logits))) },
    l1: { weight: recipe.l1Weight, value: meanAll(off) },
    boxL1: { weight: recipe.boxL1Weight, value: meanInside(off, inside) },
    featureMatching: {
      weight: recipe.featureMatchingWeight,
      value: meanAll(square(sub(scored.features, score(newD, real).features))),
    },
  };
  if (z !== null && recipe.diversityWeight > 0) {
    const z2 = input("z2", [batch, a.latent]);
    const other = fill(weightsG, z2);
    terms.diversity = { weight: recipe.diversityWeight, value: diversityLoss(drawn, other, z, z2) };
  }
  const lossG = Object.values(terms)
    .filter(({ weight }) => weight > 0)
    .map(({ weight, value }) => mul(value, weight))
    .reduce((sum, term) => add(sum, term), constant(0));
  return {
    ...next(generator.update(lossG, weightsG), nextD),
    logits: concat([patchMeans(seenReal.logits), patchMeans(seenFake.logits)], 0),
    fakeSpread: batchVariance(fake),
    realSpread: batchVariance(real),
    lossG,
    lossD,
    ...(wrongCondition && { wrongCondition }),
    ...Object.fromEntries(Object.entries(terms).map(([name, { value }]) => [name, value])),
  };
}

/** Mean over patches [N, 1, H, W] => [N]. */
const patchMeans = (logits: Tensor): Tensor => reduceMean(logits, [1, 2, 3], false);

/** Mean of x [N, C, S, S] over the pixels of a batch where inside [N, 1, S, S] is 1; 0 where none is. */
function meanInside(x: Tensor, inside: Tensor): Tensor {
  const sum = sumAll(mul(x, broadcastTo(inside, x.shape)));
  return div(sum, add(mul(sumAll(inside), x.shape[1]!), 1e-6));
}

/**
 * Mode seeking (Mao et al. 2019, arXiv 1903.05628, eq. 4): 1 / (distance of images / distance of latents), images [N, C, S, S]
 * and latents [N, L] compared by their mean absolute difference.
 */
function diversityLoss(first: Tensor, second: Tensor, z1: Tensor, z2: Tensor): Tensor {
  const images = reduceMean(abs(sub(first, second)), [1, 2, 3], false);
  const latents = mul(reduceSum(abs(sub(z1, z2)), [1], false), 1 / z1.shape[1]!);
  return meanAll(div(1, add(div(images, latents), DIVERSITY_EPSILON)));
}
