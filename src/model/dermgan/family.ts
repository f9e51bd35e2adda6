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
    fading: z.number().min(0).max(1).optional(),
  }),
  // First moments too: it is trained with momentum.
  state: { ...ADAM_STATE, generatorFirst: "generator", discriminatorFirst: "discriminator" },
  layouts: (a) => ({ generator: dermganGeneratorLayout(a), discriminator: dermganDiscriminatorLayout(a) }),
  grownFrom({ generatorWidths }, _, name) {
    const isNew = /^(image|down[01]|conv[01])\./.test(name) || name.startsWith(`up${generatorWidths.length - 1}.`);
    if (isNew) return null;
    // On the way down layers are counted from the image.
    return name.replace(/^before\./, "").replace(/^(down|conv)([1-9]\d*)/, (_, way, i) => `${way}${Number(i) - 1}`);
  },
  describe: ({ generatorWidths }) => `widths ${generatorWidths.join(" ")} down to 4 pixels`,
  generate: fillImage,
} as const satisfies MapFamily<DermganArchitecture>;
