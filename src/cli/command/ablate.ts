import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { writeFileAtomic, writeJson } from "../../core/files.ts";
import { makeFolderInside, orMissing, readJsonInside, writeJsonInside } from "../../core/inside-folder.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import { withTemporaryFolder } from "../../core/scratch/temporary-folder.ts";
import { VARIANTS, type Variant } from "../../evaluate/ablation/variants.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { collect, parsePositiveInteger, parseThreads } from "../options.ts";

const EXAMPLES = `
Examples:
  ganglion ablate skin --label dx --out ablation --images 40000
  ganglion ablate skin --label dx --out ablation --images 40000 --seeds 0,1,2

Trains dermgan four times on equally many images: complete, without resize-convolution, without the L1 inside boxes,
without feature matching; draws images from held-out maps; writes ablation.json, ablation.md and report.html.
Finished parts are not repeated: after Ctrl-C the same command continues. docs/controls.md describes the protocol.`;

/** Images that each training sees where nothing else is said. */
const IMAGES = 40_000;

export function configure(command: Command): void {
  command
    .argument("<DATASET>", "image folder with masks or boxes")
    .requiredOption("--out <DIR>", "folder for trainings, images and the table")
    .option("--label <COL>", "column with the class (default: dataset.json, else guessed)")
    .option("--resolution <N>", "width and height in pixels", parsePositiveInteger, 64)
    .option("--images <N>", "images that each training sees", parsePositiveInteger, IMAGES)
    .option("--seeds <LIST>", "seeds of the trainings, separated by commas", "0")
    .option("--features <KIND>", "encoder or onnx:PATH", "encoder")
    .option("--set <NAME=VALUE>", "change the recipe of every variant; may be repeated", collect, [])
    .option("--threads <N>", "threads (default: 2)", parseThreads)
    .addHelpText("after", EXAMPLES);
}

/** `0,1` => [0, 1]. @throws GanglionError `usage` */
function parseSeeds(text: string): number[] {
  const seeds = text.split(",").map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  if (seeds.every(Number.isSafeInteger) && new Set(seeds).size === seeds.length) return seeds;
  throw new GanglionError("usage", `--seeds ${text}: write different whole numbers separated by commas, e.g. 0,1`);
}

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

/** What every training of the ablation shares. */
interface Shared {
  readonly dataset: string;
  readonly out: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly images: number;
  readonly threads: number;
}

const nameOf = ({ name }: Variant, seed: number) => `${name}-seed${seed}`;

/** Trains one variant unless it is trained already. @throws GanglionError, also when it was stopped before its end */
async function trainVariant(
  variant: Variant,
  seed: number,
  shared: Shared,
  context: CommandContext,
): Promise<Finished> {
  const { out, options, images, threads } = shared;
  const folder = join(out, "runs", nameOf(variant, seed));
  const mark = `runs/${nameOf(variant, seed)}.json`;
  await makeFolderInside(out, "runs");
  const before = await orMissing(readJsonInside(out, mark));
  if (before !== null) {
    const parsed = finishedSchema.safeParse(before);
    if (parsed.success && parsed.data.imagesSeen >= images) return parsed.data;
  }
  const { run: train } = await import("./train.ts");
  const settings = Object.entries(variant.settings).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const asked = {
    out: folder,
    model: "dermgan",
    label: options.label,
    where: [],
    resolution: options.resolution,
    images,
    threads,
    set: [...(options.set as string[]), ...settings],
    resume: existsSync(join(folder, "config.json")),
  };
  const { json } = await train([shared.dataset], asked, { ...context, seed });
  if (json.outcome === "interrupted") {
    throw new GanglionError("training", `stopped in ${folder}; the same command continues from there`);
  }
  const finished = finishedSchema.parse({
    variant: variant.name,
    seed,
    imagesSeen: json.imagesSeen,
    seconds: json.seconds,
    generatorImagesSeen: json.generatorImagesSeen,
    ended: json.ended,
  });
  await writeJsonInside(out, mark, finished);
  return finished;
}

/** Draws images of one training from held-out maps, unless they are drawn already; returns their folder. */
async function drawVariant(
  variant: Variant,
  seed: number,
  counts: ReadonlyMap<string, number>,
  { dataset, out, threads }: Shared,
  context: CommandContext,
): Promise<string> {
  const name = nameOf(variant, seed);
  const folder = join(out, "sets", name);
  if (existsSync(join(folder, "metadata.csv"))) return folder;
  const sample = await import("../../sample/index.ts");
  const run = await sample.openMapRun(join(out, "runs", name), { threads });
  try {
    const { progress: onProgress, signal } = context;
    const wanted = [...counts].map(([label, count]) => ({ name: label, count })).filter(({ count }) => count > 0);
    const classes = wanted.map(({ name: label }) => label);
    const maps = await sample.readDatasetMaps(run, { classes, dataset, onProgress, signal });
    for (const warning of maps.warnings) context.warn(`warning: ${warning}`);
    // The same maps for every variant and every training.
    const requests = sample.drawRequests(maps, wanted, run, context.seed);
    await sample.fillMaps(run, folder, { requests, sampler: { kind: "random" }, onProgress, signal });
    return folder;
  } finally {
    await run.close();
  }
}

/** Trains, draws and compares the variants. @throws GanglionError */
export async function run(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CommandContext,
): Promise<CommandResult> {
  const [dataset] = args;
  const out = String(options.out);
  await refuseOutInside(out, { DATASET: dataset });
  const seeds = parseSeeds(String(options.seeds));
  const label = options.label as string | undefined;
  const threads = (options.threads as number | undefined) ?? 2;
  const shared: Shared = { dataset, out, options, images: Number(options.images), threads };
  const { datasetName, readDataset, trainingSamples } = await import("../../data/index.ts");
  const { halfCounts, measureAblation } = await import("../../evaluate/ablation/measure-ablation.ts");
  const read = await readDataset(dataset, { label });
  const counts = halfCounts(trainingSamples(read).map((i) => read.samples[i].label));

  const trainings: Finished[] = [];
  const sets: { variant: string; seed: number; path: string }[] = [];
  const total = seeds.length * VARIANTS.length;
  for (const seed of seeds) {
    for (const variant of VARIANTS) {
      context.note(`${trainings.length + 1}/${total} ${variant.title}, seed ${seed}`);
      trainings.push(await trainVariant(variant, seed, shared, context));
      sets.push({ variant: variant.name, seed, path: await drawVariant(variant, seed, counts, shared, context) });
    }
  }

  return withTemporaryFolder("ablate", async (cache) => {
    const { seed, progress: onProgress } = context;
    const features = String(options.features);
    const measured = await measureAblation({ real: dataset, label, sets, features, seed, threads, cache, onProgress });
    const { ablationFile } = await import("../../evaluate/ablation/ablation-file.ts");
    const { ablationMarkdown, ablationPage } = await import("../../evaluate/ablation/ablation-report.ts");
    const file = ablationFile({ dataset: datasetName(read), images: shared.images, trainings }, measured);
    const text = ablationMarkdown(file);
    await writeFileAtomic(join(out, "report.html"), await ablationPage(file, measured));
    await writeFileAtomic(join(out, "ablation.md"), text);
    await writeJson(join(out, "ablation.json"), file);
    return {
      json: { out, ...file },
      text: `${text}\nwrote ${join(out, "ablation.json")}, ablation.md and report.html`,
    };
  });
}
