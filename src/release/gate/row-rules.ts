import { parseSynthetic, SYNTHETIC, TONE_ESTIMATED } from "../../data/index.ts";
import type { Dataset } from "../../data/types.ts";
import type { Candidate } from "./candidates.ts";
import type { Reasons } from "./reasons.ts";

/** Names under which columns tell a person apart, or when and where they were seen. */
const IDENTITY =
  /(^|_)(patient|subject|person|case|lesion|study|series|accession|mrn|name|birth|dob|address|phone|email|hospital|physician|date|time|source|origin|path|uid|uuid|id)s?(_|$)/i;

/** True of a column whose name says that it tells of a person; `patientId` and `Patient ID` are read as `patient_id`. */
export const isIdentity = (name: string): boolean =>
  IDENTITY.test(name.replaceAll(/([a-z])([A-Z])/g, "$1_$2").replaceAll(/[^A-Za-z0-9]+/g, "_"));

/** A name that says nothing but a class and a number. */
const SAFE_NAME = /^(images|masks)\/([^/]+)\/(\d{6})\.png$/;
/** `generate` counts from 1; numbers beyond so many for each image of the set count something else (`010270`). */
const NUMBERS_PER_IMAGE = 10;

/** @param folders Folder of each class, filled here: a class has one. */
function isSafeName(
  name: string,
  { top: wanted, label, images, folders }: { top: string; label: string; images: number; folders: Map<string, string> },
): boolean {
  const [, top, own, number] = SAFE_NAME.exec(name) ?? [];
  if (top !== wanted || Number(number) > NUMBERS_PER_IMAGE * images) return false;
  if (!folders.has(label)) folders.set(label, own!);
  if (folders.get(label) !== own) return false;
  return own === label.normalize("NFC").replaceAll(" ", "_") || /^class-\d{1,3}$/.test(own!);
}

/** Cells that the record of an image vouches for. */
function vouchedCells({ columns }: Dataset, { record, mapRecord }: Candidate): Map<string, string> {
  const cells = new Map<string, string>([[SYNTHETIC, "1"]]);
  if (record === null || mapRecord === null) return cells;
  if (columns.tone !== undefined) cells.set(columns.tone, String(mapRecord.tone));
  cells.set(TONE_ESTIMATED, mapRecord.tone_estimated ? "1" : "0");
  for (const [corner, name] of (columns.box ?? []).entries()) {
    cells.set(name, mapRecord.boxes.map((box) => box[corner]).join(";"));
  }
  for (const [name, value] of Object.entries(mapRecord.columns ?? {})) cells.set(name, String(value));
  return cells;
}

/** True of a column of which every image has its own value, or more than half of the images their own words. */
function tellsApart(candidates: readonly Candidate[], name: string): boolean {
  const values = candidates.map(({ sample }) => sample.attributes[name]?.trim() ?? "").filter((value) => value !== "");
  const distinct = new Set(values);
  if (values.length > 1 && distinct.size === values.length) return true;
  return [...distinct].filter((value) => Number.isNaN(Number(value))).length > values.length / 2 && values.length > 4;
}

/**
 * Rules of the table: every row is synthetic by its own word and its record's, its name, class and cells are those of the
 * record, and no column tells of a person.
 * @param allowed Further columns that the config lets through.
 * @returns columns of `attributes` that may be released
 */
export function checkRows(
  dataset: Dataset,
  candidates: readonly Candidate[],
  allowed: readonly string[],
  reasons: Reasons,
): string[] {
  const broken = { real: [] as string[], label: [] as string[], name: [] as string[], cell: [] as string[] };
  const { columns } = dataset;
  const vouched = new Set<string>();
  const masks = new Set<string>();
  const folders = new Map<string, string>();
  for (const candidate of candidates) {
    const { sample, record } = candidate;
    const { fileName } = sample;
    const of = { label: sample.label, images: candidates.length, folders };
    if (parseSynthetic(sample.attributes[SYNTHETIC] ?? "") !== true) broken.real.push(fileName);
    if (record !== null && record.class !== sample.label) broken.label.push(fileName);
    if (!isSafeName(fileName, { top: "images", ...of })) broken.name.push(fileName);
    if (sample.mask !== undefined) {
      if (!isSafeName(sample.mask, { top: "masks", ...of }) || masks.has(sample.mask)) broken.name.push(sample.mask);
      masks.add(sample.mask);
    }
    for (const [name, value] of vouchedCells(dataset, candidate)) {
      vouched.add(name);
      const cell = sample.attributes[name]?.trim();
      if (cell !== undefined && cell !== value && name !== SYNTHETIC) broken.cell.push(`${fileName} ${name}`);
    }
  }
  reasons.each(
    "real-image",
    "metadata.csv",
    broken.real,
    `column ${SYNTHETIC} does not say 1 (or yes, true): these are real images, or nobody says that they are not; release the synthetic images alone (\`ganglion generate\`)`,
  );
  reasons.each("label", "metadata.csv", broken.label, "the class is not the one that was drawn; restore it");
  reasons.each(
    "file-name",
    "metadata.csv",
    broken.name,
    "the name is not images/CLASS/000001.png (masks/CLASS/000001.png of a mask, each once), counted from 1, and could tell of a patient; use the names that `ganglion generate` gives",
  );
  reasons.each("cell", "metadata.csv", broken.cell, "the cell is not what was asked of the generator; restore it");

  for (const role of ["patient", "split"] as const) {
    const name = columns[role];
    if (name === undefined) continue;
    reasons.add(`${role}-column`, `metadata.csv: ${name}`, `a ${role} column is of real images; remove it`);
  }
  if (columns.label !== undefined && isIdentity(columns.label)) {
    reasons.add(
      "identity-column",
      `metadata.csv: ${columns.label}`,
      "the column of the class may tell of a person; call it label",
    );
  }
  const others = new Set(candidates.flatMap(({ sample }) => Object.keys(sample.attributes)));
  const unknown: string[] = [];
  const kept: string[] = [];
  for (const name of others) {
    if (vouched.has(name)) kept.push(name);
    else if (isIdentity(name))
      reasons.add("identity-column", `metadata.csv: ${name}`, "the column may tell of a person; remove it");
    else if (!allowed.includes(name)) unknown.push(name);
    else if (tellsApart(candidates, name)) {
      reasons.add(
        "identity-column",
        `metadata.csv: ${name}`,
        "every image has its own value, or most their own words, which tells it from all others; remove the column",
      );
    } else kept.push(name);
  }
  reasons.each(
    "unknown-column",
    "metadata.csv",
    unknown,
    "the generator was not asked for them; remove the columns, or name them in `gate.columns` of --config",
  );
  return kept;
}
