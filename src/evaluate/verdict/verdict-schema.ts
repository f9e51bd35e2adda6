import { z } from "zod";
import { DEGRADATIONS, strengthUnit } from "./degrade.ts";
import { GRADES } from "./grade.ts";

const beside = z.object({
  value: z.number().describe("Synthetic against real images, mean over the draws."),
  floor: z.number().describe("Other real images against the same real images."),
});

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
    fid: beside.extend({
      noise: z
        .number()
        .describe("Images without content (noise) against the same real images: the least of two kinds."),
    }),
    kid: beside.extend({ deviation: z.number().describe("Standard deviation between random halves of real images.") }),
    oneNearestNeighbour: beside.extend({ noise: z.number().describe("The same of images without content.") }),
    coverage: beside,
  })
  .nullable()
  .describe(
    "Basis of the verdict: synthetic and other real images, measured in the same way. Null with too few images.",
  );

export const selfTestSchema = z.object({
  fit: z.boolean().describe("Whether the extractor may say that images are good."),
  reason: z.string().nullable().describe("Why it may not."),
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
      grade: z.enum(GRADES).describe("The grade that such real images get."),
      detected: z.boolean().describe("Whether that is below `partial`, and in 0.9 of the draws too."),
      power: z.number().describe("Share of the draws in which it is."),
    }),
  ),
});

export const verdictSchema = z.object({
  grade: z.enum([...GRADES, "unknown"]),
  sentence: z.string(),
  reasons: z.array(z.string()),
});

export type LikenessBlock = z.infer<typeof likenessSchema>;
export type SelfTest = z.infer<typeof selfTestSchema>;
export type Verdict = z.infer<typeof verdictSchema>;
