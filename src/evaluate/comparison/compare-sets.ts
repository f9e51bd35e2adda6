import { join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { makeFolderInside, writeJsonInside } from "../../core/inside-folder.ts";
import { silent } from "../../core/progress.ts";
import { withTemporaryFolder } from "../../core/scratch/temporary-folder.ts";
import { chosenFeatures } from "../../features/default-features.ts";
import type { LabelledSet } from "../../features/labelled-set.ts";
import { openedExtractors } from "../../features/opened-extractors.ts";
import { writeReport } from "../../report/figures.ts";
import { type EvaluatedSets, openComparedSets } from "../datasets.ts";
import { type EvaluateOptions, setNotes, writeEvaluation } from "../evaluate.ts";
import { evaluateSets } from "../evaluate-sets.ts";
import { type ComparisonFile, comparisonFile, type MeasuredSet } from "./comparison-file.ts";
import { renderComparison } from "./comparison-report.ts";

export interface CompareOptions extends Omit<EvaluateOptions, "synthetic"> {
  /** Paths of the synthetic datasets, at least two. */
  readonly synthetic: readonly string[];
}

/** What a comparison found and where it wrote it. */
export interface ComparisonResult {
  readonly comparison: ComparisonFile;
  readonly comparisonPath: string;
  readonly reportPath: string;
  /** Guesses and choices of the readers, to be said aloud. */
  readonly notes: readonly string[];
}

/** The same names, with a number after those that were there before. */
function distinct(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let n = 2; used.has(own); n++) own = `${name}-${n}`;
    used.add(own);
    return own;
  });
}

/** Images per class that every set has, so that all stand on the same number of the same real images. */
function sharedCounts(sets: readonly EvaluatedSets[]): number[] {
  return sets[0]!.classes.map((_, c) =>
    Math.min(...sets.map(({ synthetic }) => synthetic.labels.reduce((n, label) => n + (label === c ? 1 : 0), 0))),
  );
}

/** Characters that are kept in the name of a sub-folder. */
const folderOf = (name: string): string => name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^\.+/, "") || "set";

const about = ({ name, store, hash }: LabelledSet) => ({ name, n: store.count, hash });

/**
 * Compares several synthetic datasets with the same real images, at one size and with equal class counts, and writes
 * `comparison.json` (docs/comparison.schema.json), `comparison.html` and the evaluation of each set in a sub-folder.
 * @throws GanglionError `dataset`, `image`, `files`, `usage`; nothing of the comparison is written then
 */
export async function compareSets(options: CompareOptions): Promise<ComparisonResult> {
  const { seed = 0, threads = 1, onProgress = silent, encoderImages, controlImages, by, out } = options;
  if (options.synthetic.length < 2) throw new GanglionError("usage", "a comparison needs at least two synthetic sets");
  const specs = chosenFeatures(options.features);
  return withTemporaryFolder("evaluate", async (cache) => {
    const all = await openComparedSets({ ...options, cache, onProgress });
    const { real, holdout } = all[0]!;
    const extractors = openedExtractors(specs, { real, seed, threads, encoderImages, onProgress });
    try {
      const names = distinct(all.map(({ synthetic }) => synthetic.name));
      const folders = distinct(names.map(folderOf));
      const most = sharedCounts(all);
      const measured: MeasuredSet[] = [];
      for (const [k, sets] of all.entries()) {
        const tell: typeof onProgress = (progress) =>
          onProgress({ ...progress, stage: `${names[k]}: ${progress.stage}` });
        const settings = { seed, threads, by, most, controlImages, onProgress: tell };
        const findings = await evaluateSets(sets, extractors, settings);
        await writeEvaluation(await makeFolderInside(out, folders[k]!), sets, findings);
        measured.push({ name: names[k]!, folder: folders[k]!, metrics: findings.metrics });
      }
      const comparison = comparisonFile(measured, about(real), holdout === null ? null : about(holdout));
      const comparisonPath = join(out, "comparison.json");
      const reportPath = join(out, "comparison.html");
      await writeReport(out, "comparison.html", await renderComparison(comparison, all));
      await writeJsonInside(out, "comparison.json", comparison);
      return { comparison, comparisonPath, reportPath, notes: setNotes(all) };
    } finally {
      await extractors.close();
      all[0]!.close();
    }
  });
}
