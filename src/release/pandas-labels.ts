import { listed } from "../core/quoted.ts";
import { readAsMissing } from "../data/index.ts";

/** What `pandas.read_csv` takes for a number. */
const NUMBER = /^\s*[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|inf|infinity)\s*$/i;
const TRUTH = /^(true|True|TRUE|false|False|FALSE)$/;

/** Classes that are read as the same number, each group of them. */
function sameNumbers(classes: readonly string[]): string[][] {
  const groups = new Map<number, string[]>();
  for (const name of classes) groups.set(Number(name), [...(groups.get(Number(name)) ?? []), name]);
  return [...groups.values()].filter((group) => group.length > 1);
}

/**
 * What pandas, and so `datasets.load_dataset`, makes of the labels of a table where that is not their text, one clause each.
 * pandas takes a column for numbers or truth values where every cell is one or missing.
 */
export function readOtherwise(classes: readonly string[]): string[] {
  const missing = readAsMissing(classes);
  const rest = classes.filter((name) => name !== "" && !missing.includes(name));
  const found = missing.length === 0 ? [] : [`${listed(missing)} as missing values`];
  if (rest.length === 0) return found;
  if (rest.every((name) => TRUTH.test(name))) return [...found, `${listed(rest)} as truth values`];
  if (!rest.every((name) => NUMBER.test(name))) return found;
  const merged = sameNumbers(rest).map((group) => `${group.join(" and ")} as the same one`);
  return [...found, [`${listed(rest)} as numbers`, ...merged].join(", ")];
}

/** How a table is read whose labels stay text. */
export const AS_TEXT = `pandas.read_csv("data/metadata.csv", dtype={"label": str}, keep_default_na=False)`;
