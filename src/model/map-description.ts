import { z } from "zod";
import { originSchema } from "./origin.ts";

/** Names the format of a `generator.onnx` that fills maps in its `metadata_props`. */
export const MAP_GENERATOR_FORMAT = "ganglion.map-generator/1";

/** What a `generator.onnx` that fills maps says of itself in its `metadata_props`. */
export const mapDescriptionSchema = z.object({
  /** Name of the family. */
  model: z.string(),
  /** Conditions; the position is the class index. */
  classes: z.array(z.string()).min(1),
  /** Width and height in pixels. */
  resolution: z.int().positive(),
  channels: z.union([z.literal(1), z.literal(3)]),
  /** Length of the latent; 0 where one map gives one image. */
  latent: z.int().nonnegative(),
  /** What fills the lesion in a map. */
  mapKind: z.enum(["box", "mask"]),
  /** Tones of the training images were estimated from their pixels. */
  tonesEstimated: z.boolean(),
  /** Images of each tone, I to VI, that it was trained on. */
  toneCounts: z.array(z.int().nonnegative()).length(6),
  imagesSeen: z.int().nonnegative(),
  seed: z.int(),
  /** SPDX identifier or words on who may use the generator; empty where the owner has not said. */
  license: z.string(),
  /** Networks that its training began from, nearest first; absent where it began from none. */
  startedFrom: z.array(originSchema).optional(),
});

export type MapDescription = z.infer<typeof mapDescriptionSchema>;
