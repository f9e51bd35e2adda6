import { z } from "zod";
import { SEVERITIES } from "../audit/audit-file.ts";
import { GanglionError } from "../core/errors.ts";
import { readJson } from "../core/files.ts";
import { schemaProblems } from "../core/schema-problems.ts";
import { GRADES } from "../evaluate/verdict/grade.ts";
import { DEFAULT_DICOM_OPTIONS, dicomOptionsSchema } from "./dicom/options.ts";

const share = z.number().min(0).max(1);

/** Warnings of an audit that may be accepted, by code. */
export const ACCEPTED_WARNINGS = [
  "no-patients",
  "unknown-classes",
  "one-class",
  "one-held-out",
  "sets-differ",
  "other-generator",
  "no-provenance",
  "start-data",
] as const;

const gateSchema = z.strictObject({
  maxCopyShare: share
    .default(0.01)
    .describe(
      "Largest share of images that may be copies of training images; they are removed, above it the whole set is refused. Defaults to 0.01.",
    ),
  maxMembershipAuc: share
    .default(0.6)
    .describe(
      "Largest lower end of the 95 % interval of the AUC of a membership attack, of all images, a class or the outliers. Defaults to 0.6.",
    ),
  maxMembershipTpr: share
    .default(0.05)
    .describe(
      "Largest lower end of the 95 % interval of the true-positive rate at 1 % false positives. Defaults to 0.05.",
    ),
  worstFinding: z
    .enum(SEVERITIES)
    .default("warning")
    .describe("Most severe finding of the audit that may be released. Defaults to `warning`."),
  requiredTests: z
    .array(z.string().min(1))
    .default(["copies", "membership"])
    .describe(
      "Tests that the audit must have run on all images, by name or by the part before the first dot. Defaults to `copies` and `membership`.",
    ),
  minTestImages: z
    .int()
    .min(1)
    .default(100)
    .describe("Fewest images of a required test: below it, its interval allows everything. Defaults to 100."),
  minImagesPerClass: z
    .int()
    .min(1)
    .default(10)
    .describe("Fewest images of a class that are left once copies are removed. Defaults to 10."),
  sameTraining: z
    .boolean()
    .default(true)
    .describe(
      "Whether the audit must have compared with the very images that the run of --run was trained on. Defaults to true.",
    ),
  acceptWarnings: z
    .array(z.enum(ACCEPTED_WARNINGS))
    .default([])
    .describe(
      "Warnings of the audit, by code, in spite of which the set may be released; the card states each. Defaults to none.",
    ),
  withoutTraining: z
    .boolean()
    .default(false)
    .describe(
      "Whether the set may be released although its images are not compared with the training images here; the card states it. Defaults to false.",
    ),
  minGrade: z
    .enum(GRADES)
    .nullable()
    .default(null)
    .describe(
      "Lowest grade that is released, by metrics.json and as the gate makes it again from the images; it must be known then. A grade below `partial` lets fog or noise through, which the card states. Defaults to null: `partial` where a grade is known.",
    ),
  notIdentifiers: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Class names and cells that look like a person's name, number, date or address and are none; the card states that they were accepted. Defaults to none.",
    ),
  maxEpsilon: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe(
      "Largest epsilon of the training; a run without differential privacy is refused then. Defaults to null, which asks for none.",
    ),
  columns: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Further columns of metadata.csv that may be released, none that tells one image from all others. Defaults to none.",
    ),
});

/** What a release may be called. */
export const releaseName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/, "letters, digits, `.`, `_` and `-`, 96 at most");

/** What `--config` may say. */
const releaseConfigSchema = z.strictObject({
  gate: gateSchema.default(gateSchema.parse({})).describe("Limits of the gate."),
  name: releaseName
    .nullable()
    .default(null)
    .describe("Name of the release. Defaults to `ganglion-` and eight digits of its hash."),
  description: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("What the images show. Defaults to a plain sentence."),
  creator: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("Person or organisation responsible for the release. Defaults to nobody, which is reported."),
  url: z
    .url()
    .nullable()
    .default(null)
    .describe("Where the release can be found. Defaults to nowhere, which is reported."),
  dicom: dicomOptionsSchema
    .default(DEFAULT_DICOM_OPTIONS)
    .describe("Codes for `--format dicom`. Defaults to none: classes stand as text."),
  date: z.iso
    .date()
    .nullable()
    .default(null)
    .describe("Day of publication, `YYYY-MM-DD`. Defaults to that of `SOURCE_DATE_EPOCH`, else to none."),
});

export type ReleaseConfig = z.infer<typeof releaseConfigSchema>;
export type GateConfig = ReleaseConfig["gate"];

/** What a release is made with where no file says otherwise. */
export const DEFAULT_CONFIG: ReleaseConfig = releaseConfigSchema.parse({});

/** Reads a `--config` file. @throws GanglionError `usage` that lists every wrong key, `files` when it cannot be read */
export async function readReleaseConfig(path: string): Promise<ReleaseConfig> {
  const value = await readJson(path);
  const found = releaseConfigSchema.safeParse(value);
  if (found.success) return found.data;
  const problems = schemaProblems(releaseConfigSchema, found.error, value, "release-config");
  const said = problems.map(({ path: where, message }) => `${where}: ${message}`).join("; ");
  throw new GanglionError("usage", `${path}: ${said}; docs/release.md has every key`, { problems });
}
