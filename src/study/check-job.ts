import { z } from "zod";
import { isFamily } from "../model/known-families.ts";
import { PRESETS } from "../model/presets.ts";
import { parseSampler } from "../sample/sampler.ts";
import { isJobId, type Job } from "./jobs/job.ts";
import type { POOLED_JOBS } from "./plan.ts";

const seed = z.int().nonnegative();
const share = z.number().gt(0).max(1);
/** Keys that are more than names to JavaScript. */
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
const SCHEMAS: Readonly<
  Record<(typeof POOLED_JOBS)[number], { readonly parameters: z.ZodType; readonly inputs: z.ZodType }>
> = {
  "train-generator": {
    parameters: z.strictObject({
      model: z.string().refine(isFamily),
      preset: z.enum(PRESETS),
      images: z.int().positive(),
      set: z.record(label, z.union([z.number(), z.string(), z.boolean()])),
      share,
      seed,
    }),
    inputs: z.strictObject({ images: id, maps: id.optional() }),
  },
  sample: {
    parameters: z.strictObject({
      sampler,
      counts: z.record(label, z.int().nonnegative()),
      labels: z.record(label, z.string()).nullable(),
      share,
      seed,
    }),
    inputs: z.strictObject({ images: id, maps: id.optional(), generator: id }),
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
};

/** What is wrong with the kind, the parameters or the inputs of a job that a worker is to do; null for nothing. */
export function checkStudyJob({ kind, parameters, inputs }: Job): string | null {
  if (!Object.hasOwn(SCHEMAS, kind)) return "its kind is none that workers of this version do";
  const schema = SCHEMAS[kind as keyof typeof SCHEMAS];
  for (const [what, value] of [
    ["parameters", parameters],
    ["inputs", inputs],
  ] as const) {
    const { error } = schema[what].safeParse(value);
    if (error === undefined) continue;
    const at = error.issues[0].path.join(".");
    return `its ${what} are not those of ${kind} in this version${at === "" ? "" : ` (${at})`}`;
  }
  return null;
}
