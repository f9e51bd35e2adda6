import { add, averagePool, leakyRelu, matmul, mul, reduceSum, reshape, type Tensor } from "../../graph/index.ts";
import {
  blend,
  conv,
  declareConv,
  declareLinear,
  declareResidual,
  linear,
  residual,
  type Share,
  SLOPE,
} from "../layers.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import { SEED_RESOLUTION } from "../stage-widths.ts";
import type { R3ganArchitecture } from "./architecture.ts";
import { declareHeads } from "./feature-heads.ts";

const blockName = (stage: number, block: number): string => `stage${stage}.block${block}`;

/** Length of the feature vector behind the last block. */
export const featureLength = (a: R3ganArchitecture): number => a.discriminatorWidths[0]!;

/** Weights of the discriminator. */
export function discriminatorLayout(a: R3ganArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  const widths = a.discriminatorWidths;
  const features = featureLength(a);
  declareConv(layout, "image", a.channels, widths[widths.length - 1]!, 3, { gain: 1 });
  if (a.fading !== undefined) declareConv(layout, "before.image", a.channels, widths.at(-2)!, 3, { gain: 1 });
  for (let stage = widths.length - 1; stage >= 0; stage--) {
    for (let block = 0; block < a.blocks; block++) declareResidual(layout, blockName(stage, block), widths[stage]!);
    const next = widths[stage - 1];
    if (next !== undefined && next !== widths[stage]) {
      declareConv(layout, `stage${stage}.shortcut`, widths[stage]!, next, 1, { gain: 1, bias: false });
    }
  }
  declareLinear(layout, "features", widths[0]! * SEED_RESOLUTION ** 2, features);
  declareLinear(layout, "logit", features, 1, { gain: 1 });
  declareLinear(layout, "projection", a.classes, features, { gain: Math.sqrt(a.classes / features), bias: false });
  declareHeads(layout, a.heads ?? [], a.classes);
  return layout.build();
}

/**
 * images [N, channels, H, W] in [-1, 1] => features [N, featureLength].
 * @param share Of networks that are faded in: what the newest layers see; the others see the image at half its size (Karras et al.
 * 2018, arXiv 1710.10196, appendix A.1). Defaults to that of the architecture.
 */
export function discriminatorFeatures(
  a: R3ganArchitecture,
  weights: Weights,
  images: Tensor,
  share: Share | undefined = a.fading,
): Tensor {
  const widths = a.discriminatorWidths;
  let x = conv(weights, "image", images);
  for (let stage = widths.length - 1; stage >= 0; stage--) {
    for (let block = 0; block < a.blocks; block++) x = residual(weights, blockName(stage, block), x);
    if (stage === 0) break;
    // Pooling and a 1x1 convolution commute; pooling first does a quarter of the work.
    const pooled = averagePool(x);
    x = widths[stage - 1] === widths[stage] ? pooled : conv(weights, `stage${stage}.shortcut`, pooled);
    if (share === undefined || stage < widths.length - 1) continue;
    x = blend(conv(weights, "before.image", averagePool(images)), x, share);
  }
  const flat = reshape(leakyRelu(x, SLOPE), [x.shape[0]!, widths[0]! * SEED_RESOLUTION ** 2]);
  return leakyRelu(linear(weights, "features", flat), SLOPE);
}

/** Logits [N] from features [N, featureLength] and one-hot labels [N, classes]; see {@link discriminate}. */
export function logitsOf(weights: Weights, features: Tensor, labels: Tensor): Tensor {
  const embedded = matmul(labels, weights["projection.weight"]!, { transposeB: true });
  const logits = add(linear(weights, "logit", features), reduceSum(mul(embedded, features), [1]));
  return reshape(logits, [features.shape[0]!]);
}

/** Features [N, featureLength] => [N, classes]: their inner products with the embeddings of all classes. */
export const classScores = (weights: Weights, features: Tensor): Tensor =>
  matmul(features, weights["projection.weight"]!);

/**
 * Logits [N] of images given one-hot labels [N, classes]: a linear head plus the inner product of the features with
 * an embedding of the class (projection discriminator, Miyato and Koyama 2018, arXiv 1802.05637).
 */
export const discriminate = (a: R3ganArchitecture, weights: Weights, images: Tensor, labels: Tensor): Tensor =>
  logitsOf(weights, discriminatorFeatures(a, weights, images), labels);
