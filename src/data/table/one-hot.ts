import { plainName } from "./column-names.ts";

/** How an uncertain finding (-1, as in CheXpert) is counted; the names U-Zeros, U-Ones and U-Ignore of its paper. */
export const UNCERTAIN_POLICIES = ["zeros", "ones", "ignore"] as const;
export type UncertainPolicy = (typeof UNCERTAIN_POLICIES)[number];

const YES = /^(1(\.0*)?|true|yes)$/i;
const NO = /^(0(\.0*)?|false|no|)$/i;
const UNCERTAIN = /^-1(\.0*)?$/;

/** What a cell of a 0/1 column says; null for one that is neither. */
export function flagOf(cell: string): boolean | "uncertain" | null {
  const text = cell.trim();
  if (YES.test(text)) return true;
  if (NO.test(text)) return false;
  return UNCERTAIN.test(text) ? "uncertain" : null;
}

/** Columns of 0 and 1 that name the classes, and how they are to be read. */
export interface OneHot {
  readonly columns: readonly string[];
  /** `exclusive`: one 1 a row. `several`: findings of which an image may have several or none. */
  readonly kind: "exclusive" | "several";
}

/** Findings of chest radiographs and of the fundus under which collections keep a column of 0 and 1 each. */
const KNOWN = new Set(
  [
    "No Finding,Atelectasis,Cardiomegaly,Consolidation,Edema,Enlarged Cardiomediastinum,Fracture,Lung Lesion,Lung Opacity",
    "Pleural Effusion,Pleural Other,Pneumonia,Pneumothorax,Support Devices,Effusion,Infiltration,Mass,Nodule,Emphysema",
    "Fibrosis,Pleural_Thickening,Hernia,MEL,NV,BCC,AKIEC,BKL,DF,VASC,SCC,UNK,AK,melanoma,seborrheic_keratosis,nevus",
    "healthy,multiple_diseases,rust,scab,normal,benign,malignant",
  ]
    .join(",")
    .split(",")
    .map(plainName),
);

/**
 * Looks for columns of 0 and 1 that are the classes: three or more side by side (two if all have known names) with exactly one
 * 1 in each row, or known findings of which a row may have several. Other columns of 0 and 1 may be anything.
 * @param taken Columns that have another role.
 */
export function findOneHot(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  taken: ReadonlySet<string>,
): OneHot | null {
  const binary = header.map((name, i) => {
    if (taken.has(name) || rows.length === 0) return false;
    let filled = false;
    for (const row of rows) {
      if (flagOf(row[i]!) === null) return false;
      filled ||= row[i]!.trim() !== "";
    }
    return filled;
  });
  const runs: number[][] = [];
  for (const [i, is] of binary.entries()) {
    if (!is) continue;
    const last = runs.at(-1);
    if (last !== undefined && last.at(-1) === i - 1) last.push(i);
    else runs.push([i]);
  }
  const known = (run: readonly number[]) => run.filter((i) => KNOWN.has(plainName(header[i]!)));
  const isExclusive = (run: readonly number[]) =>
    rows.every((row) => run.filter((i) => flagOf(row[i]!) === true).length === 1) &&
    rows.every((row) => run.every((i) => flagOf(row[i]!) !== "uncertain"));
  const named = (run: readonly number[]) => run.map((i) => header[i]!);
  for (const run of runs.sort((a, b) => b.length - a.length)) {
    if (run.length >= (known(run).length === run.length ? 2 : 3) && isExclusive(run))
      return { columns: named(run), kind: "exclusive" };
    const findings = known(run);
    if (findings.length >= 2 && isExclusive(findings)) return { columns: named(findings), kind: "exclusive" };
    if (findings.length >= 3) return { columns: named(findings), kind: "several" };
  }
  return null;
}

/**
 * Names of the columns that a row sets; an uncertain finding by the policy.
 * @returns null where the row has an uncertain finding and such rows are ignored
 */
export function setFlags(
  names: readonly string[],
  cells: readonly string[],
  uncertain: UncertainPolicy,
): string[] | null {
  const flags = cells.map(flagOf);
  if (uncertain === "ignore" && flags.includes("uncertain")) return null;
  return names.filter((_, i) => flags[i] === true || (flags[i] === "uncertain" && uncertain === "ones"));
}
