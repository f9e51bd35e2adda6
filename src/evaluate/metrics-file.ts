import { z } from "zod";
import { controlsSchema } from "./controls/controls-schema.ts";
import { METRICS } from "./quality/registry.ts";
import { likenessSchema, selfTestSchema, verdictSchema } from "./verdict/verdict-schema.ts";

const finite = z.number();

const estimate = z
  .object({
    value: finite.describe("The metric on the matched sets."),
    low: finite.describe("Lower end of the 95 % interval."),
    high: finite.describe("Upper end of the 95 % interval."),
    floor: finite.nullable().describe("The same metric, real images against other real images; null where undefined."),
  })
  .nullable()
  .describe("Null where a side has too few images for the metric.");

const scope = z.object(
  Object.fromEntries(METRICS.map((name) => [name, estimate])) as Record<(typeof METRICS)[number], typeof estimate>,
);

const group = scope.extend({
  reached: z
    .object({
      n: z.number().int().describe("Real images of the group in the comparison of all images."),
      value: finite,
      low: finite.describe("Lower end of the 95 % interval."),
      high: finite.describe("Upper end of the 95 % interval."),
      floor: finite.nullable().describe("The same share of the group in the floor of all images."),
    })
    .nullable()
    .describe(
      "Share of the group's real images that are covered in the comparison of all images; groups compare by it.",
    ),
});

const dataset = z.object({
  n: z.number().int().describe("Images in the dataset."),
  hash: z.string().describe("SHA-256 that names its content."),
});

const compared = z.object({
  n: z.number().int().describe("Images on each side of the comparison."),
  floorN: z.number().int().describe("Images on each side of the real-against-real floor."),
});

const attribute = z.object({
  protocol: z
    .enum(["stated", "class-mix"])
    .describe(
      "`stated`: real against synthetic images of the same group. `class-mix`: the synthetic set does not state the attribute; real images of the group against synthetic images of the group's class counts.",
    ),
  unstated: z.number().int().describe("Real images of no group: unstated, or of a group that is left out."),
  unstatedSynthetic: z.number().int().nullable().describe("The same of the synthetic images; null with `class-mix`."),
  leftOut: z.array(z.string()).describe("Groups that are not compared: the smallest ones beyond the 12th."),
  values: z.record(
    z.string(),
    compared.extend({
      real: z.number().int().describe("Real images of the group."),
      synthetic: z.number().int().nullable().describe("Synthetic images of the group; null with `class-mix`."),
      floor: z.enum(["halves", "holdout"]),
    }),
  ),
});

const distances = z.object({
  median: finite.nullable(),
  low: finite.nullable().describe("5 % quantile."),
  n: z.number().int(),
});

const nearest = z.object({
  searched: z.number().int().describe("Synthetic images searched over the eight flips and rotations."),
  synthetic: distances.describe("Synthetic image to nearest real image, all synthetic images."),
  real: distances.describe("Real image to nearest other real image."),
  holdout: distances.nullable().describe("Held-out real image to nearest real image; null without a held-out set."),
  suspects: z
    .number()
    .int()
    .describe(
      "Of all synthetic images, those as near to a real image as the 5 % quantile of the real images' own distances.",
    ),
  closest: z.array(
    z.object({
      synthetic: z.string(),
      real: z.string(),
      transform: z.string().describe("What is done to the synthetic image to bring it nearest."),
      distance: finite,
    }),
  ),
});

const besideReal = z.object({
  value: finite,
  low: finite.describe("Lower end of the 95 % interval."),
  high: finite.describe("Upper end of the 95 % interval."),
  floor: finite.nullable().describe("The same of real images; null where there is none."),
});

const imageMetric = z.object({
  overall: besideReal.nullable().describe("The value that stands under every extractor; null with the reason."),
  n: z.number().int().describe("Images that the value was measured on."),
  floorN: z.number().int().describe("Images that the floor was measured on."),
  chance: finite.nullable().describe("What guessing gives, where that has a meaning."),
  fit: z.boolean().describe("Whether it may judge the synthetic images."),
  reason: z.string().nullable().describe("Why it may not, or could not be measured."),
  sentence: z.string().describe("The result in words."),
  figures: z
    .record(z.string(), besideReal)
    .describe(
      "Further figures: `real`, the floor with its interval; `auc`; of `tstr` also `ratio` and `aucRatio`, synthetic over real.",
    ),
});

/** `metrics.json`, version 1; `docs/metrics.schema.json` is made from it. */
export const metricsSchema = z.object({
  schema: z.literal(1),
  real: dataset,
  synthetic: dataset,
  holdout: dataset.nullable(),
  features: z
    .record(
      z.string(),
      z.object({
        overall: scope,
        perClass: z.record(z.string(), scope),
        perAttribute: z
          .record(z.string(), z.record(z.string(), group))
          .describe("By column of the real dataset and group; how they were compared is in `protocol.perAttribute`."),
        likeness: likenessSchema,
      }),
    )
    .describe("By extractor name."),
  verdict: verdictSchema.describe(
    "What all this says, in one sentence; the report, the terminal and the card show it.",
  ),
  selfTest: z
    .record(z.string(), selfTestSchema)
    .describe("By extractor name: whether it tells spoilt real images from real ones at this number of images."),
  imageMetrics: z
    .record(z.string(), imageMetric)
    .describe(
      "Metrics of the images themselves, by name: the same with every extractor, so the same value stands in each block of `features`.",
    ),
  warnings: z.array(z.string()),
  protocol: z.object({
    resolution: z.number().int().describe("Width and height in pixels at which all images were compared."),
    channels: z.union([z.literal(1), z.literal(3)]),
    seed: z.number().int(),
    overall: compared,
    perClass: z.record(z.string(), compared),
    perAttribute: z.record(z.string(), attribute).describe("By column of the real dataset."),
    floor: z.enum(["halves", "holdout"]).describe("Where the second set of the floor came from."),
    extractors: z.record(z.string(), z.object({ dimension: z.number().int(), description: z.string() })),
    metrics: z.record(
      z.string(),
      z.object({ protocol: z.string(), direction: z.enum(["lower", "higher", "parity"]), source: z.string() }),
    ),
  }),
  nearest: z.object({ pixel: nearest, features: z.record(z.string(), nearest) }),
  controls: controlsSchema
    .nullable()
    .describe("Whether images hold what was asked of them; null where the synthetic set does not say what was asked."),
  seal: z
    .string()
    .optional()
    .describe("SHA-256 of all else (keys in order): shows that the file was edited by hand, no more."),
});

export type MetricsFile = z.infer<typeof metricsSchema>;
export type Estimates = z.infer<typeof scope>;
export type NearestSummary = z.infer<typeof nearest>;

/** JSON Schema (draft 2020-12) of `metrics.json`. */
export function metricsJsonSchema(): Record<string, unknown> {
  const title = "metrics.json of ganglion evaluate, version 1";
  return { title, ...(z.toJSONSchema(metricsSchema) as Record<string, unknown>) };
}
