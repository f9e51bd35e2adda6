import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { MAP_KINDS } from "../data/index.ts";
import { isFamily } from "../model/known-families.ts";
import { PRESETS } from "../model/presets.ts";
import { parseSampler } from "../sample/sampler.ts";
import { isJobId, type Job } from "./jobs/job.ts";
import type { JobContext, JobHandler } from "./jobs/perform-job.ts";
import type { LOCAL_JOBS, POOLED_JOBS } from "./plan.ts";

const seed = z.int().nonnegative();
const share = z.number().gt(0).max(1);
/** A key of a record; none of those that are more than names to JavaScript. */
const label = z.string().refine((name) => !["__proto__", "constructor", "prototype"].includes(name));
const sampler = z.string().refine((text) => {
  try {
    parseSampler(text);
    return true;
  } catch {
    return false;
  }
});
const revision = z.int().positive().optional();
const arm = {
  copies: z.number().nonnegative().max(1_000),
  share,
  oversampled: z.boolean(),
  augment: z.enum(["standard", "strong"]),
  seed,
  revision,
};
const id = z.string().refine(isJobId);

/** Parameters and inputs of each kind that a worker does, as `planStudy` makes them. */
export const POOLED_SCHEMAS = {
  "train-generator": {
    parameters: z.strictObject({
      model: z.string().refine(isFamily),
      preset: z.enum(PRESETS).nullable(),
      images: z.int().positive(),
      set: z.record(label, z.union([z.number(), z.string(), z.boolean()])),
      startClasses: z.record(label, z.string()).default({}),
      share,
      seed,
    }),
    inputs: z.strictObject({ images: id, maps: id.optional(), start: id.optional(), frozen: id.optional() }),
  },
  sample: {
    parameters: z.strictObject({
      sampler,
      /** Images of each class of the generator. */
      counts: z.record(label, z.int().nonnegative()),
      /** The study's class of each of the generator's; null where they are the same. */
      labels: z.record(label, z.string()).nullable(),
      share,
      seed,
    }),
    inputs: z.strictObject({ images: id, maps: id.optional(), generator: id, labeller: id.optional() }),
  },
  "extract-features": { parameters: z.strictObject({}), inputs: z.strictObject({ images: id, extractor: id }) },
  "train-classifier": {
    parameters: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("probe"), ...arm }),
      z.strictObject({
        kind: z.literal("network"),
        epochs: z.int().positive(),
        patience: z.int().positive(),
        balanced: z.boolean(),
        ...arm,
      }),
    ]),
    inputs: z.strictObject({ real: id, synthetic: id.optional() }),
  },
  score: {
    parameters: z.strictObject({ views: z.int().min(1).max(8) }),
    inputs: z.strictObject({ classifier: id, images: id }),
  },
} satisfies Readonly<
  Record<(typeof POOLED_JOBS)[number], { readonly parameters: z.ZodType; readonly inputs: z.ZodType }>
>;

/** Parameters of each kind that the coordinator does, as `planStudy` makes them. */
const LOCAL_PARAMETERS = {
  "pack-images": z.strictObject({
    hash: z.string(),
    resolution: z.int().positive(),
    channels: z.literal([1, 3]),
    classes: z.array(z.string()),
    validation: z.number().optional(),
    splitSeed: seed.optional(),
  }),
  "pack-maps": z.strictObject({
    hash: z.string(),
    maps: z.string(),
    resolution: z.int().positive(),
    kind: z.enum(MAP_KINDS),
  }),
  "take-start": z.strictObject({ start: z.string() }),
  "take-generator": z.strictObject({ generator: z.string(), judge: z.string().nullable() }),
  "take-extractor": z.strictObject({ extractor: z.string() }),
} satisfies Readonly<Record<(typeof LOCAL_JOBS)[number], z.ZodType>>;

const PARAMETERS = {
  ...LOCAL_PARAMETERS,
  "train-generator": POOLED_SCHEMAS["train-generator"].parameters,
  sample: POOLED_SCHEMAS.sample.parameters,
  "extract-features": POOLED_SCHEMAS["extract-features"].parameters,
  "train-classifier": POOLED_SCHEMAS["train-classifier"].parameters,
  score: POOLED_SCHEMAS.score.parameters,
};

/** What a job of a kind is told. */
export type JobParameters<K extends keyof typeof PARAMETERS> = z.infer<(typeof PARAMETERS)[K]>;

const PARAMETERS_OF: { readonly [K in keyof typeof PARAMETERS]: z.ZodType<JobParameters<K>> } = PARAMETERS;

/**
 * A handler of one kind that receives its parameters by their schema. It throws GanglionError `internal` for others: plans make
 * none, and workers refuse them before ({@link checkStudyJob} in `check-job.ts`).
 */
export function handlerOf<K extends keyof typeof PARAMETERS>(
  kind: K,
  handle: (parameters: JobParameters<K>, context: JobContext, job: Job) => Promise<void>,
): JobHandler {
  return async (job, context) => {
    const { data, error } = PARAMETERS_OF[kind].safeParse(job.parameters);
    if (error !== undefined) {
      const at = error.issues[0]!.path.join(".");
      throw new GanglionError("internal", `internal: ${job.title}: the parameters are not those of ${kind} (${at})`);
    }
    await handle(data, context, job);
  };
}
