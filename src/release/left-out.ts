import { type Problem, throwIfProblems } from "../core/errors.ts";
import { readBytes } from "../core/files.ts";
import { quoted } from "../core/quoted.ts";
import type { Dataset } from "../data/types.ts";

/**
 * Reads the names of images that do not leave, one a line as `metadata.csv` has them; empty lines count as none.
 * @throws GanglionError `usage` that lists every line which names no image of the set, `files` when it cannot be read
 */
export async function readLeftOut(path: string, { root, samples }: Dataset): Promise<ReadonlySet<string>> {
  const known = new Set(samples.map(({ fileName }) => fileName));
  const names = new Set<string>();
  const problems: Problem[] = [];
  const lines = (await readBytes(path)).toString("utf8").split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    const name = line.trim();
    if (name === "") continue;
    if (known.has(name)) names.add(name);
    else {
      const message = `${quoted(name)} is no image of ${root}; write file names as its metadata.csv has them, one a line`;
      problems.push({ code: "left-out", path: `${path}:${i + 1}`, message });
    }
  }
  throwIfProblems("usage", `--leave-out ${path}`, problems);
  return names;
}
