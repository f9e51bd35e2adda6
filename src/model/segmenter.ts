import { add, averagePool, leakyRelu, type Tensor } from "../graph/index.ts";
import { conv, declareConv, SLOPE, upsampleBilinear } from "./layers.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "./parameters.ts";

/** Shapes of a small U-Net (Ronneberger et al. 2015, arXiv 1505.04597) that marks one kind of region. */
export interface SegmenterArchitecture {
  /** Width and height of the images in pixels, divisible by 2^(stages - 1). */
  readonly resolution: number;
  /** 1 grey, 3 sRGB. */
  readonly channels: 1 | 3;
  /** Feature maps from the highest resolution down; each stage after the first halves the maps. */
  readonly widths: readonly number[];
}

/** Feature maps of the first stages; further ones are as wide as the last. */
const WIDTHS = [16, 32, 64, 64];
/** No stage is smaller, in pixels: the lesion's whole surroundings are seen from there. */
const SMALLEST = 8;

/** Stages that halve as long as the extent is even and stays at 8 pixels or more. */
export function designSegmenter(resolution: number, channels: 1 | 3): SegmenterArchitecture {
  const widths = [WIDTHS[0]!];
  for (let size = resolution; size % 2 === 0 && size / 2 >= SMALLEST; size /= 2) {
    widths.push(WIDTHS[Math.min(widths.length, WIDTHS.length - 1)]!);
  }
  return { resolution, channels, widths };
}

export function segmenterLayout({ channels, widths }: SegmenterArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  widths.forEach((width, stage) => {
    declareConv(layout, `down${stage}.first`, stage === 0 ? channels : widths[stage - 1]!, width, 3);
    // At full size a second convolution costs as much as all the others and finds no more.
    if (stage > 0) declareConv(layout, `down${stage}.second`, width, width, 3);
  });
  for (let stage = widths.length - 2; stage >= 0; stage--) {
    declareConv(layout, `up${stage}.narrow`, widths[stage + 1]!, widths[stage]!, 1);
    declareConv(layout, `up${stage}.join`, widths[stage]!, widths[stage]!, 3);
  }
  declareConv(layout, "head", widths[0]!, 1, 1, { gain: 0.1 });
  return layout.build();
}

/**
 * images [N, channels, S, S] in [-1, 1] => logits [N, 1, S, S] of each pixel being inside the region. Maps of the way down
 * are added to those of the way up, not joined as in the paper: half the work for the widest maps.
 */
export function segment({ widths }: SegmenterArchitecture, weights: Weights, images: Tensor): Tensor {
  const layer = (name: string, x: Tensor) => leakyRelu(conv(weights, name, x), SLOPE);
  const skips: Tensor[] = [];
  let x = images;
  widths.forEach((_, stage) => {
    if (stage > 0) x = averagePool(x);
    x = layer(`down${stage}.first`, x);
    if (stage > 0) x = layer(`down${stage}.second`, x);
    skips.push(x);
  });
  for (let stage = widths.length - 2; stage >= 0; stage--) {
    const wide = upsampleBilinear(conv(weights, `up${stage}.narrow`, x));
    x = layer(`up${stage}.join`, add(wide, skips[stage]!));
  }
  return conv(weights, "head", x);
}
