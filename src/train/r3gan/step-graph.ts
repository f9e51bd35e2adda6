import {
  add,
  concat,
  div,
  gradient,
  input,
  meanAll,
  mul,
  shareBackward,
  slice,
  type Tensor,
} from "../../graph/index.ts";
import {
  blurred,
  classScores,
  discriminatorFeatures,
  flatten,
  generate,
  learningRateFactors,
  logitsOf,
  type Network,
  type ParameterLayout,
  type R3ganArchitecture,
  reduced,
  stateLayouts,
  stateNames,
  viewWeights,
  type Weights,
} from "../../model/index.ts";
import { type AdamOptions, adamUpdate, averageUpdate } from "../adam.ts";
import { augment, augmentInputs } from "../augment-graph.ts";
import { batchVariance } from "../batch-variance.ts";
import { gradientPenalty } from "../gradient-penalty.ts";
import { fadeInputs } from "../growth/fade-inputs.ts";
import { type FrozenFeatures, type ImagePair, judgeLayers, layerLoss, layerPenalty } from "./feature-judges.ts";
import { classEntropy, discriminatorLoss, generatorLoss, type PairLogits, splitPairs } from "./objective.ts";

export interface StepOptions {
  readonly architecture: R3ganArchitecture;
  /** Width and height of the real images that the step is given, which are reduced to those of the networks. Defaults to theirs. */
  readonly imageResolution?: number;
  /** Images in a batch. */
  readonly batch: number;
  /** Weight of the gradient penalties; 0 builds the step without them, `scheduled` with an input for it. */
  readonly penaltyWeight: number | "scheduled";
  /** `alternating`: G learns from the updated D. `simultaneous`: both learn from one forward pass. */
  readonly updates: "alternating" | "simultaneous";
  readonly adam: AdamOptions;
  /** Multiplies both losses by an input and divides their gradients by it, for convolutions in float16. Defaults to false. */
  readonly lossScaled?: boolean;
  /** Weights of D that stay as they are, by name. Defaults to none. */
  readonly frozen?: ReadonlySet<string> | undefined;
  /** Weights of the classes' cross-entropy, of real images for D and of generated ones for G. Defaults to 0 and 0. */
  readonly classLoss?: { readonly discriminator: number; readonly generator: number } | undefined;
  /** Multiplies the classes' embeddings in G and D by an input. Defaults to false. */
  readonly conditioned?: boolean;
  /** Layers of a frozen network that the heads of the architecture judge. Defaults to none. */
  readonly heads?: { readonly features: FrozenFeatures; readonly penaltyWeight: number } | undefined;
}

/**
 * A whole training step as one graph: state in, state out (`next.NAME`), and what the loop watches.
 *
 * Inputs besides the state: `real` [N,C,S,S] in [-1,1], `labels` [N,K] one-hot, `z` [N,latent], the augmentation of
 * real images followed by generated ones, and scalars `generatorRate`, `discriminatorRate`, `correction`, `decay`; with
 * `conditioned` a scalar `conditioning`, `penaltyWeight` where it is scheduled, and with `heads` `featureWeight`, the weight of what
 * they say of a frozen network's layers; their outputs are `featureLossG` and `featureLossD`. Networks whose newest layers are
 * faded in take those of `fadeInputs`.
 * Outputs: `logits` [2N] (real, then generated), `penalty` [2N] where there is one, `fakeSpread` and `realSpread`
 * (variance over the batch, mean over pixels), `lossG`, `lossD`. With `lossScaled` a scalar `lossScale` goes in, and
 * out comes `gradientSum`, which is a number only if every gradient is.
 */
export function buildStep(options: StepOptions): Record<string, Tensor> {
  const { architecture: a, batch, adam } = options;
  const layouts = stateLayouts(a);
  const state = Object.fromEntries(stateNames(a).map((name) => [name, input(name, [layouts[name]!.length])]));
  const size = options.imageResolution ?? a.resolution;
  const sharp = reduced(input("real", [batch, a.channels, size, size]), a.resolution);
  const fade = fadeInputs(a);
  const real = fade === null ? sharp : blurred(sharp, fade.share);
  const oneHot = input("labels", [batch, a.classes]);
  // The embeddings are products of the labels with matrices, without biases: a factor of one is a factor of the other.
  const labels = options.conditioned ? mul(oneHot, input("conditioning", [])) : oneHot;
  const z = input("z", [batch, a.latent]);
  const [generatorRate, discriminatorRate] = [input("generatorRate", []), input("discriminatorRate", [])];
  const [correction, decay] = [input("correction", []), input("decay", [])];
  const correctionOf = (network: Network) => fade?.corrections(network, "correction", correction) ?? correction;
  const [layoutG, layoutD] = [layouts.generator, layouts.discriminator];
  const weightsD = viewWeights(layoutD!, state.discriminator!);

  const augmentation = augmentInputs("augment", 2 * batch, a.channels, a.resolution);
  /** Real images followed by generated ones, augmented. */
  const imagesOf = (weights: Weights) => {
    const fake = generate(a, weights, z, labels, fade?.share);
    return { fake, images: augment(concat([real, fake], 0), augmentation) };
  };
  const weightsG = viewWeights(layoutG!, state.generator!);
  const { fake, images } = imagesOf(weightsG);
  const pairedLabels = concat([labels, labels], 0);

  const classLoss = options.classLoss ?? { discriminator: 0, generator: 0 };
  /** How well D tells the classes of images by its own embeddings, which both networks may be rewarded for. */
  const entropyOf = (weights: Weights, features: Tensor) => classEntropy(classScores(weights, features), oneHot);
  const featuresIn = (weights: Weights, seen: Tensor) => discriminatorFeatures(a, weights, seen, fade?.share);
  const features = featuresIn(weightsD, images);
  const logits = logitsOf(weightsD, features, pairedLabels);
  const pairs = splitPairs(logits);
  const lossD = discriminatorLoss(pairs);
  const featuresOf = (start: number) => slice(features, [start, 0], [batch, features.shape[1]!]);
  const classD = classLoss.discriminator > 0 ? entropyOf(weightsD, featuresOf(0)) : undefined;
  const weight = options.penaltyWeight === "scheduled" ? input("penaltyWeight", []) : options.penaltyWeight;
  const penalty = weight === 0 ? undefined : gradientPenalty(logits, images);
  // Mean over real plus mean over generated images, each times gamma / 2.
  const penaltyTerm = penalty === undefined ? undefined : mul(meanAll(penalty), weight);
  const { heads } = options;
  const featureWeight = heads === undefined ? undefined : input("featureWeight", []);
  const apart = (both: Tensor): ImagePair => {
    const half = (start: number) => slice(both, [start, 0, 0, 0], [batch, ...both.shape.slice(1)]);
    return { real: half(0), fake: half(batch) };
  };
  const layers = heads && judgeLayers(heads.features, weightsD, apart(images), labels);
  const featureLossD = layers && layerLoss(layers, discriminatorLoss);
  const headPenalty = heads && heads.penaltyWeight > 0 ? mul(layerPenalty(layers!), heads.penaltyWeight) : undefined;
  const objectiveD = [
    penaltyTerm,
    classD && mul(classD, classLoss.discriminator),
    featureLossD && mul(headPenalty === undefined ? featureLossD : add(featureLossD, headPenalty), featureWeight!),
  ].reduce(plus, lossD);
  const lossScale = options.lossScaled ? input("lossScale", []) : undefined;
  const gradientOf = (layout: ParameterLayout, loss: Tensor, weights: Weights): Tensor => {
    if (lossScale === undefined) return flatten(layout, gradient(loss, Object.values(weights)));
    return div(flatten(layout, gradient(mul(loss, lossScale), Object.values(weights))), lossScale);
  };
  const gradientD = gradientOf(layoutD!, objectiveD, weightsD);
  const nextD = adamUpdate(
    { weights: state.discriminator!, second: state.discriminatorSecond! },
    gradientD,
    mul(learningRateFactors(layoutD!, options.frozen), discriminatorRate),
    correctionOf("discriminator"),
    adam,
  );

  // The new D depends on the generated images, and G must not learn to steer its update: the same images are made of
  // views of their own, which the simplifier merges with the first.
  const followed = options.updates === "simultaneous" ? weightsG : viewWeights(layoutG!, state.generator!);
  const weightsNewD = viewWeights(layoutD!, nextD.weights);
  /** Real and generated images apart, so that nothing is propagated back to real ones. */
  const judgeApart = (): PairLogits & { fakeFeatures: Tensor } => {
    const realFeatures = featuresIn(weightsNewD, apart(images).real);
    const fakeFeatures = featuresIn(weightsNewD, apart(imagesOf(followed).images).fake);
    const logitsApart = (own: Tensor) => logitsOf(weightsNewD, own, labels);
    return { real: logitsApart(realFeatures), fake: logitsApart(fakeFeatures), fakeFeatures };
  };
  const simultaneous = options.updates === "simultaneous";
  const judged = simultaneous ? { ...pairs, fakeFeatures: featuresOf(batch) } : judgeApart();
  const lossG = generatorLoss(judged);
  const classG =
    classLoss.generator > 0 ? entropyOf(simultaneous ? weightsD : weightsNewD, judged.fakeFeatures) : undefined;
  const layersG =
    heads === undefined || simultaneous
      ? layers
      : judgeLayers(heads.features, weightsNewD, apart(imagesOf(followed).images), labels);
  const featureLossG = layersG && layerLoss(layersG, generatorLoss);
  const objectiveG = [
    classG && mul(classG, classLoss.generator),
    featureLossG && mul(featureLossG, featureWeight!),
  ].reduce(plus, lossG);
  const gradientG = gradientOf(layoutG!, objectiveG, followed);
  const nextG = adamUpdate(
    { weights: state.generator!, second: state.generatorSecond! },
    gradientG,
    mul(learningRateFactors(layoutG!), generatorRate),
    correctionOf("generator"),
    adam,
  );

  const outputs = {
    "next.generator": nextG.weights,
    "next.generatorSecond": nextG.second,
    "next.average": averageUpdate(state.average!, nextG.weights, decay),
    "next.discriminator": nextD.weights,
    "next.discriminatorSecond": nextD.second,
    logits,
    ...(penalty === undefined ? {} : { penalty }),
    fakeSpread: batchVariance(fake),
    realSpread: batchVariance(real),
    lossG,
    lossD,
    ...(classD === undefined ? {} : { classEntropyD: classD }),
    ...(classG === undefined ? {} : { classEntropyG: classG }),
    ...(featureLossG === undefined ? {} : { featureLossG, featureLossD: featureLossD! }),
    ...(lossScale === undefined ? {} : { gradientSum: add(meanAll(gradientG), meanAll(gradientD)) }),
  };
  // The loss of D goes back through the same D as the penalty, and as the loss of G where both learn at once.
  return penalty !== undefined || options.updates === "simultaneous" ? shareBackward(outputs) : outputs;
}

/** A sum with a term that is there only in some trainings. */
function plus(sum: Tensor, term: Tensor | undefined): Tensor {
  return term === undefined ? sum : add(sum, term);
}
