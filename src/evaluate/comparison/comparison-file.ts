import { z } from "zod";
import { coveredGroups } from "../attributes/lagging-groups.ts";
import type { Estimates, MetricsFile } from "../metrics-file.ts";
import { METRICS, metricsOf } from "../quality/registry.ts";
import { verdictSchema } from "../verdict/verdict-schema.ts";
import { bestSet } from "./best.ts";
import { WINNER_RULE, winnerOf } from "./winner.ts";

const dataset = z.object({
  name: z.string(),
  n: z.number().int().describe("Images in the dataset."),
  hash: z.string().describe("SHA-256 that names its content."),
});

const estimate = z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable();

const metric = z.object({
  floor: z
    .number()
    .nullable()
    .describe("The same metric, real images against other real images; the same for all sets."),
  best: z
    .string()
    .nullable()
    .describe(
      "The set whose 95 % interval is better than that of every other set without overlap; null where none is.",
    ),
  sets: z.record(z.string(), estimate).describe("By set name; null where a side has too few images."),
});

const scope = z.object(
  Object.fromEntries(METRICS.map((name) => [name, metric])) as Record<(typeof METRICS)[number], typeof metric>,
);

const worst = z
  .object({
    column: z.string(),
    value: z.string(),
    n: z.number().int().describe("Real images of the group that were compared."),
    covered: z.object({ value: z.number(), low: z.number(), high: z.number() }),
    by: z.enum(["all", "group"]).describe("By any synthetic image, or by those of the group."),
    floor: z.number(),
    lags: z
      .boolean()
      .describe("True where its whole interval lies below that of all images, each relative to its floor."),
  })
  .nullable();

/** `comparison.json`, version 1; `docs/comparison.schema.json` is made from it. */
export const comparisonSchema = z.object({
  schema: z.literal(1),
  real: dataset,
  holdout: dataset.nullable(),
  sets: z.array(
    dataset.extend({
      folder: z.string().describe("Sub-folder with the set's own metrics.json and report.html."),
      suspects: z
        .number()
        .int()
        .describe("Images as near to a real one as the 5 % quantile of the real images' own distances, in pixels."),
      verdict: verdictSchema.describe("The verdict in the set's own metrics.json."),
    }),
  ),
  winner: z
    .object({
      set: z.string().nullable().describe("The set that is better than every other; null where there is none."),
      sentence: z.string(),
      rule: z.string(),
    })
    .describe("One winner or none, in words."),
  features: z
    .record(
      z.string(),
      z.object({
        overall: scope,
        perClass: z.record(z.string(), scope),
        worstGroup: z
          .record(z.string(), worst)
          .describe("By set name: its worst covered group of sex, age, site, tone."),
      }),
    )
    .describe("By extractor name."),
  protocol: z.object({
    resolution: z.number().int(),
    channels: z.union([z.literal(1), z.literal(3)]),
    seed: z.number().int(),
    overall: z.object({ n: z.number().int(), floorN: z.number().int() }),
    perClass: z.record(z.string(), z.object({ n: z.number().int(), floorN: z.number().int() })),
    floor: z.enum(["halves", "holdout"]),
    extractors: z.record(z.string(), z.object({ dimension: z.number().int(), description: z.string() })),
  }),
  warnings: z.array(z.string()).describe("Those of one set begin with its name."),
});

export type ComparisonFile = z.infer<typeof comparisonSchema>;
export type ComparedScope = z.infer<typeof scope>;

/** JSON Schema (draft 2020-12) of `comparison.json`. */
export function comparisonJsonSchema(): Record<string, unknown> {
  const title = "comparison.json of ganglion evaluate, version 1";
  return { title, ...(z.toJSONSchema(comparisonSchema) as Record<string, unknown>) };
}

/** One set of a comparison with what its own evaluation found. */
export interface MeasuredSet {
  readonly name: string;
  readonly folder: string;
  readonly metrics: MetricsFile;
}

function compareScope(sets: readonly { readonly name: string; readonly found: Estimates }[]): ComparedScope {
  const entries = METRICS.map((name) => {
    const floor = sets.map(({ found }) => found[name]?.floor ?? null).find((value) => value !== null) ?? null;
    const own = Object.fromEntries(
      sets.map(({ name: set, found }) => {
        const cell = found[name];
        return [set, cell === null ? null : { value: cell.value, low: cell.low, high: cell.high }] as const;
      }),
    );
    return [name, { floor, best: bestSet(name, own, floor), sets: own }] as const;
  });
  return Object.fromEntries(entries) as ComparedScope;
}

function worstGroup(metrics: MetricsFile, extractor: string): z.infer<typeof worst> {
  const [first] = coveredGroups(metrics, extractor);
  if (first === undefined) return null;
  const { column, value, n, covered, by, floor, lags } = first;
  return { column, value, n, covered: { ...covered }, by, floor, lags };
}

/** Warnings of all sets: what all say once, what one says with its name. */
function commonWarnings(sets: readonly MeasuredSet[]): string[] {
  const said = new Map<string, string[]>();
  for (const { name, metrics } of sets) {
    for (const text of metrics.warnings) said.set(text, [...(said.get(text) ?? []), name]);
  }
  return [...said].map(([text, names]) => (names.length === sets.length ? text : `${names.join(", ")}: ${text}`));
}

/** Puts the evaluations of several sets with the same real images beside each other. */
export function comparisonFile(
  sets: readonly MeasuredSet[],
  real: z.infer<typeof dataset>,
  holdout: z.infer<typeof dataset> | null,
): ComparisonFile {
  const { features, protocol } = sets[0]!.metrics;
  const { resolution, channels, seed, overall, perClass, floor, extractors } = protocol;
  const compared: ComparisonFile["features"] = Object.fromEntries(
    Object.entries(features).map(([extractor, found]) => {
      const of = (pick: (own: typeof found) => Estimates) =>
        compareScope(sets.map(({ name, metrics }) => ({ name, found: pick(metrics.features[extractor]!) })));
      const classes = Object.keys(found.perClass).map((label) => [label, of((own) => own.perClass[label]!)] as const);
      const worsts = sets.map(({ name, metrics }) => [name, worstGroup(metrics, extractor)] as const);
      return [
        extractor,
        {
          overall: of((own) => own.overall),
          perClass: Object.fromEntries(classes),
          worstGroup: Object.fromEntries(worsts),
        },
      ];
    }),
  );
  // What an extractor that cannot see says of a set decides nothing.
  const fit = Object.keys(features).filter((name) => sets.every(({ metrics }) => metrics.selfTest[name]!.fit));
  const winner = winnerOf(
    sets.map(({ name, metrics }) => ({ name, verdict: metrics.verdict })),
    fit.flatMap((extractor) =>
      metricsOf(extractor).map((metric) => ({ extractor, metric, ...compared[extractor]!.overall[metric] })),
    ),
  );
  return comparisonSchema.parse({
    schema: 1,
    real,
    holdout,
    sets: sets.map(({ name, folder, metrics }) => ({
      name,
      ...metrics.synthetic,
      folder,
      suspects: metrics.nearest.pixel.suspects,
      verdict: metrics.verdict,
    })),
    winner: { ...winner, rule: WINNER_RULE },
    features: compared,
    protocol: { resolution, channels, seed, overall, perClass, floor, extractors },
    warnings: commonWarnings(sets),
  });
}
