import { z } from "zod";

/** What networks that others began from were, and what they learned from. */
export const originSchema = z.object({
  /** Name of a start that was packed as one; null for a run or generator. */
  name: z.string().nullable(),
  /** SHA-256 of the averaged weights, `weights_sha256` in the metadata of their generator file. */
  weights: z.string(),
  /** Name of the family. */
  model: z.string(),
  resolution: z.int().positive(),
  channels: z.union([z.literal(1), z.literal(3)]),
  imagesSeen: z.int().nonnegative(),
  /** SPDX identifier or words on who may use it. */
  license: z.string(),
  data: z.object({
    /** What the images are and whom to credit, in words; null where nobody has said. */
    title: z.string().nullable(),
    /** Hash over names, labels and contents of the images; null where a generator file does not say. */
    hash: z.string().nullable(),
    /** Number of images; null likewise. */
    images: z.int().positive().nullable(),
    classes: z.array(z.string()),
  }),
});

/** See {@link originSchema}. */
export type Origin = z.infer<typeof originSchema>;
