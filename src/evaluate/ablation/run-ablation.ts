import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { writeFileAtomic, writeJson } from "../../core/files.ts";
import { makeFolderInside, orMissing, readJsonInside, writeJsonInside } from "../../core/inside-folder.ts";
import type { Listeners } from "../../core/listeners.ts";
import { silent } from "../../core/progress.ts";
import { withTemporaryFolder } from "../../core/scratch/temporary-folder.ts";
import { datasetName, readDataset, trainingSamples } from "../../data/index.ts";
import { writeReport } from "../../report/figures.ts";
import { drawRequests, fillMaps, openMapRun, readDatasetMaps } from "../../sample/index.ts";
import { openTraining, refuseFailed, runTraining } from "../../train/index.ts";
import { distanceMonitor } from "../distance-monitor.ts";
import { type AblationFile, ablationFile } from "./ablation-file.ts";
import { ablationMarkdown, ablationPage } from "./ablation-report.ts";
import { halfCounts, measureAblation } from "./measure-ablation.ts";
import { VARIANTS, type Variant } from "./variants.ts";

/** What is trained, and how it is compared. */
export interface AblateOptions {
  /** Real dataset with masks or boxes. */
  readonly dataset: string;
  /** Folder for trainings, images and the table; one of an earlier call goes on. */
  readonly out: string;
  /** Column of the classes. Defaults to the dataset's own. */
  readonly label?: string | undefined;
  /** Width and height in pixels. */
  readonly resolution: number;
  /** Images that each training sees. */
  readonly images: number;
  /** Seeds of the trainings: each variant is trained once with each. */
  readonly seeds: readonly number[];
  /** `encoder` or `onnx:PATH`. Defaults to `encoder`. */
  readonly features?: string;
  /** Changes to the recipe of every variant. Defaults to none. */
  readonly recipe?: Readonly<Record<string, unknown>>;
  /** Defaults to 2. */
  readonly threads?: number | undefined;
  /** Of the maps that are drawn from and of the comparison. Defaults to 0. */
  readonly seed?: number;
}

/** What an ablation left. */
export interface AblationResult {
  readonly file: AblationFile;
  /** `ablation.md`. */
  readonly markdown: string;
  readonly filePath: string;
}

type Shared = AblateOptions & { readonly threads: number; readonly seed: number };

/** What a finished training left, kept beside its run. */
const finishedSchema = z.object({
  variant: z.string(),
  seed: z.number().int(),
  imagesSeen: z.number().int(),
  seconds: z.number(),
  generatorImagesSeen: z.number().int().nullable(),
  ended: z.string(),
});
type Finished = z.infer<typeof finishedSchema>;

const nameOf = ({ name }: Variant, seed: number) => `${name}-seed${seed}`;

/** Trains one variant unless it is trained already. @throws GanglionError, also when it was stopped before its end */
async function trainVariant(variant: Variant, seed: number, shared: Shared, listeners: Listeners): Promise<Finished> {
  const { dataset, label, resolution, out, images, threads } = shared;
  const folder = join(out, "runs", nameOf(variant, seed));
  const mark = `runs/${nameOf(variant, seed)}.json`;
  await makeFolderInside(out, "runs");
  const before = await orMissing(readJsonInside(out, mark));
  if (before !== null) {
    const parsed = finishedSchema.safeParse(before);
    if (parsed.success && parsed.data.imagesSeen >= images) return parsed.data;
  }
  const recipe = { ...shared.recipe, ...variant.settings };
  // Variants are compared with each other on the same images, with those held out that the dataset names.
  const holdout = false;
  const request = { dataset, model: "dermgan", label, resolution, images, threads, seed, recipe, holdout };
  const resume = existsSync(join(folder, "config.json"));
  const { onProgress, onNote, onWarning } = listeners;
  const training = await openTraining(request, { out: folder, resume, onProgress, onNote, onWarning });
  const { signal } = listeners;
  const result = await runTraining(training, { onProgress, signal, openMonitor: distanceMonitor });
  refuseFailed(training.folder, result);
  if (result.outcome === "interrupted") {
    throw new GanglionError("training", `stopped in ${folder}; the same command continues from there`);
  }
  const { imagesSeen, seconds, generatorImagesSeen, ended } = result;
  const finished: Finished = { variant: variant.name, seed, imagesSeen, seconds, generatorImagesSeen, ended };
  await writeJsonInside(out, mark, finished);
  return finished;
}

/** Draws images of one training from held-out maps, unless they are drawn already; returns their folder. */
async function drawVariant(
  variant: Variant,
  seed: number,
  counts: ReadonlyMap<string, number>,
  { dataset, out, threads, seed: drawSeed }: Shared,
  { onProgress = silent, onWarning, signal }: Listeners,
): Promise<string> {
  const name = nameOf(variant, seed);
  const folder = join(out, "sets", name);
  if (existsSync(join(folder, "metadata.csv"))) return folder;
  const run = await openMapRun(join(out, "runs", name), { threads });
  try {
    const wanted = [...counts].map(([label, count]) => ({ name: label, count })).filter(({ count }) => count > 0);
    const classes = wanted.map(({ name: label }) => label);
    const maps = await readDatasetMaps(run, { classes, dataset, onProgress, signal });
    for (const warning of maps.warnings) onWarning?.(`warning: ${warning}`);
    // The same maps for every variant and every training.
    const requests = drawRequests(maps, wanted, run, drawSeed);
    await fillMaps(run, folder, { requests, sampler: { kind: "random" }, onProgress, signal });
    return folder;
  } finally {
    await run.close();
  }
}

/**
 * Repeats the ablation of DermGAN (Ghorbani et al. 2019, PMLR 116:155-170, table 1): trains every variant on equally many images,
 * draws from held-out maps, compares, and writes `ablation.json`, `ablation.md` and `report.html`. Interrupted anywhere, the same
 * call goes on and repeats nothing that is finished.
 * @throws GanglionError `dataset` for data without masks and boxes, `training` when one was stopped or failed
 */
export async function ablate(options: AblateOptions, listeners: Listeners = {}): Promise<AblationResult> {
  const { dataset, out, label, images, seeds, features = "encoder", threads = 2, seed = 0 } = options;
  const shared: Shared = { ...options, threads, seed };
  const { onProgress = silent, onNote = () => undefined } = listeners;
  const read = await readDataset(dataset, { label });
  const counts = halfCounts(trainingSamples(read).map((i) => read.samples[i]!.label));

  const trainings: Finished[] = [];
  const sets: { variant: string; seed: number; path: string }[] = [];
  const total = seeds.length * VARIANTS.length;
  for (const own of seeds) {
    for (const variant of VARIANTS) {
      onNote(`${trainings.length + 1}/${total} ${variant.title}, seed ${own}`);
      trainings.push(await trainVariant(variant, own, shared, listeners));
      sets.push({ variant: variant.name, seed: own, path: await drawVariant(variant, own, counts, shared, listeners) });
    }
  }

  return withTemporaryFolder("ablate", async (cache) => {
    const measured = await measureAblation({ real: dataset, label, sets, features, seed, threads, cache, onProgress });
    const file = ablationFile({ dataset: datasetName(read), images, trainings }, measured);
    const markdown = ablationMarkdown(file);
    await writeReport(out, "report.html", await ablationPage(file, measured));
    await writeFileAtomic(join(out, "ablation.md"), markdown);
    const filePath = join(out, "ablation.json");
    await writeJson(filePath, file);
    return { file, markdown, filePath };
  });
}
