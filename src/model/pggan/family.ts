import { z } from "zod";
import { ADAM_STATE, type NoiseFamily } from "../family.ts";
import { grownByStages } from "../grown-by-stages.ts";
import { sharedArchitecture, widths } from "../shared-architecture.ts";
import type { PgganArchitecture } from "./architecture.ts";
import { pgganDiscriminatorLayout, scoreGrown } from "./discriminator.ts";
import { drawGrowing, pgganGeneratorLayout } from "./generator.ts";

/** Progressive growing (Karras et al. 2018, arXiv 1710.10196) from its paper: draws from noise and a class. */
export const pggan = {
  name: "pggan",
  input: "noise",
  architectureSchema: z.object({
    model: z.literal("pggan"),
    ...sharedArchitecture,
    generatorWidths: widths,
    discriminatorWidths: widths,
    latent: z.int().positive(),
    fading: z.number().min(0).max(1).optional(),
  }),
  state: ADAM_STATE,
  layouts: (a) => ({ generator: pgganGeneratorLayout(a), discriminator: pgganDiscriminatorLayout(a) }),
  axes: ({ latent }) => ({
    generator: {
      "seed.weight": { axis: 1, counts: "code", length: latent },
      "label.weight": { axis: 1, counts: "classes" },
      "image.weight": { axis: 0, counts: "outputs" },
      "image.bias": { axis: 0, counts: "outputs" },
    },
    discriminator: {
      "image.weight": { axis: 1, counts: "inputs" },
      "image.bias": { axis: 0, counts: "maps" },
      "projection.weight": { axis: 1, counts: "classes" },
    },
  }),
  grownFrom: ({ generatorWidths }, _, name) => grownByStages(generatorWidths, name),
  describe: ({ generatorWidths }) => `widths ${generatorWidths.join(" ")} from 4 pixels`,
  generate: (a, weights, latent, labels) => drawGrowing(a, weights, latent, labels),
  score: scoreGrown,
  scores: "order",
} as const satisfies NoiseFamily<PgganArchitecture>;
