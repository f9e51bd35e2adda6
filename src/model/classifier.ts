import { averagePool, leakyRelu, reduceMean, slice, type Tensor } from "../graph/index.ts";
import { conv, declareConv, declareLinear, linear, SLOPE } from "./layers.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "./parameters.ts";

/** Shapes of a small convolutional classifier. */
export interface ClassifierArchitecture {
  /** Width and height of the images in pixels, at least 8. */
  readonly resolution: number;
  /** 1 grey, 3 sRGB. */
  readonly channels: 1 | 3;
  readonly classes: number;
  /** Feature maps from the highest resolution down; each stage halves the maps. */
  readonly widths: readonly number[];
}

/** Length of the feature vector that the last layer reads. */
export const CLASSIFIER_FEATURES = 64;

/** Stages that halve down to 4 pixels, narrow first. */
export function designClassifier(resolution: number, channels: 1 | 3, classes: number): ClassifierArchitecture {
  const stages = Math.max(1, Math.floor(Math.log2(resolution / 4)));
  const widths = Array.from({ length: stages }, (_, stage) => Math.min(96, 16 * 2 ** stage));
  return { resolution, channels, classes, widths };
}

export function classifierLayout({ channels, classes, widths }: ClassifierArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  widths.forEach((width, stage) => {
    declareConv(layout, `stage${stage}.first`, stage === 0 ? channels : widths[stage - 1]!, width, 3);
    declareConv(layout, `stage${stage}.second`, width, width, 3);
  });
  declareConv(layout, "last", widths[widths.length - 1]!, CLASSIFIER_FEATURES, 3);
  declareLinear(layout, "head", CLASSIFIER_FEATURES, classes, { gain: 0.1 });
  return layout.build();
}

/** Half of the extent, rounded down: an odd last row and column are left out. */
function halve(x: Tensor): Tensor {
  const [count, channels, height, width] = x.shape as [number, number, number, number];
  return averagePool(slice(x, [0, 0, 0, 0], [count, channels, height - (height % 2), width - (width % 2)]));
}

/** images [N, channels, S, S] in [-1, 1] => features [N, CLASSIFIER_FEATURES]: the mean over pixels of the last maps. */
export function classifierFeatures({ widths }: ClassifierArchitecture, weights: Weights, images: Tensor): Tensor {
  let x = images;
  widths.forEach((_, stage) => {
    for (const layer of ["first", "second"]) x = leakyRelu(conv(weights, `stage${stage}.${layer}`, x), SLOPE);
    x = halve(x);
  });
  return reduceMean(leakyRelu(conv(weights, "last", x), SLOPE), [2, 3], false);
}

/** features [N, CLASSIFIER_FEATURES] => class logits [N, classes]. */
export const classifierLogits = (weights: Weights, features: Tensor): Tensor => linear(weights, "head", features);
