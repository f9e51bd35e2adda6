import { z } from "zod";
import { ADAM_STATE, type NoiseFamily } from "../family.ts";
import { featureTapSchema } from "../frozen-network.ts";
import { grownByStages } from "../grown-by-stages.ts";
import { sharedArchitecture, widths } from "../shared-architecture.ts";
import type { R3ganArchitecture } from "./architecture.ts";
import { discriminate, discriminatorFeatures, discriminatorLayout } from "./discriminator.ts";
import { headProjection } from "./feature-heads.ts";
import { generate, generatorLayout } from "./generator.ts";

/** R3GAN (Huang et al. 2025, arXiv 2501.05441): draws from noise and a class. */
export const r3gan = {
  name: "r3gan",
  input: "noise",
  architectureSchema: z.object({
    model: z.literal("r3gan"),
    ...sharedArchitecture,
    generatorWidths: widths,
    discriminatorWidths: widths,
    latent: z.int().positive(),
    code: z.int().positive(),
    embedding: z.int().positive(),
    blocks: z.int().positive(),
    heads: z.array(featureTapSchema).optional(),
    fading: z.number().min(0).max(1).optional(),
  }),
  state: ADAM_STATE,
  layouts: (a) => ({ generator: generatorLayout(a), discriminator: discriminatorLayout(a) }),
  axes: ({ code, heads = [] }) => ({
    generator: {
      "embedding.weight": { axis: 1, counts: "classes" },
      "seed.weight": { axis: 1, counts: "code", length: code },
      "image.weight": { axis: 0, counts: "outputs" },
      "image.bias": { axis: 0, counts: "outputs" },
    },
    discriminator: {
      "image.weight": { axis: 1, counts: "inputs" },
      "image.bias": { axis: 0, counts: "maps" },
      "projection.weight": { axis: 1, counts: "classes" },
      ...Object.fromEntries(heads.map((_, i) => [headProjection(i), { axis: 1, counts: "classes" } as const])),
    },
  }),
  grownFrom: ({ generatorWidths }, _, name) => grownByStages(generatorWidths, name),
  describe: ({ generatorWidths }) => `widths ${generatorWidths.join(" ")} from 4 pixels`,
  generate,
  score: (a, weights, images, labels) => ({
    logits: discriminate(a, weights, images, labels),
    features: discriminatorFeatures(a, weights, images),
  }),
} as const satisfies NoiseFamily<R3ganArchitecture>;
