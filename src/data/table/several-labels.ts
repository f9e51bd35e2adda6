import { counted } from "../../core/counted.ts";
import { listed, named } from "../../core/quoted.ts";

/** What becomes of an image with several labels. */
const MULTI_LABEL_POLICIES = ["combination", "first", "drop", "majority"] as const;

/** A policy by its name, or `one:CLASS`: CLASS against the rest. */
export type MultiLabelPolicy = (typeof MULTI_LABEL_POLICIES)[number] | `one:${string}`;

/** True for the name of a policy or `one:CLASS`. */
export const isMultiLabelPolicy = (text: string): text is MultiLabelPolicy =>
  (MULTI_LABEL_POLICIES as readonly string[]).includes(text) || /^one:./.test(text);

const partsOf = (cell: string, separator: string): string[] =>
  cell
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** `['a', "b"]` as Python writes a list; null for another cell. */
function pythonList(cell: string): string[] | null {
  if (!/^\[.*\]$/s.test(cell)) return null;
  const parts = [...cell.matchAll(/'([^']*)'|"([^"]*)"/g)].map((found) => (found[1] ?? found[2] ?? "").trim());
  return parts.length > 0 || cell.replace(/\s/g, "") === "[]" ? parts.filter((part) => part !== "") : null;
}

/** True for numbers in brackets, as `[1, 0, 0]`: a vector, no list of labels. */
export const isVector = (cell: string): boolean => /^\[[\s\d.,eE+-]*\]$/.test(cell.trim());

/** How the several labels of a cell are joined in a column, and why it is thought so. */
interface Joined {
  readonly parts: (cell: string) => string[];
  readonly how: string;
}

/**
 * Decides whether the labels of a column are several joined ones: lists of Python; `|`; or `;` or `,` where most parts of the
 * joined cells are also labels alone or in another combination.
 */
export function findJoined(cells: readonly string[]): Joined | null {
  const distinct = [...new Set(cells)];
  const filled = distinct.filter((cell) => cell !== "");
  if (filled.length > 0 && filled.every((cell) => pythonList(cell) !== null)) {
    return { parts: (cell) => pythonList(cell) ?? [], how: "lists in square brackets" };
  }
  for (const separator of ["|", ";", ","]) {
    const joined = distinct.filter((cell) => !isVector(cell) && partsOf(cell, separator).length > 1);
    if (joined.length === 0) continue;
    if (separator !== "|") {
      const seen = new Map<string, number>();
      for (const cell of distinct)
        for (const part of new Set(partsOf(cell, separator))) seen.set(part, (seen.get(part) ?? 0) + 1);
      const parts = joined.flatMap((cell) => partsOf(cell, separator));
      const known = parts.filter((part) => seen.get(part)! > 1);
      if (known.length < 0.6 * parts.length) continue;
    }
    return { parts: (cell) => partsOf(cell, separator), how: `labels joined by "${separator}"` };
  }
  return null;
}

const sorted = (parts: readonly string[]): string[] => [...new Set(parts)].sort();

/**
 * The one class of an image with its labels; null where the image is left out.
 * @param labels Labels as they were met, with repeats where several rows give one.
 */
export function oneLabel(labels: readonly string[], policy: MultiLabelPolicy): string | null {
  const distinct = sorted(labels);
  if (policy.startsWith("one:")) {
    const name = policy.slice(4);
    return distinct.includes(name) ? name : `not ${name}`;
  }
  if (distinct.length < 2) return distinct[0] ?? "";
  if (policy === "first") return labels[0]!;
  if (policy === "drop") return null;
  if (policy === "majority") {
    const counts = distinct.map((name) => labels.filter((label) => label === name).length);
    const most = Math.max(...counts);
    const winners = distinct.filter((_, i) => counts[i] === most);
    return winners.length === 1 ? winners[0]! : null;
  }
  return distinct.join("|");
}

/** Says what was done with images of several labels, and which flag says otherwise. */
export function severalNote(
  count: number,
  how: string,
  policy: MultiLabelPolicy,
  classes: readonly string[],
  chosen: boolean,
): string {
  const flag = "--multi-label first, drop, majority, combination or one:CLASS";
  const done = policy.startsWith("one:")
    ? `the classes are ${listed(classes)}`
    : {
        combination: `each combination is a class of its own (${classes.length} classes)`,
        first: "the first label of each is its class",
        drop: "they are left out",
        majority: "the label that most rows give is the class, images without one are left out",
      }[policy as (typeof MULTI_LABEL_POLICIES)[number]];
  return `${counted(count, "image has", "images have")} several labels (${named(how)}): ${done}; ${chosen ? "as asked for" : `choose with ${flag}, or "multiLabel" in dataset.json`}`;
}
