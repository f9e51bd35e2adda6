import { GanglionError, type Problem, throwIfProblems } from "../core/errors.ts";
import { readBytes } from "../core/files.ts";
import { quoted } from "../core/quoted.ts";
import { sortClasses } from "./names.ts";
import type { Dataset } from "./types.ts";

/**
 * Reads the names of images that are left out, one a line as the dataset has them; empty lines count as none.
 * @throws GanglionError `usage` that lists every line which names no image of the set, `files` when it cannot be read
 */
export async function readLeftOut(path: string, { root, samples }: Dataset): Promise<ReadonlySet<string>> {
  const known = new Set(samples.map(({ fileName }) => fileName));
  const names = new Set<string>();
  const problems: Problem[] = [];
  const lines = (await readBytes(path)).toString("utf8").split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    const name = known.has(line) ? line : line.trim();
    if (name === "") continue;
    if (known.has(name)) names.add(name);
    else {
      const message = `${quoted(name)} is no image of ${root}; write file names as \`ganglion inspect\` prints them, one a line`;
      problems.push({ code: "left-out", path: `${path}:${i + 1}`, message });
    }
  }
  throwIfProblems("usage", `--leave-out ${path}`, problems);
  return names;
}

/** A dataset without the images that a file names, see {@link readLeftOut}. @throws GanglionError `dataset` too, when none is left */
export async function withoutLeftOut(dataset: Dataset, path: string): Promise<Dataset> {
  const names = await readLeftOut(path, dataset);
  if (names.size === 0) return dataset;
  const samples = dataset.samples.filter(({ fileName }) => !names.has(fileName));
  if (samples.length === 0) {
    const message = `--leave-out ${path}: no image is left; it names all ${dataset.samples.length} of ${dataset.root}`;
    throw new GanglionError("dataset", message);
  }
  const notes = [...dataset.notes, `left out ${names.size} of ${dataset.samples.length} images (${path})`];
  return { ...dataset, samples, classes: sortClasses(samples.map(({ label }) => label)), notes };
}
