import { z } from "zod";
import type { Problem } from "../core/errors.ts";
import { listed, named, quoted } from "../core/quoted.ts";
import type { Columns } from "./types.ts";

/** The one table of an image folder. */
export const METADATA = "metadata.csv";
/** Optional file that names the columns by role. */
export const DESCRIPTION = "dataset.json";

/** Column that names the image of a row, as in Hugging Face `imagefolder`. */
export const FILE_NAME = "file_name";

/** Roles that one column fills. */
type SingleRole = "label" | "patient" | "split" | "mask" | "tone";

/** Names under which public collections keep each role, most telling first; compared without regard to case. */
const COMMON_NAMES: Readonly<Record<SingleRole, readonly string[]>> = {
  label: ["label", "diagnosis", "dx", "class", "target", "class_name", "category", "finding", "labels", "y"],
  patient: ["patient_id", "patient", "patientid", "subject_id", "subject", "case_id", "lesion_id"],
  split: ["split", "subset", "fold_name"],
  mask: ["mask_file_name", "mask", "mask_path", "segmentation"],
  tone: ["tone", "skin_tone", "fitzpatrick", "fitzpatrick_scale", "fitzpatrick_skin_type", "monk_skin_tone"],
};

const BOX_NAMES = ["x_min", "y_min", "x_max", "y_max"] as const;

/** What `dataset.json` may say; further keys (name, notes) are kept for people and ignored here. */
export const descriptionSchema = z.looseObject({
  label: z.string().min(1).optional(),
  patient: z.string().min(1).optional(),
  split: z.string().min(1).optional(),
  mask: z.string().min(1).optional(),
  box: z.tuple([z.string(), z.string(), z.string(), z.string()]).optional(),
  tone: z.string().min(1).optional(),
  license: z.string().optional(),
});

export type Description = z.infer<typeof descriptionSchema>;

/** Column names that a caller insists on. */
export interface ColumnOptions {
  /** Column that holds the class. Defaults to what `dataset.json` says, else a guess. */
  readonly label?: string | undefined;
  /** Column that holds the patient (or lesion) the image is of. Defaults to what `dataset.json` says, else a guess. */
  readonly patient?: string | undefined;
}

/** Roles found, guesses to say aloud, and problems. */
export interface ResolvedColumns {
  readonly columns: Columns;
  readonly notes: readonly string[];
  readonly problems: readonly Problem[];
}

/** Columns there are, as text for a message. */
export function listColumns(header: readonly string[]): string {
  return header.length === 0 ? "there are no columns" : `the columns are ${listed(header)}`;
}

/**
 * Decides which column plays which role: option, else `dataset.json`, else a guess from common names, said in `notes`.
 * A column that an option or `dataset.json` names and the header lacks is a problem that lists the columns there are.
 */
export function resolveColumns(
  header: readonly string[],
  description: Description,
  options: ColumnOptions,
  path = "metadata.csv",
): ResolvedColumns {
  const notes: string[] = [];
  const problems: Problem[] = [];
  const columns: { -readonly [K in keyof Columns]: Columns[K] } = {};
  const taken = new Set<string>([FILE_NAME]);
  const missing = (role: string, name: string, source: string) => {
    const message = `there is no column ${quoted(name)} for the ${role} (named by ${source}); ${listColumns(header)}`;
    problems.push({ code: "missing-column", path, message });
  };

  const roles: readonly SingleRole[] = ["label", "patient", "split", "mask", "tone"];
  const guessed: SingleRole[] = [];
  for (const role of roles) {
    const option = role === "label" || role === "patient" ? options[role] : undefined;
    const name = option ?? description[role];
    if (name === undefined) {
      guessed.push(role);
    } else if (!header.includes(name)) {
      missing(role, name, option === undefined ? "dataset.json" : `--${role}`);
    } else {
      columns[role] = name;
      taken.add(name);
    }
  }
  for (const role of guessed) {
    for (const name of COMMON_NAMES[role]) {
      const found = header.find((column) => column.toLowerCase() === name && !taken.has(column));
      if (found === undefined) continue;
      columns[role] = found;
      taken.add(found);
      const fix = role === "label" || role === "patient" ? `--${role} COL or dataset.json` : "dataset.json";
      notes.push(`guessed that column ${named(found)} is the ${role}; say otherwise with ${fix}`);
      break;
    }
  }

  if (description.box !== undefined) {
    const absent = description.box.filter((name) => !header.includes(name));
    for (const name of absent) missing("box", name, "dataset.json");
    if (absent.length === 0) columns.box = description.box;
  } else if (BOX_NAMES.every((name) => header.includes(name))) {
    columns.box = BOX_NAMES;
    notes.push(`guessed that columns ${BOX_NAMES.join(", ")} are the box; say otherwise with dataset.json`);
  }
  return { columns, notes, problems };
}
