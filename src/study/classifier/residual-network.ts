import { averagePool, leakyRelu, reduceMean, type Tensor } from "../../graph/index.ts";
import {
  conv,
  declareConv,
  declareLinear,
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

/** Weights of the network: residual blocks without normalisation begin as the identity (Fixup, see `declareResidual`). */
export function residualLayout({ channels, classes, widths, blocks }: ResidualArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  declareConv(layout, "image", channels, widths[0], 3, { gain: 1 });
  widths.forEach((width, stage) => {
    for (let block = 0; block < blocks; block++) declareResidual(layout, `stage${stage}.block${block}`, width);
    const next = widths[stage + 1];
    if (next !== undefined && next !== width) {
      declareConv(layout, `stage${stage}.shortcut`, width, next, 1, { gain: 1, bias: false });
    }
  });
  declareLinear(layout, "head", widths[widths.length - 1], classes, { gain: 0.1 });
  return layout.build();
}

/** images [N, channels, S, S] in [-1, 1] => class logits [N, classes]. */
export function residualLogits({ widths, blocks }: ResidualArchitecture, weights: Weights, images: Tensor): Tensor {
  let x = conv(weights, "image", images);
  widths.forEach((width, stage) => {
    for (let block = 0; block < blocks; block++) x = residual(weights, `stage${stage}.block${block}`, x);
    const next = widths[stage + 1];
    if (next === undefined) return;
    // Pooling and a 1x1 convolution commute; pooling first does a quarter of the work.
    const pooled = averagePool(x);
    x = next === width ? pooled : conv(weights, `stage${stage}.shortcut`, pooled);
  });
  return linear(weights, "head", reduceMean(leakyRelu(x, SLOPE), [2, 3], false));
}
