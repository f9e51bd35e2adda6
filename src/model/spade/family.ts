import { z } from "zod";
import { ADAM_STATE, type MapFamily } from "../family.ts";
import { sharedArchitecture, widths } from "../shared-architecture.ts";
import type { SpadeArchitecture } from "./architecture.ts";
import { spadeDiscriminatorLayout } from "./discriminator.ts";
import { paintMaps, spadeGeneratorLayout } from "./generator.ts";

/** SPADE (Park et al. 2019, arXiv 1903.07291) from its papers: fills semantic maps. */
export const spade = {
  name: "spade",
  input: "maps",
  architectureSchema: z.object({
    model: z.literal("spade"),
    ...sharedArchitecture,
    generatorWidths: widths,
    discriminatorWidths: widths,
    latent: z.int().positive(),
    hidden: z.int().positive(),
    encoder: z.boolean(),
    discriminatorScales: z.int().positive(),
  }),
  state: ADAM_STATE,
  layouts: (a) => ({ generator: spadeGeneratorLayout(a), discriminator: spadeDiscriminatorLayout(a) }),
  describe: ({ generatorWidths, discriminatorScales, encoder }) =>
    `widths ${generatorWidths.join(" ")} from 4 pixels, ${discriminatorScales} discriminators${encoder ? ", an image encoder" : ""}`,
  generate: paintMaps,
} as const satisfies MapFamily<SpadeArchitecture>;
