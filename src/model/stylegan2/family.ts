import { z } from "zod";
import { ADAM_STATE, type NoiseFamily } from "../family.ts";
import { sharedArchitecture, widths } from "../shared-architecture.ts";
import type { Stylegan2Architecture } from "./architecture.ts";
import { scoreAlone, stylegan2DiscriminatorLayout } from "./discriminator.ts";
import { generateStylegan2, imageLayers, MIDDLE, stylegan2GeneratorLayout } from "./generator.ts";

/** StyleGAN2 (Karras et al. 2020, arXiv 1912.04958) from its papers: draws from noise and a class. */
export const stylegan2 = {
  name: "stylegan2",
  input: "noise",
  truncation: "w",
  architectureSchema: z.object({
    model: z.literal("stylegan2"),
    ...sharedArchitecture,
    generatorWidths: widths,
    discriminatorWidths: widths,
    latent: z.int().positive(),
    code: z.int().positive(),
    embedding: z.int().positive(),
    mapping: z.int().positive(),
  }),
  state: ADAM_STATE,
  layouts: (a) => ({ generator: stylegan2GeneratorLayout(a), discriminator: stylegan2DiscriminatorLayout(a) }),
  axes: (a) => ({
    generator: {
      "embedding.weight": { axis: 1, counts: "classes" },
      [MIDDLE]: { axis: 0, counts: "classes" },
      ...Object.fromEntries(
        imageLayers(a).flatMap((name) =>
          ["weight", "bias"].map((part) => [`${name}.${part}`, { axis: 0, counts: "outputs" }] as const),
        ),
      ),
    },
    discriminator: {
      "image.weight": { axis: 1, counts: "inputs" },
      "image.bias": { axis: 0, counts: "maps" },
      "projection.weight": { axis: 1, counts: "classes" },
    },
  }),
  describe: ({ generatorWidths, mapping }) =>
    `widths ${generatorWidths.join(" ")} from 4 pixels, ${mapping} layers of mapping`,
  generate: generateStylegan2,
  score: scoreAlone,
} as const satisfies NoiseFamily<Stylegan2Architecture>;
