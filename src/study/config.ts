import { z } from "zod";
import { GanglionError, type Problem, throwIfProblems } from "../core/errors.ts";
import { readJson } from "../core/files.ts";
import { schemaProblems } from "../core/schema-problems.ts";
import { MAP_KINDS } from "../data/index.ts";
import { DEFAULT_FAMILY, familyNames, isFamily } from "../model/known-families.ts";
import { PRESETS } from "../model/presets.ts";
import { parseSampler } from "../sample/sampler.ts";
import { OTHER_CLASS, STUDY_PRESETS, type StudyPreset } from "./presets.ts";
import { parseOutcomeMetric } from "./statistics/outcome-metric.ts";

/** How the synthetic images of a ratio are divided over the classes. */
const CLASS_POLICIES = ["as is", "balanced", "minority"] as const;
export type ClassPolicy = (typeof CLASS_POLICIES)[number];

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/, "letters, digits, `.`, `_` and `-`, 48 at most");
const path = z.string().min(1);
const columns = {
  label: z.string().min(1).optional().describe("Column of the class. Defaults to the dataset's own."),
  patient: z.string().min(1).optional().describe("Column of the patient. Defaults to the dataset's own."),
  where: z.array(z.string()).default([]).describe("Filters `COL=VALUE` that all must hold. Defaults to none."),
};

const dataSchema = z.strictObject({
  dataset: path.describe("Folder or npz of the real images."),
  ...columns,
  positive: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(`The class to tell from the rest, which becomes \`${OTHER_CLASS}\`. Defaults to null: every class.`),
  resolution: z.int().min(8).max(512).default(64).describe("Width and height in pixels. Defaults to 64."),
  validation: z
    .number()
    .min(0.05)
    .max(0.5)
    .default(0.2)
    .describe("Share of the training patients on whom training is stopped. Defaults to 0.2."),
  heldOut: z
    .number()
    .min(0.05)
    .max(0.9)
    .nullable()
    .default(null)
    .describe("Share of all patients that is drawn for testing. Defaults to null: the dataset's own split."),
  splitSeed: z.int().nonnegative().default(0).describe("Seed of the draws of patients. Defaults to 0."),
});

const testSetSchema = z.strictObject({
  name,
  distribution: z.enum(["in", "out"]).describe("Whether it is of the distribution that is trained on."),
  dataset: path.nullable().default(null).describe("Folder or npz. Defaults to null: the held-out images of the data."),
  ...columns,
  classes: z
    .record(z.string(), z.string())
    .default({})
    .describe("The study's class for each of its classes; others are left out. Defaults to the same names."),
});

const generatorSchema = z.discriminatedUnion("from", [
  z.strictObject({
    from: z.literal("train"),
    // A name, not a list of those of this package: a process may know more.
    model: z
      .string()
      .check(({ value, issues }) => {
        if (!isFamily(value)) issues.push({ code: "invalid_value", values: familyNames(), input: value });
      })
      .meta({ enum: familyNames() })
      .default(DEFAULT_FAMILY)
      .describe(`Defaults to \`${DEFAULT_FAMILY}\`.`),
    preset: z
      .enum(PRESETS)
      .nullable()
      .default(null)
      .describe("Size of the networks. Defaults to null: that of the resolution or of the start, as in `train`."),
    mapKind: z
      .enum(MAP_KINDS)
      .default("box")
      .describe(
        "Of a model that fills maps: the lesion as its box or its shape, as `train --map-kind`. Defaults to `box`.",
      ),
    images: z.int().positive().default(40_000).describe("Images seen in training. Defaults to 40,000."),
    set: z
      .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
      .default({})
      .describe("Changes to the recipe, as `train --set`. Defaults to none."),
    perSeed: z.boolean().default(false).describe("Trains one for every seed of the study. Defaults to false."),
    seed: z.int().nonnegative().default(0).describe("Seed where one is trained for all. Defaults to 0."),
    start: path
      .nullable()
      .default(null)
      .describe(
        "Networks to begin from, as `train --from`: a run, a generator.onnx or a start. Defaults to null: new ones.",
      ),
    startClasses: z
      .record(z.string(), z.string())
      .default({})
      .describe(
        "The start's class whose weights a class begins with, as `train --from-class`. Defaults to the same names.",
      ),
    startLicense: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe("Licence of a start that names none, as `train --from-license`. Defaults to null."),
    frozen: z
      .string()
      .regex(/^onnx:.+/, "onnx:PATH")
      .nullable()
      .default(null)
      .describe("A frozen network to learn by, `onnx:PATH`, as `train --frozen`. Defaults to null: none."),
  }),
  z.strictObject({ from: z.literal("run"), run: path.describe("Folder of a `ganglion train` run.") }),
]);

const amount = z.number().positive().max(100);
const ratio = z.union([amount, z.literal("balance")]);
const sources = {
  generators: z.array(name).min(1).describe("Names of generators."),
  samplers: z.array(z.string()).min(1).default(["random"]).describe("Samplers. Defaults to `random`."),
};

const armsSchema = z.strictObject({
  strongAugmentation: z
    .boolean()
    .default(false)
    .describe("An arm of real images under strong augmentation. Defaults to false."),
  duplicated: z
    .boolean()
    .default(true)
    .describe("Holds synthetic images against as many duplicates of real ones too. Defaults to true."),
  synthetic: z
    .array(
      z.strictObject({
        ...sources,
        ratios: z
          .array(ratio)
          .default([])
          .describe(
            "Synthetic images for each real one, or `balance`: every class as large as the largest. Defaults to none: synthetic images alone.",
          ),
        classes: z
          .array(z.enum(CLASS_POLICIES))
          .min(1)
          .default(["as is"])
          .describe("How a ratio is divided over the classes. Defaults to `as is`."),
        only: z
          .union([z.boolean(), z.array(amount).min(1)])
          .default(false)
          .describe(
            "Also synthetic images without the real ones: so many for each real one that is left out; true: one. Defaults to false.",
          ),
      }),
    )
    .default([])
    .describe("Real with synthetic images: every generator by every sampler, ratio and policy. Defaults to none."),
  reduced: z
    .strictObject({
      ...sources,
      shares: z.array(z.number().gt(0).lt(1)).min(1).describe("Shares of the real patients, e.g. 0.5."),
    })
    .nullable()
    .default(null)
    .describe(
      "A share of the real images alone, repeated, and filled up by a generator that has seen no others (but for those that its start learned from). Defaults to null.",
    ),
});

const classifierSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("network"),
    epochs: z.int().positive().default(30).describe("Passes over the training images at most. Defaults to 30."),
    patience: z
      .int()
      .positive()
      .default(10)
      .describe("Passes without a better validation AUC after which training stops. Defaults to 10."),
    balanced: z
      .boolean()
      .default(true)
      .describe("Draws training images class by class, so that rare classes count as much. Defaults to true."),
    views: z.int().min(1).max(8).default(4).describe("Flips and turns that a test averages over. Defaults to 4."),
  }),
  z.strictObject({ kind: z.literal("probe"), features: z.string().regex(/^onnx:.+/, "write onnx:PATH") }),
]);

/** The network that is trained where nothing is said. */
export const networkDefaults = classifierSchema.parse({ kind: "network" });

const studyConfigSchema = z.strictObject({
  $schema: z.string().optional().describe("Ignored; editors find docs/study.schema.json by it."),
  format: z.literal("ganglion.study/1"),
  preset: z.enum(Object.keys(STUDY_PRESETS) as [StudyPreset, ...StudyPreset[]]).optional(),
  data: dataSchema,
  testSets: z.array(testSetSchema).min(1),
  generators: z.record(name, generatorSchema).default({}),
  arms: armsSchema,
  classifier: classifierSchema.default(networkDefaults),
  seeds: z.array(z.int().nonnegative()).min(1).describe("One training of every arm for each."),
  metrics: z.array(z.string()).min(1).describe("Metrics that are reported."),
  primary: z.string().describe("The one of them that decides whether an arm helps."),
  alpha: z.number().gt(0).lt(0.5).default(0.05).describe("Level of the verdicts. Defaults to 0.05."),
  resamples: z.int().min(100).max(100_000).default(1000).describe("Resamples of the patients. Defaults to 1,000."),
});

/** What a study is to do, every option resolved. */
export type StudyConfig = z.infer<typeof studyConfigSchema>;
export type GeneratorConfig = StudyConfig["generators"][string];
/** A generator that the study trains. */
export type TrainedConfig = Extract<GeneratorConfig, { readonly from: "train" }>;

function repeated<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) < i))];
}

/** Synthetic images for each real one that is left out, of each arm without real images that a block has. */
export const onlyRatios = (only: boolean | readonly number[]): readonly number[] =>
  only === true ? [1] : only === false ? [] : only;

/** Rules between fields. */
function crossProblems(config: StudyConfig): Problem[] {
  const problems: Problem[] = [];
  const say = (code: string, path: string, message: string) => problems.push({ code, path, message });
  const blocks = [
    ...config.arms.synthetic.map((block, i) => ({ ...block, path: `arms.synthetic.${i}` })),
    ...(config.arms.reduced === null ? [] : [{ ...config.arms.reduced, path: "arms.reduced" }]),
  ];
  for (const [i, { ratios, only }] of config.arms.synthetic.entries()) {
    const path = `arms.synthetic.${i}`;
    const alone = onlyRatios(only);
    if (ratios.length === 0 && alone.length === 0) say("ratio", path, "has no arm; give ratios, or only");
    for (const twice of repeated(alone)) {
      say("ratio", `${path}.only`, `has ${twice} twice; each counts once`);
    }
  }
  const known = Object.keys(config.generators);
  const used = new Set<string>();
  for (const { path, generators, samplers } of blocks) {
    for (const generator of generators) {
      used.add(generator);
      if (!known.includes(generator)) {
        const there = known.length === 0 ? "there are none" : `there are ${known.join(", ")}`;
        say("generator", `${path}.generators`, `no generator "${generator}"; ${there}: add it to generators`);
      }
    }
    for (const sampler of samplers) {
      try {
        parseSampler(sampler);
      } catch (error) {
        if (!(error instanceof GanglionError)) throw error;
        say("sampler", `${path}.samplers`, error.message.replace("--sampler ", ""));
      }
    }
  }
  for (const [own, generator] of Object.entries(config.generators)) {
    if (generator.from === "run" || generator.start !== null) continue;
    const lonely = (key: string) =>
      say("start", `generators.${own}.${key}`, "says something of a start, and there is none; name one with start");
    if (Object.keys(generator.startClasses).length > 0) lonely("startClasses");
    if (generator.startLicense !== null) lonely("startLicense");
  }
  for (const unused of known.filter((generator) => !used.has(generator))) {
    say("generator", `generators.${unused}`, "no arm uses it; use it in an arm or remove it");
  }
  for (const seed of repeated(config.seeds)) say("seed", "seeds", `has ${seed} twice; each counts once`);
  for (const twice of repeated(config.testSets.map((set) => set.name))) {
    say("test-set", "testSets", `two are named ${twice}; rename one`);
  }
  if (config.testSets.filter(({ dataset }) => dataset === null).length > 1) {
    say("test-set", "testSets", "two are the held-out images of the data; name another dataset");
  }
  for (const share of repeated(config.arms.reduced?.shares ?? [])) {
    say("share", "arms.reduced.shares", `has ${share} twice; each counts once`);
  }
  problems.push(...metricProblems(config));
  return problems;
}

function metricProblems({ metrics, primary, data: { positive } }: StudyConfig): Problem[] {
  const problems: Problem[] = [];
  for (const metric of metrics) {
    try {
      const { ofClass } = parseOutcomeMetric(metric);
      if (positive !== null && ofClass !== null && ![positive, OTHER_CLASS].includes(ofClass)) {
        const message = `${metric}: the classes are ${positive} and ${OTHER_CLASS}; name one of them`;
        problems.push({ code: "metric", path: "metrics", message });
      }
    } catch (error) {
      if (!(error instanceof GanglionError)) throw error;
      problems.push({ code: "metric", path: "metrics", message: error.message.replace("metrics: ", "") });
    }
  }
  for (const twice of repeated(metrics)) {
    problems.push({ code: "metric", path: "metrics", message: `has ${twice} twice; take one out` });
  }
  if (!metrics.includes(primary)) {
    problems.push({ code: "metric", path: "primary", message: `${primary} is not among the metrics; add it there` });
  }
  return problems;
}

/**
 * Checks a study's configuration. Where it names a preset, what the preset says stands for each key that it lacks.
 * @param path Named in messages.
 * @throws GanglionError `usage` that lists every mistake
 */
export function parseStudyConfig(value: unknown, path: string): StudyConfig {
  const headline = `${path} is not the configuration of a study`;
  const filled = withPreset(value);
  const parsed = studyConfigSchema.safeParse(filled);
  throwIfProblems("usage", headline, parsed.success ? crossProblems(parsed.data) : fieldProblems(filled, parsed.error));
  return parsed.data as StudyConfig;
}

/** What is wrong with single fields, and between those that can be read. */
function fieldProblems(filled: unknown, error: z.ZodError): Problem[] {
  const problems = schemaProblems(studyConfigSchema, error, filled, "field", "file");
  return [...problems, ...problemsBeside(filled, new Set(error.issues.map(({ path }) => String(path[0]))))];
}

/** Stand-ins for keys that cannot be read, so that the others can be looked at. */
const STAND_INS = {
  format: "ganglion.study/1",
  data: { dataset: "data" },
  testSets: [{ name: "test", distribution: "in" }],
  arms: {},
  seeds: [0],
  metrics: ["auc"],
  primary: "auc",
};

/** Rules between fields by the keys that they read: a rule is judged where all of them can be read. */
const READ_BY_RULE: Readonly<Record<string, readonly string[]>> = {
  generator: ["arms", "generators"],
  start: ["generators"],
  sampler: ["arms"],
  ratio: ["arms"],
  share: ["arms"],
  seed: ["seeds"],
  "test-set": ["testSets"],
  metric: ["metrics", "primary", "data"],
};

/** What is wrong between the fields that can be read. @param broken Keys that cannot. */
function problemsBeside(value: unknown, broken: ReadonlySet<string>): Problem[] {
  if (typeof value !== "object" || value === null || broken.has("undefined")) return [];
  const kept = Object.entries(value).filter(([key]) => !broken.has(key));
  const parsed = studyConfigSchema.safeParse({ ...STAND_INS, ...Object.fromEntries(kept) });
  if (!parsed.success) return [];
  return crossProblems(parsed.data).filter(({ code }) => READ_BY_RULE[code]!.every((key) => !broken.has(key)));
}

function withPreset(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("preset" in value)) return value;
  const preset = value.preset;
  if (typeof preset !== "string" || !Object.hasOwn(STUDY_PRESETS, preset)) return value;
  return { ...STUDY_PRESETS[preset as StudyPreset], ...value };
}

/** JSON Schema of the configuration as people write it; a preset stands for keys that are missing. */
export function studyConfigJsonSchema(): Record<string, unknown> {
  const { required: _, ...schema } = z.toJSONSchema(studyConfigSchema, { io: "input" }) as Record<string, unknown>;
  return { title: "Configuration of ganglion study", ...schema, required: ["format", "data", "testSets"] };
}

/** Reads a study's configuration. @throws GanglionError `usage` that lists every mistake, `files` when it cannot be read */
export async function readStudyConfig(path: string): Promise<StudyConfig> {
  return parseStudyConfig(await readJson(path), path);
}
