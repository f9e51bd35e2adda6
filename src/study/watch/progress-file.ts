import { join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { readJsonInside, writeInside } from "../../core/inside-folder.ts";
import { schemaText } from "../../core/schema-problems.ts";
import { PROGRESS_FILE, type StudyProgress, studyProgressSchema } from "./progress-schema.ts";

/** Writes where a study stands into its folder. @throws GanglionError `files` */
export async function writeStudyProgress(folder: string, progress: StudyProgress): Promise<void> {
  await writeInside(folder, PROGRESS_FILE, `${JSON.stringify(progress)}\n`);
}

/**
 * Reads where the study of a folder stands.
 * @throws GanglionError `files` when it cannot be read, `run` when it is not of this version
 */
export async function readStudyProgress(folder: string): Promise<StudyProgress> {
  const path = join(folder, PROGRESS_FILE);
  const value = await readJsonInside(folder, PROGRESS_FILE);
  const parsed = studyProgressSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const said = schemaText(studyProgressSchema, parsed.error, value, "progress");
  throw new GanglionError("run", `${path} is not the progress of a study of this version (${said})`);
}
