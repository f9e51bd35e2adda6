import { z } from "zod";
import { ADAM_STATE, type MapFamily } from "../family.ts";
import { sharedArchitecture, widths } from "../shared-architecture.ts";
import { type DermganArchitecture, LATENT_KINDS } from "./architecture.ts";
import { dermganDiscriminatorLayout } from "./discriminator.ts";
import { dermganGeneratorLayout, fillImage } from "./generator.ts";

/** DermGAN (Ghorbani et al. 2019, PMLR 116:155-170): fills semantic maps. */
export const dermgan = {
  name: "dermgan",
  input: "maps",
  architectureSchema: z.object({
    model: z.literal("dermgan"),
    ...sharedArchitecture,
    generatorWidths: widths,
    discriminatorWidths: widths,
    latent: z.int().nonnegative(),
    latentKind: z.enum(LATENT_KINDS),
    resizeConv: z.boolean(),
  }),
  // First moments too: it is trained with momentum.
  state: { ...ADAM_STATE, generatorFirst: "generator", discriminatorFirst: "discriminator" },
  layouts: (a) => ({ generator: dermganGeneratorLayout(a), discriminator: dermganDiscriminatorLayout(a) }),
  describe: ({ generatorWidths }) => `widths ${generatorWidths.join(" ")} down to 4 pixels`,
  generate: fillImage,
} as const satisfies MapFamily<DermganArchitecture>;
