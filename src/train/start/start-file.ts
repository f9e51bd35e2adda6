import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { readJsonInside } from "../../core/inside-folder.ts";
import { placed } from "../../core/quoted.ts";
import { schemaProblems } from "../../core/schema-problems.ts";
import { originSchema, PRESETS, START_FILE } from "../../model/index.ts";

const interval = z.object({ value: z.number(), low: z.number(), high: z.number() });

/** `start.json`, version 1: what lies in the folder of a start, and what is known of it (docs/starts.md). */
const startFileSchema = z.object({
  format: z.literal("ganglion.start/1"),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "small letters, digits and `-`"),
  /** What it draws, in a sentence. */
  about: z.string().min(1),
  /** Whom to credit, as the licence of the images asks for it. */
  attribution: z.string().min(1),
  /** Command that made it. */
  command: z.string().min(1),
  preset: z.enum(PRESETS),
  networks: z.looseObject({}),
  /** Whether the discriminator lies in it too. */
  discriminator: z.boolean(),
  /** The start itself, then what it began from. */
  origins: z.array(originSchema).min(1),
  /** Weights in half precision: file and its SHA-256. */
  weights: z.object({ file: z.string(), sha256: z.string() }),
  /** Grid of images, a row a class. */
  picture: z.object({ file: z.string(), sha256: z.string() }),
  /** What rounding the weights changes in drawn images, in grey levels. */
  rounding: z.object({ images: z.int(), mean: z.number(), most: z.number() }),
  /** Figures of its audit against its held-out images; null where none was made. */
  audit: z
    .object({
      verdict: z.string(),
      train: z.int(),
      holdout: z.int(),
      synthetic: z.int(),
      copies: z.int(),
      /** Largest AUC of the membership attacks on all images. */
      membershipAuc: interval.nullable(),
    })
    .nullable(),
  /** What `evaluate` says of its images; null where it was not asked. */
  quality: z.object({ sentence: z.string(), figures: z.record(z.string(), z.number()) }).nullable(),
});

/** See {@link startFileSchema}. */
export type StartFile = z.infer<typeof startFileSchema>;

/** Reads `start.json` of a folder. @throws GanglionError `run` that names the first field which does not fit, `files` */
export async function readStartFile(folder: string): Promise<StartFile> {
  const value = await readJsonInside(folder, START_FILE);
  const parsed = startFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = schemaProblems(startFileSchema, parsed.error, value, "start");
  const message = `${placed(join(folder, START_FILE))} describes no start of this version (${first!.path}: ${first!.message}); use the folder as it was made`;
  throw new GanglionError("run", message, { cause: parsed.error });
}
