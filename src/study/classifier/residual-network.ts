import { averagePool, exp, leakyRelu, mul, neg, reduceMean, reshape, sub, type Tensor } from "../../graph/index.ts";
import {
  conv,
  declareConv,
  declareResidual,
  LayoutBuilder,
  linear,
  type ParameterLayout,
  residual,
  SLOPE,
  type Weights,
} from "../../model/index.ts";

/** Shapes of the residual classifier of studies. */
export interface ResidualArchitecture {
  /** Width and height of the images in pixels. */
  readonly resolution: number;
  /** 1 grey, 3 sRGB. */
  readonly channels: 1 | 3;
  readonly classes: number;
  /** Feature maps from the highest resolution down; between stages the maps are halved. */
  readonly widths: readonly number[];
  /** Residual blocks of a stage. */
  readonly blocks: number;
}

/** Maps of the first stage; each further one has twice as many, up to {@link WIDEST}. */
const FIRST = 16;
const WIDEST = 128;

/** Stages down to 4 to 7 pixels, one block each: a compact network for hundreds to thousands of images. */
export function designResidual(resolution: number, channels: 1 | 3, classes: number): ResidualArchitecture {
  const stages = Math.max(1, Math.floor(Math.log2(resolution / 4)) + 1);
  const widths = Array.from({ length: stages }, (_, stage) => Math.min(WIDEST, FIRST * 2 ** stage));
  return { resolution, channels, classes, widths, blocks: 1 };
}

/** Multiplies the learning rate of the head beside that of the other layers: it reads standardised features. */
const HEAD_RATE = 3;

/**
 * Weights of the network: residual blocks without normalisation begin as the identity (Fixup, see `declareResidual`).
 * `image.mean` and `image.logDeviation` [channels] standardise images; they are set from the training images and not
 * learned (rate 0), and do nothing as they begin.
 */
export function residualLayout({ channels, classes, widths, blocks }: ResidualArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  for (const name of ["image.mean", "image.logDeviation"]) {
    layout.add({ name, shape: [channels], deviation: 0, rate: 0 });
  }
  declareConv(layout, "image", channels, widths[0]!, 3, { gain: 1 });
  widths.forEach((width, stage) => {
    for (let block = 0; block < blocks; block++) declareResidual(layout, `stage${stage}.block${block}`, width);
    const next = widths[stage + 1];
    if (next !== undefined && next !== width) {
      declareConv(layout, `stage${stage}.shortcut`, width, next, 1, { gain: 1, bias: false });
    }
  });
  const last = widths[widths.length - 1]!;
  const [deviation, rate] = [0.1 / Math.sqrt(last), HEAD_RATE / Math.sqrt(last)];
  layout.add({ name: "head.weight", shape: [classes, last], deviation, rate });
  layout.add({ name: "head.bias", shape: [classes], deviation: 0, rate: 1 });
  return layout.build();
}

/** images [N, channels, S, S] in [-1, 1] => features [N, last width]: the mean over pixels of the last maps. */
export function residualFeatures(
  { channels, widths, blocks }: ResidualArchitecture,
  weights: Weights,
  images: Tensor,
): Tensor {
  const perChannel = (name: string) => reshape(weights[name]!, [1, channels, 1, 1]);
  const centred = sub(images, perChannel("image.mean"));
  let x = conv(weights, "image", mul(centred, exp(neg(perChannel("image.logDeviation")))));
  widths.forEach((width, stage) => {
    for (let block = 0; block < blocks; block++) x = residual(weights, `stage${stage}.block${block}`, x);
    const next = widths[stage + 1];
    if (next === undefined) return;
    // Pooling and a 1x1 convolution commute; pooling first does a quarter of the work.
    const pooled = averagePool(x);
    x = next === width ? pooled : conv(weights, `stage${stage}.shortcut`, pooled);
  });
  return reduceMean(leakyRelu(x, SLOPE), [2, 3], false);
}

/** images [N, channels, S, S] in [-1, 1] => class logits [N, classes]. */
export function residualLogits(a: ResidualArchitecture, weights: Weights, images: Tensor): Tensor {
  return linear(weights, "head", residualFeatures(a, weights, images));
}
