import { z } from "zod";
import { questionsOf } from "../arms.ts";
import type { GroupComparison } from "../statistics/compare-groups.ts";
import { parseOutcomeMetric } from "../statistics/outcome-metric.ts";
import { portableConfig } from "./portable-config.ts";
import type { ArmDifference, StudyFindings } from "./study-findings.ts";

const count = z.number().int().nonnegative();
const hash = z.string().describe("SHA-256 that names its content.");
const perClass = z.record(z.string(), count).describe("Images of each class.");

const amount = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ratio"), ratio: z.number(), classes: z.enum(["as is", "balanced", "minority"]) }),
  z.object({ kind: z.literal("balance") }),
  z.object({ kind: z.literal("fill") }),
]);

const arm = z.object({
  name: z.string(),
  share: z.number().describe("Share of the real patients that the arm, its generator included, may know."),
  copies: z.number().describe("How often each real image is used; 0 not at all, 1.5 once and half of them again."),
  oversampled: z.boolean().describe("Real images of smaller classes are repeated up to the largest class."),
  augment: z.enum(["standard", "strong"]),
  synthetic: z.object({ generator: z.string(), sampler: z.string(), amount }).nullable(),
  controls: z.array(z.string()).describe("Arms that it has to be better than."),
  images: z
    .object({
      real: count.describe("Distinct real images."),
      shown: count.describe("Real images with repeats."),
      synthetic: count,
    })
    .nullable(),
  effort: z.number().nullable().describe("Training images that its classifiers processed, mean over seeds."),
});

const difference = z.object({
  control: z.string(),
  value: z.number().nullable().describe("Mean over seeds of arm minus control."),
  low: z
    .number()
    .nullable()
    .describe(
      "Lower end of the interval at 1 - alpha; null without interval, as of metrics of classes that are not configured but for the recommended arm.",
    ),
  high: z.number().nullable().describe("Upper end of the interval."),
  p: z.number().describe("Two-sided, of this difference alone; 1 without interval."),
  standardError: z.number().nullable(),
  seedShare: z.number().nullable().describe("Share of the variance that comes from the seeds."),
});

const verdict = z.object({
  verdict: z.enum(["helps", "hurts", "not shown"]),
  p: z.number().describe("The largest over the controls; 1 where the arm is better than some and worse than others."),
  adjustedP: z.number().describe("The same after Holm over the arms of the test set."),
  reason: z.string(),
  power: z
    .object({
      smallest: z.number().describe("The smallest true difference that is shown with a probability of 80 %."),
      smallestWithAnySeeds: z.number().describe("The same with any number of seeds on the same patients."),
      note: z.string().nullable(),
    })
    .nullable(),
});

const result = z.object({
  testSet: z.string(),
  arm: z.string(),
  metric: z.string(),
  mean: z.number().describe("Over seeds."),
  deviation: z.number().nullable().describe("Standard deviation over seeds, divisor n - 1; null with one seed."),
  seeds: z.array(z.object({ seed: z.number().int(), value: z.number() })),
  differences: z.array(difference).describe("One per control, in order."),
  verdict: verdict.nullable().describe("Of the primary metric and arms with controls; null elsewhere."),
});

const groups = z.array(
  z.object({
    testSet: z.string(),
    name: z.string().describe("The amount of synthetic images, or the group of arms."),
    arms: z.number().nullable().describe("Mean of the primary metric over the arms from maps, or of the group."),
    others: z.number().nullable().describe("The same of the arms from noise, or of the first controls of the group."),
    value: z.number().nullable().describe("Mean over seeds of the difference."),
    low: z.number().nullable(),
    high: z.number().nullable(),
    p: z.number().describe("Two-sided, of this difference alone; 1 without interval."),
    adjustedP: z.number().describe("The same after Holm over the differences of the list on the test set."),
  }),
);

/** `results.json`, version 1; `docs/study-results.schema.json` is made from it. */
export const studyResultsSchema = z.object({
  schema: z.literal(1),
  version: z.string().describe("Version of Ganglion."),
  config: z
    .record(z.string(), z.unknown())
    .describe("The study's configuration, every option resolved; of paths the last part."),
  recommendation: z.object({
    answer: z
      .enum(["use", "mixed", "do not use", "not shown"])
      .describe("`mixed`: what helps on one test set hurts on another."),
    arm: z.string().nullable().describe("The arm to follow, or the one that the evidence is about."),
    sentence: z.string(),
    further: z.array(z.string()),
  }),
  classes: z.array(z.string()),
  data: z.object({
    name: z.string(),
    hash,
    n: count.describe("Real images, including those used for early stopping."),
    validation: count.describe("Real images used for early stopping."),
    perClass,
  }),
  testSets: z.array(
    z.object({
      name: z.string(),
      distribution: z.enum(["in", "out"]),
      dataset: z.string(),
      hash,
      n: count,
      patients: count,
      perClass,
    }),
  ),
  generators: z.array(z.object({ name: z.string(), description: z.string(), hash, imagesSeen: count })),
  arms: z.array(arm),
  metrics: z.record(
    z.string(),
    z.object({ better: z.enum(["higher", "lower"]), protocol: z.string(), configured: z.boolean() }),
  ),
  results: z
    .array(result)
    .describe("By test set, metric, arm. A metric of a class is left out where the test set has no image of it."),
  kinds: z
    .object({
      between: groups.describe("From maps minus from noise, at equal amounts and samplers."),
      gains: groups.describe("Groups of arms minus their first controls."),
    })
    .nullable()
    .describe("Generators from maps against those from noise by the primary metric; null without both kinds."),
  notes: z.array(z.string()),
});

export type StudyResultsFile = z.infer<typeof studyResultsSchema>;

/** JSON Schema (draft 2020-12) of `results.json`. */
export function studyResultsJsonSchema(): Record<string, unknown> {
  const title = "results.json of ganglion study, version 1";
  return { title, ...(z.toJSONSchema(studyResultsSchema) as Record<string, unknown>) };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function differenceOf({
  controlName,
  value,
  interval,
  p,
  standardError,
  spread,
}: ArmDifference): z.infer<typeof difference> {
  return {
    control: controlName,
    value: finite(value),
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    p,
    standardError,
    seedShare: spread?.seedShare ?? null,
  };
}

function groupOf({ testSet, name, arm, control, value, interval, p, adjustedP }: GroupComparison) {
  return {
    testSet,
    name,
    arms: finite(arm),
    others: finite(control),
    value: finite(value),
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    p,
    adjustedP,
  };
}

/** Everything that the study found, for machines. */
export function studyResultsFile(findings: StudyFindings): StudyResultsFile {
  const { outcome, classMetrics, recommendation } = findings;
  const { config, version, classes, data, validation, testSets, generators, arms, sizes, effort, kinds, notes } =
    outcome;
  const { answer, arm: recommended, sentence, further } = recommendation;
  const byClass = (counts: readonly number[]) => Object.fromEntries(classes.map((name, c) => [name, counts[c] ?? 0]));
  const metrics = [...new Set([...config.metrics, ...classMetrics])];
  const asked = new Set(questionsOf(arms).map((question) => question.arm));
  return studyResultsSchema.parse({
    schema: 1,
    version,
    config: portableConfig(config),
    recommendation: { answer, arm: recommended, sentence, further },
    classes,
    data: { name: data.name, hash: data.hash, n: data.n, validation, perClass: byClass(data.perClass) },
    testSets: testSets.map((set) => ({ ...set, perClass: byClass(set.perClass) })),
    generators: generators.map(({ samples: _, ...generator }) => generator),
    arms: arms.map((each) => ({ ...each, images: sizes[each.name] ?? null, effort: effort[each.name] ?? null })),
    metrics: Object.fromEntries(
      metrics.map((name) => {
        const { better, protocol } = parseOutcomeMetric(name);
        return [name, { better, protocol, configured: config.metrics.includes(name) }];
      }),
    ),
    results: testSets.flatMap(({ name: testSet }) =>
      metrics.flatMap((metric) =>
        arms.flatMap(({ name }) => {
          const found = findings.figures(testSet, name, metric);
          if (found === null) return [];
          const judged = metric === config.primary && asked.has(name) ? findings.judgement(testSet, name) : null;
          return {
            testSet,
            arm: name,
            metric,
            mean: found.mean,
            deviation: found.deviation,
            seeds: found.seeds,
            differences: findings.differences(testSet, name, metric).map(differenceOf),
            verdict: judged,
          };
        }),
      ),
    ),
    kinds: kinds && { between: kinds.between.map(groupOf), gains: kinds.gains.map(groupOf) },
    notes,
  });
}
