import { z } from "zod";
import { originSchema } from "../model/origin.ts";

/** How grave a finding is, from harmless to what must not leave the building. */
export const SEVERITIES = ["none", "notice", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

const estimate = z
  .object({
    value: z.number(),
    low: z.number().describe("Lower end of the 95 % interval."),
    high: z.number().describe("Upper end of the 95 % interval."),
  })
  .nullable()
  .describe("Null where there are too few images.");

const dataset = z.object({
  n: z.number().int().describe("Images in the dataset."),
  hash: z.string().describe("SHA-256 that names its content."),
});

const test = z.object({
  id: z.string().describe("Name of the test, e.g. `copies.pixel`, `membership.domias`."),
  title: z.string(),
  scope: z.string().describe("`all`, `class:NAME` or `outliers`: which training images it is about."),
  n: z.number().int().describe("Images that took part."),
  figures: z.record(z.string(), estimate).describe("What was measured, by name, e.g. `auc`, `tpr@fpr=0.01`."),
  control: z
    .record(z.string(), estimate)
    .nullable()
    .describe("The same on members against members; null where a test needs no control."),
  severity: z.enum(SEVERITIES).nullable().describe("Null where the test could not be made."),
  made: z
    .boolean()
    .optional()
    .describe("False where the test could not be made: what it found, if anything, is not all that it looks for."),
  reason: z.string().optional().describe("Why the test was not made."),
  needs: z.string().describe("What an attacker must have."),
  limits: z.string().describe("What the test cannot find."),
});

const copy = z.object({
  synthetic: z.string().describe("File name in the synthetic dataset."),
  train: z.string().describe("File name in the training dataset."),
  space: z.string().describe("`pixel`, or the name of an extractor."),
  transform: z
    .string()
    .describe(
      "What brings the synthetic image nearest: `mirrored`, `turned 10°`, `scaled 1.05`, `moved 3 %`, and which part of the training image it is (`left half`, `region`), where it is not the whole.",
    ),
  distance: z
    .number()
    .describe("Copy score of the space: distance times its ratio to the next patient's, root taken; see `by`."),
  threshold: z
    .number()
    .describe(
      "Below it a pair is called a copy; the held-out images set it, or it is an absolute limit (docs/audit.md).",
    ),
  by: z
    .enum(["score", "distance", "structure", "both"])
    .optional()
    .describe(
      "What `distance` and `threshold` are of: the copy score, the distance alone, local structure, exp(-evidence / 10), or both, the score times exp(-evidence / 10). Defaults to the score.",
    ),
});

const splitLeak = z.object({
  train: z.string().describe("File name in the training dataset."),
  holdout: z.string().describe("File name in the held-out dataset."),
  distance: z
    .number()
    .describe(
      "Distance of the two by pixels, 0 (equal up to brightness and contrast) to 2; where only local structure tells, exp(-evidence / 10).",
    ),
});

const recall = z.object({
  alteration: z.string().describe("How copies of training images were altered, in words."),
  planted: z.number().int().describe("Copies that were planted."),
  found: z
    .number()
    .int()
    .describe(
      "Planted copies that were called a copy of an image they were made from, or of another image of its patient.",
    ),
});

const objection = z.object({
  code: z
    .enum(["other-training", "shared-patients"])
    .describe("The training set is not the run's; patients have images on both sides of the split."),
  message: z.string(),
});

const caution = z.object({
  code: z
    .enum([
      "no-patients",
      "small-sets",
      "one-held-out",
      "unknown-classes",
      "one-class",
      "sets-differ",
      "other-generator",
      "no-provenance",
      "start-data",
    ])
    .describe("What the warning is about."),
  message: z.string(),
});

const finding = z.object({
  test: z.string(),
  scope: z.string(),
  severity: z.enum(SEVERITIES),
  title: z.string().describe("One sentence that needs no statistics."),
  text: z.string(),
});

const privacy = z.object({
  epsilon: z.number(),
  delta: z.number(),
  unit: z.string().describe("What is protected: one image or one patient, with the group size."),
  accountant: z.string(),
});

const protocol = z.object({
  resolution: z.number().int().describe("Width and height in pixels at which all images were compared."),
  spaces: z.record(z.string(), z.string()).describe("What the images were compared by, in words."),
  unit: z.enum(["image", "patient"]).describe("What intervals and halves treat as independent."),
  falseAlarms: z.object({
    copies: z.number().describe("Expected number of images wrongly called a copy in a set without one."),
    tests: z.number().describe("Probability that any of the other tests alarms on such a set."),
  }),
  dropped: z
    .array(splitLeak)
    .optional()
    .describe("Held-out images that were left out (--drop-duplicates), with the training images that they repeat."),
  unlabelled: z
    .string()
    .optional()
    .describe("How many images of the training dataset have no label and were left out, in words."),
  where: z
    .array(z.string())
    .optional()
    .describe("Filters COL=VALUE of the run, by which the training images were chosen from their dataset."),
});

/** `audit.json`, version 1; `docs/audit.schema.json` is made from it. Names training files: it stays inside. */
export const auditSchema = z.object({
  schema: z.literal(1),
  seed: z.number().int(),
  train: dataset,
  holdout: dataset,
  synthetic: dataset,
  run: z
    .object({
      generator: z.string().describe("SHA-256 of generator.onnx."),
      differentialPrivacy: privacy.nullable().describe("Null for a training without it."),
      startedFrom: z
        .array(originSchema)
        .optional()
        .describe("Networks that the training began from, nearest first; absent where it began from none."),
    })
    .nullable()
    .describe("Null where no run was named."),
  protocol: protocol.optional(),
  verdict: z.string().optional().describe("One line."),
  tests: z.array(test),
  copies: z.array(copy).describe("Every synthetic image that is called a copy; what `release` removes."),
  splitLeaks: z
    .array(splitLeak)
    .optional()
    .describe("Held-out images that repeat training images, nearest first; `release` refuses where there is one."),
  recall: z
    .array(recall)
    .optional()
    .describe("What this audit finds of altered copies of its own training images, which it planted for this purpose."),
  objections: z
    .array(objection)
    .optional()
    .describe("Warnings about the training set or the split that `release` takes for reasons to refuse."),
  cautions: z
    .array(caution)
    .optional()
    .describe(
      "All other warnings that bear on privacy, which `release` takes for reasons unless its config accepts them.",
    ),
  findings: z.array(finding).describe("Most severe first."),
  warnings: z.array(z.string()),
  seal: z
    .string()
    .optional()
    .describe("SHA-256 of all else (keys in order): shows that the file was edited by hand, no more."),
});

export type AuditFile = z.infer<typeof auditSchema>;
export type AuditTest = z.infer<typeof test>;
export type AuditFinding = z.infer<typeof finding>;
export type AuditCopy = z.infer<typeof copy>;
export type SplitLeak = z.infer<typeof splitLeak>;
export type AuditRecall = z.infer<typeof recall>;
export type AuditObjection = z.infer<typeof objection>;
export type AuditCaution = z.infer<typeof caution>;

/** JSON Schema (draft 2020-12) of `audit.json`. */
export function auditJsonSchema(): Record<string, unknown> {
  const title = "audit.json of ganglion audit, version 1";
  return { title, ...(z.toJSONSchema(auditSchema) as Record<string, unknown>) };
}
