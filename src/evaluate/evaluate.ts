import { join } from "node:path";
import { writeJsonInside } from "../core/inside-folder.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { withTemporaryFolder } from "../core/scratch/temporary-folder.ts";
import { sealJson } from "../core/sealed-json.ts";
import { chosenFeatures } from "../features/default-features.ts";
import { openedExtractors } from "../features/opened-extractors.ts";
import { writeReport } from "../report/figures.ts";
import { runFamily } from "../sample/index.ts";
import { frozenOfRun } from "../train/index.ts";
import { type EvaluatedSets, openSets } from "./datasets.ts";
import { evaluateSets, type Findings } from "./evaluate-sets.ts";
import type { MetricsFile } from "./metrics-file.ts";
import { renderReport } from "./report/render-report.ts";

export interface EvaluateOptions {
  /** Path of the real dataset, that the generator was trained on. */
  readonly real: string;
  /** Path of the synthetic dataset; its image size is the size of the evaluation. */
  readonly synthetic: string;
  /** Path of real images the generator has not seen. Defaults to none. */
  readonly holdout?: string | undefined;
  /** Extractors: `multiscale`, `encoder`, `radiomics` or `onnx:PATH`. Defaults to {@link DEFAULT_FEATURES}. */
  readonly features?: readonly string[] | undefined;
  /** Columns of the real dataset whose groups are looked at, besides sex, age, site and tone. Defaults to none. */
  readonly by?: readonly string[] | undefined;
  /** Images seen while `encoder` is trained. Defaults to 20,000. */
  readonly encoderImages?: number;
  /**
   * Folder of the run that drew the synthetic images: the images that it held out are found, and of a map-to-image run it is
   * seen what changes with the condition alone. Defaults to none.
   */
  readonly run?: string | undefined;
  /** Images seen in the training of each network that judges the controls. Defaults to 20,000. */
  readonly controlImages?: number;
  /** Folder for `metrics.json` and `report.html`. */
  readonly out: string;
  /** Class column of the real (and held-out) dataset. Defaults to what the dataset says, else a guess. */
  readonly label?: string | undefined;
  /** Seed of every draw. Defaults to 0. */
  readonly seed?: number;
  /** Threads inside one operator. Defaults to 1. */
  readonly threads?: number;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
}

/** What an evaluation found and where it wrote it. */
export interface EvaluationResult {
  readonly metrics: MetricsFile;
  readonly metricsPath: string;
  readonly reportPath: string;
  /** Guesses and choices of the readers, to be said aloud. */
  readonly notes: readonly string[];
}

/** Writes `metrics.json`, `report.html` and the figures of one evaluation. */
export async function writeEvaluation(
  out: string,
  sets: EvaluatedSets,
  findings: Findings,
): Promise<Omit<EvaluationResult, "notes">> {
  const { metrics } = findings;
  const report = await renderReport({ sets, ...findings });
  const metricsPath = join(out, "metrics.json");
  const reportPath = join(out, "report.html");
  await writeReport(out, "report.html", report);
  await writeJsonInside(out, "metrics.json", sealJson(metrics));
  return { metrics, metricsPath, reportPath };
}

/** Guesses and choices of the readers of all datasets, each once. */
export function setNotes(all: readonly EvaluatedSets[]): string[] {
  const sets = all.flatMap(({ real, synthetic, holdout }) => [real, synthetic, ...(holdout === null ? [] : [holdout])]);
  return [...new Set(sets)].flatMap(({ name, dataset }) => dataset.notes.map((note) => `${name}: ${note}`));
}

/**
 * Compares synthetic images with real ones and writes `metrics.json` (docs/metrics.schema.json) and a self-contained
 * `report.html`. Both sets are brought to equal class counts before they are compared; docs/metrics.md has every rule.
 * @throws GanglionError `dataset`, `image`, `files`, `usage`; nothing is written then
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationResult> {
  const { seed = 0, threads = 1, onProgress = silent, encoderImages, controlImages, by, run, out } = options;
  const maps = run !== undefined && (await runFamily(run)).input === "maps";
  const judge = run === undefined ? null : await frozenOfRun(run);
  const settings = { seed, threads, by, controlImages, judge, run: maps ? run : undefined, onProgress };
  const specs = chosenFeatures(options.features);
  return withTemporaryFolder("evaluate", async (cache) => {
    const sets = await openSets({ ...options, cache, onProgress });
    try {
      const extractors = openedExtractors(specs, { real: sets.real, seed, threads, encoderImages, onProgress });
      try {
        const findings = await evaluateSets(sets, extractors, settings);
        const written = await writeEvaluation(out, sets, findings);
        return { ...written, notes: setNotes([sets]) };
      } finally {
        await extractors.close();
      }
    } finally {
      sets.close();
    }
  });
}
