import { concat, type Tensor } from "../../graph/index.ts";
import { LayoutBuilder, type ParameterLayout, type Weights } from "../parameters.ts";
import { declarePatchScales, type ScaleScores, scorePatchScales } from "../patch-scales.ts";
import type { Pix2pixhdArchitecture } from "./architecture.ts";
import { OUTLINED_CHANNELS, outlined } from "./boundaries.ts";

/** Weights of the discriminators. */
export function pix2pixhdDiscriminatorLayout(a: Pix2pixhdArchitecture): ParameterLayout {
  const layout = new LayoutBuilder();
  declarePatchScales(layout, a, OUTLINED_CHANNELS + a.channels);
  return layout.build();
}

/** Discriminators of maps [N, 3, S, S], their boundaries, and images [N, channels, S, S] in [-1, 1], at several scales. */
export const scoreTranslated = (
  a: Pix2pixhdArchitecture,
  weights: Weights,
  maps: Tensor,
  images: Tensor,
): ScaleScores[] => scorePatchScales(a, weights, concat([outlined(maps), images], 1));
