import { counted } from "../../core/counted.ts";
import { listed, named } from "../../core/quoted.ts";

/** Label texts that mean no label, in lower case: what pandas and R write, and read, for a missing value. */
export const MISSING_LABELS: readonly string[] = ["nan", "na", "n/a", "none", "null", "<na>", "#n/a"];

/** True where a label means that there is none. @param missing In lower case, besides the empty text. */
export const isMissingLabel = (label: string, missing: readonly string[] = MISSING_LABELS): boolean =>
  label === "" || missing.includes(label.toLowerCase());

/** Class names that pandas, and so `datasets.load_dataset`, reads as a missing value unless it is told otherwise. */
export const readAsMissing = (classes: readonly string[]): string[] =>
  classes.filter((name) => name !== "" && isMissingLabel(name));

/** Spelling without case, accents and outer or doubled spaces, in which two labels may be meant as one. */
const loose = (label: string): string =>
  label
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[\s_-]+/g, " ")
    .trim();

/** Says which classes differ only in case, spaces or accents; they stay classes of their own. */
export function spellingNotes(classes: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const name of classes) {
    const key = loose(name);
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map(
      (group) =>
        `classes ${group.map((name) => `"${named(name)}"`).join(", ")} differ only in case, spaces or accents and are counted apart; spell them alike if they are one class`,
    );
}

/** Says how many images have no label and are left out. */
export function missingNote(words: ReadonlyMap<string, number>, column: string): string {
  const count = [...words.values()].reduce((a, b) => a + b, 0);
  const said = [...words.keys()].filter((word) => word !== "");
  const how = said.length === 0 ? "empty" : `empty or ${listed(said)}`;
  const declare =
    said.length === 0 ? "" : `; if that is a class, say so with --missing "" or "missing": [] in dataset.json`;
  return `${counted(count, "image has", "images have")} no label (column ${named(column)} is ${how}, a missing value) and ${count === 1 ? "is" : "are"} left out${declare}`;
}
