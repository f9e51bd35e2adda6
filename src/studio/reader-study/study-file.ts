import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import {
  isNotAFile,
  listInside,
  readInside,
  readJsonInside,
  statInside,
  writeInside,
  writeJsonInside,
} from "../../core/inside-folder.ts";
import { schemaText } from "../../core/schema-problems.ts";

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
const STUDY_ID = /^[0-9a-f]{12}$/;

/** Folder of all reader studies, below that of what was opened. */
const STUDIES = "reader-studies";

/** Where a study is kept: the real path of a folder, and the study's own folder below it. Nothing is read through links. */
export interface StudyPlace {
  readonly folder: string;
  readonly name: string;
}

export const studyPlace = (folder: string, id: string): StudyPlace => ({ folder, name: `${STUDIES}/${id}` });
const pictureName = (key: string): string => `images/${key}.png`;

/** Reads a study. @throws GanglionError `run` that lists every field that does not fit, `files` for a link */
export async function readStudy({ folder, name }: StudyPlace): Promise<StudyFile> {
  const value = await readJsonInside(folder, `${name}/study.json`);
  const parsed = studySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const said = schemaText(studySchema, parsed.error, value, "study");
  const path = join(folder, name, "study.json");
  throw new GanglionError("run", `${path} is not a reader study (${said}); restore it from a copy or move it away`);
}

/** Writes pictures first and `study.json` last, so that a study that is listed is whole. */
export async function writeStudy(
  { folder, name }: StudyPlace,
  study: StudyFile,
  pictures: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  for (const [key, png] of pictures) await writeInside(folder, `${name}/${pictureName(key)}`, png);
  await writeJsonInside(folder, `${name}/study.json`, study);
}

/** PNG of a picture. @throws GanglionError `files` */
export const readPicture = ({ folder, name }: StudyPlace, key: string): Promise<Buffer> =>
  readInside(folder, `${name}/${pictureName(key)}`);

/** Ids of the studies of a folder, sorted; none where there are none yet. @throws GanglionError `files` for a linked folder */
export async function studyIds(folder: string): Promise<string[]> {
  const names = (await listInside(folder, STUDIES)).filter((name) => STUDY_ID.test(name));
  const found: string[] = [];
  for (const name of names.sort()) {
    // One that is still being written has no study.json; a link in place of the folder or the file is refused when it is read.
    const whole = await statInside(folder, `${STUDIES}/${name}/study.json`).then((one) => one !== null, isNotAFile);
    if (whole) found.push(name);
  }
  return found;
}
