import { z } from "zod";

/** A share of each class. */
const ofClasses = z.array(z.object({ name: z.string(), value: z.number() }));

/** `outcome.json` of a run, version 1: what a finished training came to (docs/formats.md). */
export const outcomeSchema = z.object({
  schema: z.literal(1),
  /** Images seen by the weights in `generator.onnx`. */
  imagesSeen: z.int().nonnegative(),
  /** SHA-256 of the `generator.onnx` that was judged. */
  generator: z.string(),
  /** As `evaluate` gives it, from fewer images and the fixed features alone. */
  verdict: z.object({ grade: z.string(), sentence: z.string(), reasons: z.array(z.string()) }),
  /** Null where there were too few images. */
  distance: z
    .object({
      features: z.string(),
      /** FID between generated and real images, and between other real images and the same ones. */
      value: z.number(),
      floor: z.number(),
      /** Images on each side. */
      n: z.int().positive(),
      /** Other real images: held-out ones, or half of the training images. */
      control: z.enum(["holdout", "halves"]),
    })
    .nullable(),
  /** Whether quality still rises, by the distances measured during training. */
  trend: z.object({
    state: z.enum(["improving", "still", "unknown"]),
    sentence: z.string(),
    /** Relative change of the distance from the first to the last of the measurements looked at, with its 95 % interval. */
    change: z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable(),
    /** Measurements that were looked at, with the images seen of the first and last. */
    measurements: z.int().nonnegative(),
    from: z.int().nullable(),
    to: z.int().nullable(),
  }),
  /** Of the kept state: shares of the training images with a drawn one near; absent where it was not measured. */
  coverage: z
    .object({
      value: z.number(),
      /** Of classes with images enough. */
      classes: ofClasses,
      sentence: z.string(),
    })
    .optional(),
  /**
   * Of the kept state: shares of drawn images that a classifier gives the class that they were drawn for, and of real images; absent
   * where it cannot tell classes, and in runs of earlier versions.
   */
  classAgreement: z
    .object({
      value: z.number(),
      real: z.number(),
      classes: ofClasses,
      sentence: z.string(),
    })
    .optional(),
  /** Drawn images that repeat training images, when last counted; absent where nobody looked. */
  copies: z.object({ found: z.int(), of: z.int(), imagesSeen: z.int() }).optional(),
  next: z.object({
    /** Why, as a sentence. */
    reason: z.string(),
    /** Complete; runs in a shell as it stands. */
    command: z.string(),
    /** At the measured rate; null where the command takes no training. */
    minutes: z.number().nullable(),
  }),
});

/** See {@link outcomeSchema}. */
export type Outcome = z.infer<typeof outcomeSchema>;
