import { type Problem, throwIfProblems } from "../core/errors.ts";
import { quoted } from "../core/quoted.ts";
import type { Dataset, Sample } from "./types.ts";

/** Column that tells synthetic images from real ones; what Ganglion writes into it is 1 and 0. */
export const SYNTHETIC = "synthetic";

const MEANINGS: ReadonlyMap<string, boolean> = new Map([
  ["1", true],
  ["true", true],
  ["yes", true],
  ["0", false],
  ["false", false],
  ["no", false],
]);

/** What a cell of the column says, in any case, spaces around it ignored; null for anything else, an empty cell too. */
export const parseSynthetic = (cell: string): boolean | null => MEANINGS.get(cell.trim().toLowerCase()) ?? null;

/**
 * Whether each image is synthetic, as the column says; null for all of a dataset without the column.
 * @throws GanglionError `dataset` that lists every row whose cell is neither 0 nor 1, no nor yes, false nor true
 */
export function syntheticMarks({ root, samples }: Pick<Dataset, "root" | "samples">): readonly (boolean | null)[] {
  const problems: Problem[] = [];
  const marks = samples.map(({ fileName, attributes }: Sample) => {
    if (!Object.hasOwn(attributes, SYNTHETIC)) return null;
    const found = parseSynthetic(attributes[SYNTHETIC]!);
    if (found === null) {
      const cell =
        attributes[SYNTHETIC]!.trim() === "" ? "the cell is empty" : `the cell is ${quoted(attributes[SYNTHETIC])}`;
      const message = `${cell}; write 1 (also true, yes) for a synthetic image, 0 (also false, no) for a real one`;
      problems.push({ code: "synthetic-value", path: `row of ${fileName}`, message });
    }
    return found;
  });
  throwIfProblems("dataset", `${root}: column ${SYNTHETIC} does not say which images are synthetic`, problems);
  return marks;
}

/** The images that the column calls synthetic, or does not call synthetic. @throws GanglionError as {@link syntheticMarks} */
export function samplesMarked(dataset: Dataset, synthetic: boolean): readonly Sample[] {
  const marks = syntheticMarks(dataset);
  return dataset.samples.filter((_, i) => (marks[i] ?? synthetic) === synthetic);
}

/** Filter that keeps the real images, in the column's own words, e.g. `synthetic=0`. */
export function realFilter({ samples }: Pick<Dataset, "samples">): string {
  const cells = samples.map(({ attributes }) => attributes[SYNTHETIC] ?? "");
  return `${SYNTHETIC}=${cells.find((cell) => parseSynthetic(cell) === false)?.trim() ?? "0"}`;
}
