import { z } from "zod";

/** Fields of every architecture in a checkpoint but its latent. */
export const sharedArchitecture = {
  resolution: z.int(),
  channels: z.union([z.literal(1), z.literal(3)]),
  classes: z.int().positive(),
};

/** Feature maps of a network's stages. */
export const widths = z.array(z.int().positive());
