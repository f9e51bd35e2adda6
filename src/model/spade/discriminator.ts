import { concat, type Tensor } from "../../graph/index.ts";
import { MAP_CHANNELS } from "../family.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import { declarePatchScales, type ScaleScores, scorePatchScales } from "../patch-scales.ts";
import type { SpadeArchitecture } from "./architecture.ts";
import { type SingularVectors, singularName, spectralKernel } from "./spectral-norm.ts";

/** Weights of the discriminators; behind them the singular vector of each kernel. */
export function spadeDiscriminatorLayout(a: SpadeArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  for (const { name, outputs } of declarePatchScales(layout, a, MAP_CHANNELS + a.channels))
    layout.add({ name: singularName(name), shape: [outputs], deviation: 1, rate: 0 });
  return layout.build();
}

/**
 * Discriminators of maps [N, 3, S, S] and images [N, channels, S, S] in [-1, 1] at several scales, kernels divided by their spectral
 * norm (arXiv 1903.07291, section 3).
 * @param vectors Of the kernels, held; see `iterateVectors`.
 */
export const scoreScales = (
  a: SpadeArchitecture,
  weights: Weights,
  vectors: SingularVectors,
  maps: Tensor,
  images: Tensor,
): ScaleScores[] =>
  scorePatchScales(a, weights, concat([maps, images], 1), (layer) => spectralKernel(weights, layer, vectors[layer]!));
