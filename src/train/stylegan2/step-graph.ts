import {
  add,
  concat,
  gradient,
  input,
  matmul,
  meanAll,
  mul,
  reduceSum,
  reshape,
  slice,
  sub,
  type Tensor,
} from "../../graph/index.ts";
import {
  flatten,
  judgeImages,
  learningRateFactors,
  MIDDLE,
  mapping,
  PATH_LENGTH,
  type ParameterLayout,
  paint,
  type Stylegan2Architecture,
  splitLatent,
  styleCount,
  stylegan2DiscriminatorLayout,
  stylegan2GeneratorLayout,
  viewWeights,
  type Weights,
} from "../../model/index.ts";
import { adamUpdate, averageUpdate } from "../adam.ts";
import { augment, augmentInputs } from "../augment-graph.ts";
import { batchVariance } from "../batch-variance.ts";
import { gradientPenalty } from "../gradient-penalty.ts";
import { movedDeviation } from "../moved-deviation.ts";
import { withTail } from "../with-tail.ts";
import { discriminatorLoss, generatorLoss, pathLengths, pathPenalty } from "./objective.ts";
import type { Stylegan2Recipe } from "./recipe.ts";

export interface Stylegan2StepOptions {
  readonly architecture: Stylegan2Architecture;
  readonly recipe: Pick<Stylegan2Recipe, "batch" | "beta2" | "epsilon">;
  /** Weight of R1, of which the step takes half; 0 builds the step without it, `scheduled` with an input for it. */
  readonly penaltyWeight: number | "scheduled";
  /** Weight of the path-length regularisation; 0 builds the step without it. */
  readonly pathWeight: number;
  /** Multiplies the classes' embeddings in G and D by an input. Defaults to false. */
  readonly conditioned?: boolean;
}

/** Share of an image's w in the moving mean of its class. */
const MIDDLE_SHARE = 0.01;

/** Moving mean [classes, code] of w by class: a class without an image in the batch stays. */
function movedMiddle(middle: Tensor, w: Tensor, oneHot: Tensor): Tensor {
  const share = Math.min(MIDDLE_SHARE, 1 / w.shape[0]!);
  const counts = reshape(reduceSum(oneHot, [0]), [oneHot.shape[1]!, 1]);
  const sums = matmul(oneHot, w, { transposeA: true });
  return add(middle, mul(sub(sums, mul(counts, middle)), share));
}

/**
 * A whole training step of stylegan2 as one graph: D learns, then G from the updated D. State in, state out (`next.NAME`), and what
 * the loop watches.
 *
 * Inputs besides the state: `real` [N,C,S,S] in [-1,1], `labels` [N,K] one-hot, `z` [N,latent], `mixedZ` [N,code] and `mix`
 * [N,styles], 1 where a layer has the style of the second latent; the augmentation of real images followed by generated ones; scalars
 * `generatorRate`, `discriminatorRate`, `correction`, `decay`; `penaltyWeight` where it is scheduled, `conditioning` with
 * `conditioned`; with paths `directions` [N,C,S,S] standard normal and `pathDecay`.
 * Outputs: `logits` [2N] (real, then generated), `penalty` [N] where there is one (R1, of real images),
 * `fakeSpread`, `realSpread`, `lossG`, `lossD`, and with paths `pathLength` and `pathPenalty`.
 */
export function buildStylegan2Step(options: Stylegan2StepOptions): Record<string, Tensor> {
  const { architecture: a, recipe } = options;
  const { batch } = recipe;
  const [layoutG, layoutD] = [stylegan2GeneratorLayout(a), stylegan2DiscriminatorLayout(a)];
  const vector = (name: string, { length }: ParameterLayout) => input(name, [length]);
  const [generator, average] = [vector("generator", layoutG), vector("average", layoutG)];
  const discriminator = vector("discriminator", layoutD);
  const real = input("real", [batch, a.channels, a.resolution, a.resolution]);
  const oneHot = input("labels", [batch, a.classes]);
  const conditioning = options.conditioned ? input("conditioning", []) : undefined;
  // In D the embeddings are products of the labels with a matrix: a factor of one is a factor of the other.
  const labels = conditioning === undefined ? oneHot : mul(oneHot, conditioning);
  const { z, noise } = splitLatent(a, input("z", [batch, a.latent]));
  const mixedZ = input("mixedZ", [batch, a.code]);
  const mix = input("mix", [batch, styleCount(a)]);
  const correction = input("correction", []);
  const augmentation = augmentInputs("augment", 2 * batch, a.channels, a.resolution);

  const update = (
    { name, weights, layout }: { name: string; weights: Tensor; layout: ParameterLayout },
    loss: Tensor,
    named: Weights,
    rate: Tensor,
  ) =>
    adamUpdate(
      { weights, second: vector(`${name}Second`, layout) },
      flatten(layout, gradient(loss, Object.values(named))),
      mul(learningRateFactors(layout), rate),
      correction,
      recipe,
    );

  /** Images of weights with the styles that they were painted with. */
  const draw = (weights: Weights) => {
    const w = mapping(a, weights, z, oneHot, conditioning);
    const other = mapping(a, weights, mixedZ, oneHot, conditioning);
    const ws = Array.from({ length: styleCount(a) }, (_, place) =>
      add(w, mul(slice(mix, [0, place], [batch, 1]), sub(other, w))),
    );
    const images = paint(a, weights, ws, noise);
    return { weights, w, ws, images, seen: augment(concat([real, images], 0), augmentation) };
  };
  const half = (both: Tensor, start: number) =>
    slice(both, [start, ...both.shape.slice(1).map(() => 0)], [batch, ...both.shape.slice(1)]);

  const drawn = draw(viewWeights(layoutG, generator));
  const weightsD = viewWeights(layoutD, discriminator);
  const seenReal = half(drawn.seen, 0);
  const judgedReal = judgeImages(a, weightsD, seenReal, labels);
  const judgedFake = judgeImages(a, weightsD, half(drawn.seen, batch), labels);
  const lossD = discriminatorLoss(judgedReal.logits, judgedFake.logits);
  const weight = options.penaltyWeight === "scheduled" ? input("penaltyWeight", []) : options.penaltyWeight;
  const penalty = weight === 0 ? undefined : gradientPenalty(judgedReal.logits, seenReal);
  const objectiveD = penalty === undefined ? lossD : add(lossD, mul(mul(meanAll(penalty), weight), 0.5));
  const nextD = update(
    { name: "discriminator", weights: discriminator, layout: layoutD },
    objectiveD,
    weightsD,
    input("discriminatorRate", []),
  );

  // The new D depends on the generated images, and G must not learn to steer its update: the same images are made of views of
  // their own, which the simplifier merges with the first.
  const weightsG = viewWeights(layoutG, generator);
  const again = draw(weightsG);
  const lossG = generatorLoss(
    judgeImages(a, viewWeights(layoutD, nextD.weights), half(again.seen, batch), labels).logits,
  );
  const paths = options.pathWeight === 0 ? undefined : pathsOf(a, batch, drawn, again, weightsD[PATH_LENGTH]!);
  const objectiveG = paths === undefined ? lossG : add(lossG, mul(paths.pathPenalty, options.pathWeight));
  const nextG = update(
    { name: "generator", weights: generator, layout: layoutG },
    objectiveG,
    weightsG,
    input("generatorRate", []),
  );

  // The average draws, so its middle is that of its own mapping network.
  const averaged = viewWeights(layoutG, average);
  const averagedW = mapping(a, averaged, z, oneHot, conditioning);
  const nextAverage = averageUpdate(average, nextG.weights, input("decay", []));
  const deviation = movedDeviation(weightsD, judgedReal.deviations);
  return {
    "next.generator": withTail(nextG.weights, [movedMiddle(drawn.weights[MIDDLE]!, drawn.w, oneHot)]),
    "next.generatorSecond": nextG.second,
    "next.average": withTail(nextAverage, [movedMiddle(averaged[MIDDLE]!, averagedW, oneHot)]),
    "next.discriminator": withTail(nextD.weights, [deviation, paths?.mean ?? weightsD[PATH_LENGTH]!]),
    "next.discriminatorSecond": nextD.second,
    logits: concat([judgedReal.logits, judgedFake.logits], 0),
    ...(penalty === undefined ? {} : { penalty }),
    fakeSpread: batchVariance(drawn.images),
    realSpread: batchVariance(real),
    lossG,
    lossD,
    ...(paths === undefined ? {} : { pathLength: meanAll(paths.lengths), pathPenalty: paths.pathPenalty }),
  };
}

interface Drawn {
  readonly ws: readonly Tensor[];
  readonly images: Tensor;
}

/**
 * Path lengths of a batch, their new moving mean [1] and the penalty.
 * @param held The images of other views of the weights, to which nothing is propagated: the mean is held.
 */
function pathsOf(a: Stylegan2Architecture, batch: number, held: Drawn, followed: Drawn, mean: Tensor) {
  const directions = input("directions", [batch, a.channels, a.resolution, a.resolution]);
  const lengthsOf = ({ images, ws }: Drawn) => pathLengths(images, ws, directions);
  const lengths = lengthsOf(followed);
  const seen = reshape(meanAll(lengthsOf(held)), [1]);
  const next = add(seen, mul(sub(mean, seen), input("pathDecay", [])));
  return { lengths, mean: next, pathPenalty: pathPenalty(lengths, next) };
}
