import { commandLine, freeFolder, pathWord } from "../../core/command-line.ts";
import { counted } from "../../core/counted.ts";
import { named } from "../../core/quoted.ts";
import type { Mapping } from "./mapping-file.ts";

/** One key of a mapping as it is printed: with its value, or behind a comment where what is found holds. */
export interface Entry {
  readonly key: keyof Mapping;
  /** Undefined where the key is only shown. */
  readonly value: unknown;
  readonly comment: string;
}

/** The mapping that entries make, without comments. */
export function mappingOf(entries: readonly Entry[]): Mapping {
  const stated = entries.filter(({ value }) => value !== undefined);
  return Object.fromEntries(stated.map(({ key, value }) => [key, value])) as Mapping;
}

/** Classes with how many images each has, one a line. */
function classLines(classes: ReadonlyMap<string, number>, unit: string, end: string): string[] {
  const lines = [...classes].map(([name, count], i) => {
    const text = JSON.stringify(name);
    return `    ${text}: ${text}${i + 1 < classes.size ? "," : ""} // ${counted(count, unit.replace(/s$/, ""), unit)}`;
  });
  return ['  "classes": {', ...lines, `  }${end}`];
}

/**
 * A mapping file from its entries.
 * @param classes How many images each class has. @param unit What is counted. Defaults to images.
 */
export function mappingText(
  entries: readonly Entry[],
  head: readonly string[],
  classes: ReadonlyMap<string, number>,
  unit = "images",
): string {
  const last = entries.findLast(({ value }) => value !== undefined)!.key;
  const lines = entries.flatMap(({ key, value, comment }) => {
    const before = `  // ${comment}`;
    if (value === undefined) return [before, `  // "${key}": `];
    const end = key === last ? "" : ",";
    if (key === "classes") return [before, ...classLines(classes, unit, end)];
    return [before, `  "${key}": ${JSON.stringify(value)}${end}`];
  });
  return [...head, "{", ...lines, "}"].join("\n");
}

/** What a mapping file begins with: what was found, and how it is given back. */
export const mappingHead = (source: string, found: string): string[] => [
  `// How ganglion import reads ${named(source)}: ${found}.`,
  "// Edit it, save it as mapping.jsonc, and give it back. A key that is left out is found again; null is none.",
  `// ${commandLine("import", pathWord(source), freeFolder("dataset"), "--mapping", "mapping.jsonc")}`,
];
