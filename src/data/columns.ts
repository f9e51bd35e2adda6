import { z } from "zod";
import type { Problem } from "../core/errors.ts";
import { listed, named, quoted } from "../core/quoted.ts";
import { type MaskValue, maskValuesSchema } from "./masks/mask-values.ts";
import { normaliseSplit } from "./names.ts";
import { BOX_NAMES, COMMON_NAMES, isCoordinate, isSizedBox, plainName, type SingleRole } from "./table/column-names.ts";
import { findOneHot, flagOf, type OneHot, UNCERTAIN_POLICIES, type UncertainPolicy } from "./table/one-hot.ts";
import { isMultiLabelPolicy, isVector, type MultiLabelPolicy } from "./table/several-labels.ts";
import type { Columns } from "./types.ts";

/** The one table of an image folder. */
export const METADATA = "metadata.csv";
/** Optional file that names the columns by role. */
export const DESCRIPTION = "dataset.json";

/** Column that names the image of a row, as in Hugging Face `imagefolder`. */
export const FILE_NAME = "file_name";

const name = z.string().min(1).optional();

/** What `dataset.json` may say; further keys (name, notes) are kept for people and ignored here. */
export const descriptionSchema = z.looseObject({
  table: name,
  file: name,
  label: name,
  patient: name,
  split: name,
  mask: name,
  maskValues: maskValuesSchema.optional(),
  box: z.tuple([z.string(), z.string(), z.string(), z.string()]).optional(),
  tone: name,
  multiLabel: z
    .string()
    .refine(isMultiLabelPolicy, { error: "use combination, first, drop, majority or one:CLASS" })
    .optional(),
  missing: z.array(z.string()).optional(),
  uncertain: z.enum(UNCERTAIN_POLICIES).optional(),
  license: z.string().optional(),
});

export type Description = z.infer<typeof descriptionSchema>;

/** What a caller says of a table and its columns; each defaults to what `dataset.json` says, else to a guess. */
export interface ColumnOptions {
  /** Table of the images, where a folder holds several. */
  readonly table?: string | undefined;
  /** Column that names the image of a row. */
  readonly file?: string | undefined;
  /** Column that holds the class, or columns of 0 and 1 with commas between their names; empty for none. */
  readonly label?: string | undefined;
  /** Column that holds the patient (or lesion) the image is of; empty for none. */
  readonly patient?: string | undefined;
  /** Column that holds the split; empty for none. */
  readonly split?: string | undefined;
  /** Column that names the mask; empty for no masks. */
  readonly mask?: string | undefined;
  /** Values of masks that are inside. Defaults to those that are found. */
  readonly maskValues?: readonly MaskValue[] | undefined;
  /** Four columns of a box, with commas between: corners, or corner and size by their names; empty for none. */
  readonly boxes?: string | readonly string[] | undefined;
  /** What becomes of an image with several labels. Defaults to a class for each combination. */
  readonly multiLabel?: MultiLabelPolicy | undefined;
  /** Label texts that mean no label, besides the empty one. Defaults to nan, na, n/a, none, null in any case. */
  readonly missing?: readonly string[] | undefined;
  /** How an uncertain finding (-1) is counted. Defaults to `zeros`. */
  readonly uncertain?: UncertainPolicy | undefined;
  /** Leaves out rows whose image is not there or empty, and says so, where they are problems else. Defaults to false. */
  readonly skipDamaged?: boolean | undefined;
  /** Annotation file, or folder of them, to read; empty for none. Defaults to what is found. */
  readonly annotations?: string | undefined;
  /** File that these were taken from, for messages. Defaults to the flags. */
  readonly origin?: string | undefined;
}

/** Roles found, guesses to say aloud, and problems. */
export interface ResolvedColumns {
  readonly columns: Columns;
  /** Columns of 0 and 1 that are the classes, where no single column is. */
  readonly oneHot: OneHot | null;
  /** The four box columns hold a corner and a size, not two corners. */
  readonly sizedBox: boolean;
  readonly notes: readonly string[];
  readonly problems: readonly Problem[];
}

/** What is known of a table besides its header. */
export interface TableEvidence {
  /** Name in problems. Defaults to `metadata.csv`. */
  readonly path?: string;
  /** Defaults to none, so that names alone decide. */
  readonly rows?: readonly (readonly string[])[];
  /** Column that names the images: it has no other role unless it is asked for. */
  readonly file?: string | undefined;
  /** Names that stand for something beside the table, as `folder_1`; a role may name them. */
  readonly beside?: ReadonlySet<string>;
}

/** Columns there are, as text for a message. */
export function listColumns(header: readonly string[]): string {
  return header.length === 0 ? "there are no columns" : `the columns are ${listed(header)}`;
}

/** The column that is meant: of this name, else the only one that differs in case, spaces and punctuation alone. */
export function findColumn(header: readonly string[], wanted: string): string | undefined {
  if (header.includes(wanted)) return wanted;
  const alike = header.filter((column) => plainName(column) === plainName(wanted));
  return alike.length === 1 && plainName(wanted) !== "" ? alike[0] : undefined;
}

/** Plain names of splits that are common words for other things too: their cells must name splits. */
const SPLIT_BY_VALUES = new Set(["partition", "phase", "usage", "set"]);
const KNOWN_SPLITS = new Set(["train", "val", "test", "holdout"]);
/** Cells of a column called `mask` that name no file: numbers, yes and no. */
const NO_PATH = /^(-?\d+(\.\d*)?|true|false|yes|no)$/i;
/** What is written in place of a patient who is not to be known. */
const NOBODY = /^(removed|anon(ymous|ymi[sz]ed)?|de-?identified|unknown|redacted|hidden|n\/?a|none|null|nan|x+|-+)$/i;
/** Rows below which it says nothing that each has its own value. */
const FEW_ROWS = 20;

/** Whether the cells of a column of a telling name may fill the role. */
function mayBe(role: SingleRole, column: string, cells: readonly string[], header: readonly string[]): boolean {
  const filled = cells.filter((cell) => cell.trim() !== "");
  if (cells.length > 0 && filled.length === 0 && role !== "mask") return false;
  if (role === "label") {
    if (plainName(column) === "y" ? header.some((other) => plainName(other) === "x") : isCoordinate(column))
      return false;
    if (filled.length > 0 && filled.every(isVector)) return false;
    return filled.length < FEW_ROWS || new Set(filled).size < filled.length;
  }
  if (role === "patient" && filled.length > 0 && filled.every((cell) => NOBODY.test(cell.trim()))) return false;
  if (role === "split" && SPLIT_BY_VALUES.has(plainName(column))) {
    return filled.length > 0 && filled.every((cell) => KNOWN_SPLITS.has(normaliseSplit(cell)));
  }
  if (role === "mask" && filled.length > 0) return !filled.every((cell) => NO_PATH.test(cell.trim()));
  return true;
}

/** Columns of a telling name that may fill a role, the most telling first. */
function candidates(
  role: SingleRole,
  header: readonly string[],
  rows: readonly (readonly string[])[],
  taken: ReadonlySet<string>,
): string[] {
  return COMMON_NAMES[role].flatMap((known) =>
    header.filter(
      (column, i) =>
        plainName(column) === known &&
        !taken.has(column) &&
        mayBe(
          role,
          column,
          rows.map((row) => row[i]!),
          header,
        ),
    ),
  );
}

const FLAGS: Readonly<Record<SingleRole, string>> = {
  label: "--label COL or dataset.json",
  patient: "--patient COL or dataset.json",
  split: "--split COL or dataset.json",
  mask: "--mask COL or dataset.json",
  tone: "dataset.json",
};

/** Columns of 0 and 1 that are not taken for classes, as a hint. */
function flagColumns(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  taken: ReadonlySet<string>,
): string[] {
  if (rows.length === 0) return [];
  return header.filter(
    (column, i) =>
      !taken.has(column) && rows.every((row) => flagOf(row[i]!) !== null) && rows.some((row) => row[i]!.trim() !== ""),
  );
}

/**
 * Decides which column plays which role: option, else `dataset.json`, else a guess from common names in any spelling, said in
 * `notes`; a coordinate is never a class. A column that an option or `dataset.json` names and the header lacks is a problem
 * that lists the columns there are.
 */
export function resolveColumns(
  header: readonly string[],
  description: Description,
  options: ColumnOptions,
  { path = METADATA, rows = [], file, beside = new Set() }: TableEvidence = {},
): ResolvedColumns {
  const notes: string[] = [];
  const problems: Problem[] = [];
  const columns: { -readonly [K in keyof Columns]: Columns[K] } = {};
  const taken = new Set<string>(file === undefined ? [FILE_NAME] : [FILE_NAME, file]);
  let oneHot: OneHot | null = null;
  const missing = (role: string, column: string, source: string) => {
    const message = `there is no column ${quoted(column)} for the ${role} (named by ${source}); ${listColumns(header)}`;
    problems.push({ code: "missing-column", path, message });
  };

  const roles: readonly SingleRole[] = ["label", "patient", "split", "mask", "tone"];
  const guessed: SingleRole[] = [];
  for (const role of roles) {
    const option = role === "tone" ? undefined : options[role];
    const wanted = option ?? description[role];
    if (wanted === undefined) {
      guessed.push(role);
      continue;
    }
    if (wanted === "") continue;
    const derived = role === "label" && wanted === DERIVED_LABEL && findOneHot(header, rows, taken) !== null;
    const found = findColumn(header, wanted) ?? (beside.has(wanted) && !derived ? wanted : undefined);
    const list = wanted.split(",").map((part) => findColumn(header, part.trim()));
    if (found !== undefined) {
      columns[role] = found;
      taken.add(found);
    } else if (role === "label" && list.length > 1 && list.every((column) => column !== undefined)) {
      oneHot = { columns: list as string[], kind: "several" };
      for (const column of oneHot.columns) taken.add(column);
    } else if (derived) {
      guessed.push(role);
    } else missing(role, wanted, option === undefined ? "dataset.json" : (options.origin ?? `--${role}`));
  }
  for (const role of guessed) {
    const [found, ...others] = candidates(role, header, rows, taken);
    if (found === undefined) continue;
    columns[role] = found;
    taken.add(found);
    const also = others.length === 0 ? "" : ` (${listed(others)} would fit too)`;
    notes.push(`guessed that column ${named(found)} is the ${role}${also}; say otherwise with ${FLAGS[role]}`);
  }

  const box = resolveBox(header, description, options, missing);
  if (box !== null) {
    columns.box = box.names;
    for (const column of box.names) taken.add(column);
    if (box.guessed)
      notes.push(
        `guessed that columns ${box.names.join(", ")} are the box; say otherwise with --boxes or dataset.json`,
      );
  }
  if (columns.label === undefined && oneHot === null && guessed.includes("label")) {
    oneHot = findOneHot(header, rows, taken);
    const flags = oneHot === null ? flagColumns(header, rows, taken) : [];
    if (oneHot !== null) {
      notes.push(
        `guessed that the columns of 0 and 1 ${listed(oneHot.columns)} are the classes (one-hot); say otherwise with --label COL or COL,COL,...`,
      );
    } else if (flags.length > 0) {
      notes.push(
        `columns ${listed(flags)} hold 0 and 1; if they are the classes, say so with --label ${flags.slice(0, 3).join(",")}${flags.length > 3 ? ",..." : ""}`,
      );
    }
  }
  return { columns: inRoleOrder(columns), oneHot, sizedBox: box?.sized ?? false, notes, problems };
}

/** Columns in one order, however they were found, so that what is written of them is the same. */
function inRoleOrder(columns: Columns): Columns {
  const order = ["label", "patient", "split", "mask", "box", "tone"] as const;
  return Object.fromEntries(order.flatMap((role) => (columns[role] === undefined ? [] : [[role, columns[role]]])));
}

/** Column that labels made of several columns, or of folders, go to. */
export const DERIVED_LABEL = "label";

type Box = readonly [string, string, string, string];

function resolveBox(
  header: readonly string[],
  description: Description,
  options: ColumnOptions,
  missing: (role: string, column: string, source: string) => void,
): { names: Box; sized: boolean; guessed: boolean } | null {
  const { boxes, origin = "--boxes" } = options;
  const source = boxes === undefined ? "dataset.json" : origin;
  if (boxes?.length === 0) return null;
  const stated = (typeof boxes === "string" ? boxes.split(",").map((part) => part.trim()) : boxes) ?? description.box;
  if (stated !== undefined) {
    const found = stated.map((column) => findColumn(header, column));
    stated.forEach((column, i) => {
      if (found[i] === undefined) missing("box", column, source);
    });
    if (stated.length !== 4)
      missing("box", stated.join(","), `${source}, where four names are needed: x_min,y_min,x_max,y_max`);
    if (stated.length !== 4 || found.includes(undefined)) return null;
    return { names: found as unknown as Box, sized: isSizedBox(found as string[]), guessed: false };
  }
  for (const names of BOX_NAMES) {
    const found = names.map((plain) => header.find((column) => plainName(column) === plain));
    if (found.includes(undefined)) continue;
    return { names: found as unknown as Box, sized: isSizedBox(names), guessed: true };
  }
  return null;
}
