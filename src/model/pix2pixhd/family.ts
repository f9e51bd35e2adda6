import { z } from "zod";
import { ADAM_STATE, type MapFamily } from "../family.ts";
import { sharedArchitecture, widths } from "../shared-architecture.ts";
import type { Pix2pixhdArchitecture } from "./architecture.ts";
import { pix2pixhdDiscriminatorLayout } from "./discriminator.ts";
import { pix2pixhdGeneratorLayout, translateMaps } from "./generator.ts";

/** pix2pixHD (Wang et al. 2018, arXiv 1711.11585) from its paper: fills semantic maps. */
export const pix2pixhd = {
  name: "pix2pixhd",
  input: "maps",
  architectureSchema: z.object({
    model: z.literal("pix2pixhd"),
    ...sharedArchitecture,
    latent: z.literal(0),
    generatorWidths: widths,
    coarseBlocks: z.int().nonnegative(),
    fineBlocks: z.int().nonnegative(),
    discriminatorWidths: widths,
    discriminatorScales: z.int().positive(),
  }),
  // First moments too: it is trained with momentum.
  state: { ...ADAM_STATE, generatorFirst: "generator", discriminatorFirst: "discriminator" },
  layouts: (a) => ({ generator: pix2pixhdGeneratorLayout(a), discriminator: pix2pixhdDiscriminatorLayout(a) }),
  describe: ({ generatorWidths, coarseBlocks, fineBlocks }) =>
    `widths ${generatorWidths.join(" ")} down to 8 pixels, ${coarseBlocks} and ${fineBlocks} residual blocks`,
  generate: translateMaps,
} as const satisfies MapFamily<Pix2pixhdArchitecture>;
