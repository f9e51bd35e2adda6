import { type Problem, throwIfProblems } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";
import { listed, quoted } from "../core/quoted.ts";

/** How many images of a class; in the order of the class indices. */
export interface ClassCount {
  readonly name: string;
  readonly count: number;
}

/** Most images of one class that may be asked for at once. */
const MOST = 10_000_000;

/** Says that there is no such class, which one may be meant, and which there are. */
export function unknownClass(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const meant = nearest === undefined ? "" : `did you mean ${nearest}? `;
  return `there is no class ${quoted(name)}; ${meant}the classes are ${listed(known)}`;
}

/** Reads a whole number of images, 0 to ten million; a problem in words otherwise. */
function readCount(text: string): number | string {
  if (!/^\d+$/.test(text)) return `${quoted(text)} is not a whole number of images, 0 or more`;
  return Number(text) <= MOST ? Number(text) : `${text} images are too many; ${MOST} of a class are possible`;
}

/**
 * Reads `a=10,b=20`. A name may hold commas (`a, left=3`); the last `=` of an entry ends the name.
 * @param option How the option is called, for messages.
 * @returns Counts by name, in the order written
 * @throws GanglionError `usage` that lists every problem
 */
export function parseCounts(option: string, text: string, known: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  const problems: Problem[] = [];
  const say = (code: string, entry: string, message: string) => problems.push({ code, path: entry, message });
  let pending = "";
  for (const piece of text.split(",")) {
    const entry = pending + piece;
    const equals = entry.lastIndexOf("=");
    if (equals < 0) {
      pending = `${entry},`;
      continue;
    }
    pending = "";
    const name = entry.slice(0, equals).trim();
    const count = readCount(entry.slice(equals + 1).trim());
    if (!known.includes(name)) say("unknown-class", entry.trim(), unknownClass(name, known));
    else if (counts.has(name)) say("duplicate-class", entry.trim(), `${name} is named twice; name it once`);
    if (typeof count === "string") say("count", entry.trim(), count);
    else if (!counts.has(name)) counts.set(name, count);
  }
  if (pending !== "") {
    say("no-count", pending.slice(0, -1).trim() || "(empty)", "an entry is CLASS=NUMBER, e.g. nevus=100");
  }
  throwIfProblems("usage", `${option} ${text}`, problems);
  return counts;
}

/**
 * Counts of every class from `--counts`; classes that are not named get 0.
 * @throws GanglionError `usage`, also when no image at all is asked for
 */
export function countsOf(text: string, classes: readonly string[]): ClassCount[] {
  const named = parseCounts("--counts", text, classes);
  const counts = classes.map((name) => ({ name, count: named.get(name) ?? 0 }));
  if (counts.every(({ count }) => count === 0)) {
    const message = "all counts are 0; ask for one image at least";
    throwIfProblems("usage", `--counts ${text}`, [{ code: "no-images", path: "--counts", message }]);
  }
  return counts;
}

/** The same count for every class from `--per-class`. @throws GanglionError `usage` */
export function perClassOf(text: string, classes: readonly string[]): ClassCount[] {
  const count = readCount(text.trim());
  const message = count === 0 ? "ask for one image of each class at least" : count;
  if (typeof message === "string") {
    throwIfProblems("usage", `--per-class ${text}`, [{ code: "count", path: "--per-class", message }]);
  }
  return classes.map((name) => ({ name, count: count as number }));
}
