import { z } from "zod";

const finite = z.number();
const images = z.number().int().describe("Images.");

const bounded = z.object({
  value: finite,
  low: finite.describe("Lower end of the 95 % interval."),
  high: finite.describe("Upper end of the 95 % interval."),
});
const interval = bounded.nullable().describe("Null where it is not defined.");

const agreement = z.object({
  n: images,
  share: interval.describe("Share of the images that the classifier assigns to the asked condition."),
  balanced: interval.describe("Mean over conditions of that share."),
  perClass: z.record(z.string(), bounded.extend({ n: images })),
  confusion: z
    .array(z.array(z.number().int()))
    .describe("Images by asked (row) and assigned (column) condition, in the order of `classes`."),
});

const overlap = z.object({
  n: images,
  median: interval.describe("Median intersection over union."),
  lowerQuartile: finite.nullable(),
  upperQuartile: finite.nullable(),
  perClass: z.record(z.string(), z.object({ n: images, median: bounded })),
});

const overlapPair = z.object({
  synthetic: overlap.describe("Requested region against the lesion found."),
  real: overlap.describe("Region drawn by people against the lesion found, real held-out images."),
  ratio: interval.describe("Median of the synthetic images divided by that of the real ones."),
});

const tones = z.object({
  n: images,
  correlation: interval.describe("Spearman's rank correlation of asked and estimated tone."),
  exact: interval.describe("Share of the images whose estimated tone is the asked one."),
  table: z.array(z.array(z.number().int())).describe("Images by asked (row) and estimated (column) tone, I to VI."),
});

const change = z.object({
  n: z.number().int().describe("Pairs of images."),
  outside: interval.describe("Mean absolute difference outside of the region with a margin, grey levels (0..255)."),
  inside: interval.describe("The same inside of the region."),
  ratio: interval.describe("Outside divided by inside."),
});

/** `controls` in `metrics.json`: whether the image holds what the map asked for. */
export const controlsSchema = z.object({
  resolution: z.number().int().describe("Width and height in pixels at which the controls were measured."),
  classes: z.array(z.string()),
  baseline: z
    .enum(["holdout", "part"])
    .describe(
      "Real images compared with: the held-out set, or a part of the real set that neither network was trained on.",
    ),
  classifier: z
    .object({
      imagesSeen: z.number().int(),
      accuracy: finite.nullable(),
      balancedAccuracy: finite.nullable().describe("On the real images compared with."),
      chance: finite.describe("Balanced accuracy of guessing."),
    })
    .nullable(),
  segmenter: z
    .object({ imagesSeen: z.number().int(), masks: z.number().int().describe("Real masks used for training.") })
    .nullable(),
  condition: z.object({ synthetic: agreement, real: agreement }).nullable(),
  region: z
    .object({
      kind: z
        .enum(["box", "mask"])
        .describe("What was asked for: `box` where every asked region is its boxes, filled."),
      shape: overlapPair.describe("Requested region and found lesion, as shapes."),
      box: overlapPair.describe("The boxes around both."),
    })
    .nullable(),
  tone: z
    .object({
      synthetic: tones,
      real: tones.nullable().describe("Stated against estimated tone; null where real tones are themselves estimates."),
    })
    .nullable(),
  outside: z
    .object({
      condition: change.describe("Same region, tone and latent, another condition."),
      seeds: change.nullable().describe("Same map, another latent; null where the generator has no latent."),
      real: change.nullable().describe("Pairs of real held-out images of one tone and different conditions."),
    })
    .nullable()
    .describe("Null without --run."),
  notes: z.array(z.string()),
});

export type ControlsSummary = z.infer<typeof controlsSchema>;
