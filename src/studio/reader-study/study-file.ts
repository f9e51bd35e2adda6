import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { fileError, readJson, writeFileAtomic, writeJson } from "../../core/files.ts";

export const KINDS = ["real", "synthetic"] as const;
export type Kind = (typeof KINDS)[number];

const studySchema = z.strictObject({
  format: z.literal("ganglion.reader-study/1"),
  name: z.string(),
  seed: z.int().nonnegative(),
  /** ISO 8601 time at which it was made. */
  created: z.string(),
  /** Names of the datasets that the images are of. */
  realDataset: z.string(),
  syntheticDataset: z.string(),
  /** Width and height of every picture in pixels. */
  size: z.int().positive(),
  /** Pictures by key; the order of keys says nothing. */
  images: z
    .array(
      z.strictObject({
        key: z.string().regex(/^[0-9a-f]{16}$/),
        kind: z.enum(KINDS),
        label: z.string(),
        /** File in its dataset, for looking it up afterwards; the studio never sends it. */
        source: z.string(),
      }),
    )
    .min(1),
});

/** A study's `study.json`: what was asked, and the truth about every picture. */
export type StudyFile = z.infer<typeof studySchema>;
export type StudyImage = StudyFile["images"][number];

/** Names of study folders. */
export const STUDY_ID = /^[0-9a-f]{12}$/;

export const studyPath = (folder: string): string => join(folder, "study.json");
export const picturePath = (folder: string, key: string): string => join(folder, "images", `${key}.png`);

/** Reads a study. @throws GanglionError `run` that lists every field that does not fit */
export async function readStudy(folder: string): Promise<StudyFile> {
  const path = studyPath(folder);
  const parsed = studySchema.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  const said = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  throw new GanglionError("run", `${path} is not a reader study (${said}); restore it from a copy or move it away`);
}

/** Writes pictures first and `study.json` last, so that a study that is listed is whole. */
export async function writeStudy(
  folder: string,
  study: StudyFile,
  pictures: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  for (const [key, png] of pictures) await writeFileAtomic(picturePath(folder, key), png);
  await writeJson(studyPath(folder), study);
}

/** Ids of the studies below a folder, sorted; none where it does not exist yet. */
export async function studyIds(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && STUDY_ID.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

/** Makes the folder of studies. @throws GanglionError `files` */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw fileError("create", folder, cause);
  });
}
