import { z } from "zod";
import { DEGRADATIONS, strengthUnit } from "./degrade.ts";
import { GRADES } from "./grade.ts";

const beside = z.object({
  value: z.number().describe("Synthetic against real images, mean over the draws."),
  floor: z.number().describe("Other real images against the same real images."),
});

const share = z
  .number()
  .nullable()
  .describe(
    "Root of the energy distance above that of other real images, divided by that of images without content: 0 like real images, 1 like noise. Null where even noise lies no farther than real images.",
  );

/** Of one extractor in `metrics.json`. */
export const likenessSchema = z
  .object({
    n: z.number().int().describe("Images on each side of every draw."),
    draws: z.number().int(),
    control: z
      .enum(["holdout", "unseen", "halves"])
      .describe(
        "Other real images: the held-out set, those the extractor was not trained on, or half of the real set.",
      ),
    energy: beside.extend({
      threshold: z.number().describe("From here on a draw counts as told from real images, with 5 % false alarms."),
      noise: z.number().describe("Images without content (noise): the least of two kinds."),
    }),
    share,
    told: z.number().describe("Share of the draws in which the synthetic images are told from real ones."),
    blur: z
      .number()
      .nullable()
      .describe("Blur in pixels that takes real images as far; null beyond the strongest of the self-test."),
    fid: beside.extend({
      noise: z
        .number()
        .describe("Images without content (noise) against the same real images: the least of two kinds."),
    }),
    kid: beside.extend({ deviation: z.number().describe("Standard deviation between random halves of real images.") }),
    oneNearestNeighbour: beside.extend({ noise: z.number().describe("The same of images without content.") }),
    coverage: beside,
    modes: beside
      .extend({
        told: z
          .number()
          .describe(
            "Share of the draws in which they differ more than those of random halves of real images, with 5 % false alarms.",
          ),
      })
      .describe("Share of the images that would have to be of another kind, of eight kinds of real images."),
    missing: z
      .record(
        z.string(),
        z.object({
          value: z
            .number()
            .describe(
              "How far the set lies from real images, in standard deviations of random divisions of real images.",
            ),
          threshold: z.number().describe("From here on a draw counts as told, with 1 % false alarms."),
          half: z.number().describe("Value of other real images without half of their kinds, mean of ten such sets."),
          halfDeviation: z.number().default(0).describe("Standard deviation of those ten."),
          told: z.number().describe("Share of the draws in which the set is told from real images."),
        }),
      )
      .optional()
      .describe("Whether kinds of images are missing, by features of the extractor and by small copies of the images."),
    classes: z
      .record(
        z.string(),
        z.object({
          n: z.number().int().describe("Images on each side of a draw."),
          told: z
            .boolean()
            .describe("Whether the images are told from real ones of the class; 5 % false alarms over all classes."),
          share,
          swapped: z
            .number()
            .nullable()
            .describe(
              "How much farther they lie from their class than all synthetic images from all real ones, divided by how far images of another class lie.",
            ),
        }),
      )
      .describe("By class with enough images on each side."),
  })
  .nullable()
  .describe(
    "Basis of the verdict: synthetic and other real images, measured in the same way. Null with too few images.",
  );

export const selfTestSchema = z.object({
  fit: z.boolean().describe("Whether the extractor has a say in the verdict."),
  reason: z.string().nullable().describe("Why it has none."),
  skill: z
    .object({
      balancedAccuracy: z.number(),
      low: z.number().describe("Lower end of the 95 % interval."),
      high: z.number().describe("Upper end of the 95 % interval."),
      chance: z.number(),
      n: z.number().int().describe("Held-out images."),
    })
    .nullable()
    .describe("Of an extractor that was trained as a classifier of the real images."),
  ladder: z.array(
    z.object({
      degradation: z.enum(DEGRADATIONS),
      strength: z.number().describe(`${DEGRADATIONS.map((name) => `${name}: ${strengthUnit(name)}`).join("; ")}.`),
      share,
      grade: z.enum(GRADES).describe("The grade that such images get; of swapped classes that of the classes."),
      detected: z.boolean().describe("Whether they are told from real images in 0.9 of the draws."),
      power: z.number().describe("Share of the draws in which they are, each with 5 % false alarms."),
    }),
  ),
  skipped: z.array(z.object({ degradation: z.enum(DEGRADATIONS), reason: z.string() })),
});

/** What a verdict is the worst of. */
export const PARTS = ["fidelity", "diversity", "classes", "groups"] as const;

export const verdictSchema = z.object({
  grade: z.enum([...GRADES, "unknown"]),
  sentence: z.string(),
  reasons: z
    .array(z.string())
    .describe("The most important first: fidelity, diversity, classes, rare groups, what has no say."),
  place: z
    .string()
    .nullable()
    .optional()
    .describe('How far the set lies on the ladder of the self-test, e.g. "a blur of 2 px".'),
  parts: z
    .record(z.enum(PARTS), z.enum([...GRADES, "unknown"]))
    .optional()
    .describe("The grade of each part; the verdict is the worst."),
});

export type LikenessBlock = z.infer<typeof likenessSchema>;
export type SelfTest = z.infer<typeof selfTestSchema>;
export type Verdict = z.infer<typeof verdictSchema>;
export type Part = (typeof PARTS)[number];
