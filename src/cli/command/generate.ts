import type { Command } from "commander";
import { z } from "zod";
import { commandLine, freeFolder, pathWord } from "../../core/command-line.ts";
import { counted } from "../../core/counted.ts";
import { GanglionError } from "../../core/errors.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import { percentFixed } from "../../core/percent.ts";
import { chooseDevice } from "../../graph/choose-device.ts";
import { DEVICES } from "../../graph/device.ts";
import { familyNames } from "../../model/known-families.ts";
import { countsOf, perClassOf } from "../../sample/class-counts.ts";
import type * as Sample from "../../sample/index.ts";
import { parseSampler, samplerText } from "../../sample/sampler.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { DEVICE_HELP, parseDevice } from "../device.ts";
import { generateMaps } from "../generate-maps.ts";
import { labellers, withLabeller } from "../labellers.ts";
import { evaluateNext, sameCommand } from "../next-command.ts";
import { parsePositiveInteger, parseThreads } from "../options.ts";

const EXAMPLES = `
Examples:
  ganglion generate run --out set --per-class 300                    300 images of every class
  ganglion generate run --out rare --counts melanoma=500,nevus=20    exactly these
  ganglion generate run --out sharp --per-class 50 --sampler best    of four candidates each, the one the run's
                                                                     discriminator rates most real
  ganglion generate run --out told --per-class 300 --sampler relabel the class of each image is what a classifier of the
                                                                     run's training images takes it for
  ganglion generate run --out again --provenance rare/provenance.jsonl --line 7
                                                                     draw the image of line 7 again, byte for byte

Of a map-to-image run (train --model dermgan):
  ganglion generate run --out set --per-class 50                     maps of held-out images, with lesions moved
  ganglion generate run --out drawn --maps maps.csv                  the maps of a file (docs/maps.md)
  ganglion generate run --out strip --sweep tone --rows 3            strip.png: three maps, each in six tones

OUT must not exist or be empty. docs/sampling.md describes each sampler. Synthetic images can still be
copies of training images: no sampler checks for that. Compare them with \`ganglion evaluate\` before you share them.`;

export const SAMPLER_HELP = "random, truncation:PSI, reject, best, worst, diverse or relabel";

export function configure(command: Command): void {
  command
    .argument("<RUN>", "folder that `ganglion train` wrote")
    .option("--out <DIR>", "folder to write the dataset to")
    .option("--counts <A=N,…>", "number of images for each named class")
    .option("--per-class <N>", "number of images per class")
    .option("--maps <FILE>", "map-to-image runs: use the semantic maps of this csv")
    .option("--sweep <CONTROL>", "map-to-image runs: a strip along tone, condition, size or place, all else equal")
    .option("--steps <N>", "with --sweep size or place: images per row (default: 6)", parsePositiveInteger)
    .option("--rows <N>", "with --sweep: base maps, one row each (default: 1)", parsePositiveInteger)
    .option(
      "--maps-from <DATASET>",
      "map-to-image runs: use maps of this dataset (default: of the run's held-out images)",
    )
    .option("--provenance <FILE>", "draw the images of a provenance.jsonl again")
    .option("--line <N>", "with --provenance or --maps: this line only, counted from 1 (the header of a csv is line 1)")
    .option("--sampler <RULE>", SAMPLER_HELP, "random")
    .option("--device <NAME>", `${DEVICE_HELP}; images differ slightly between devices (default: cpu)`, parseDevice)
    .option("--threads <N>", "threads; the images do not depend on it (default: all cores, at most 8)", parseThreads)
    .option("--dry-run", "show what would be written and write nothing")
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({
  out: z.string().optional(),
  counts: z.string().optional(),
  perClass: z.string().optional(),
  maps: z.string().optional(),
  sweep: z.string().optional(),
  steps: z.number().optional(),
  rows: z.number().optional(),
  mapsFrom: z.string().optional(),
  provenance: z.string().optional(),
  line: z.string().optional(),
  sampler: z.string(),
  device: z.enum(DEVICES).optional(),
  threads: z.number().optional(),
  dryRun: z.boolean().optional(),
});
export type Options = z.infer<typeof options>;

/** Draws images of RUN. @throws GanglionError */
export async function run(args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const [folder] = args;
  const { threads } = options;
  const sampler = parseSampler(options.sampler);
  const asked = (["counts", "perClass", "maps", "provenance"] as const).filter((name) => options[name] !== undefined);
  const one = "one of --counts, --per-class and --provenance is needed";
  const sweep = options.sweep !== undefined;
  if (asked.length === 0 && !sweep) {
    throw new GanglionError("usage", `the number of images is missing: ${one} (or --maps, --sweep)`);
  }
  if (asked.length > 1 || (sweep && asked.some((name) => name !== "maps"))) {
    const flags = asked.map((name) => (name === "perClass" ? "--per-class" : `--${name}`));
    const given = [...flags, ...(sweep ? ["--sweep"] : [])].join(" and ");
    throw new GanglionError("usage", `${given} exclude each other: ${one}`);
  }
  if (options.line !== undefined && asked[0] !== "provenance" && asked[0] !== "maps") {
    throw new GanglionError("usage", `--line ${options.line} needs --provenance FILE or --maps FILE; add one of them`);
  }
  for (const name of ["steps", "rows"] as const) {
    if (options[name] === undefined || sweep) continue;
    throw new GanglionError("usage", `--${name} ${options[name]} is only for a strip of images; add --sweep CONTROL`);
  }
  if (options.out === undefined && options.dryRun !== true) {
    throw new GanglionError("usage", "--out DIR is missing: the folder to write the dataset to");
  }
  if (options.out !== undefined) {
    await refuseOutInside(options.out, { RUN: folder, "--maps-from": options.mapsFrom });
  }
  // Loaded only now: the runtime is not needed to say what is wrong with a command line, nor for --help.
  const sample = await import("../../sample/index.ts");
  const { name: model, input } = await sample.runFamily(folder!);
  sample.refuseSampler(model, sampler);
  if (input === "noise") refuseMapOptions(folder!, model, options);
  const { device } = await chooseDevice(options.device ?? "cpu", context.warn);
  if (input === "maps")
    return generateMaps(sample, { folder: folder!, model, device, threads, sampler }, options, context);
  const opened = await sample.openRun(folder!, { threads, device });
  try {
    if (asked[0] === "provenance") return await again(sample, opened, options, context);
    const { description, hash } = opened.generator;
    const counts =
      asked[0] === "counts"
        ? countsOf(String(options.counts), description.classes)
        : perClassOf(String(options.perClass), description.classes);
    const total = counts.reduce((sum, { count }) => sum + count, 0);
    const rule = samplerText(sampler);
    const head = {
      run: folder,
      generator: hash,
      device,
      sampler: rule,
      seed: context.seed,
      resolution: description.resolution,
    };
    const size = `${description.resolution} x ${description.resolution} pixels`;
    if (options.dryRun === true) {
      if (sample.needsScorer(sampler)) await opened.scorer();
      const labelled = sample.needsLabeller(sampler) ? await (await labellers()).checkRunLabeller(opened) : null;
      const draws = sample.plannedDraws(counts, sampler);
      const lines = counts.map(({ name, count }) => `  ${name}: ${count}`);
      const first = labelled?.kept === false ? "a classifier of the training images first, then " : "";
      const work = draws === null ? `${first}as many candidates as needed` : `${draws} draws`;
      return {
        json: { ...head, written: false, images: total, draws, counts: countsObject(counts) },
        text: [`would write ${total} images of ${size}, sampler ${rule}, ${work}`, ...lines].join("\n"),
        next: sameCommand(context, ["--dry-run"], options.out === undefined ? ["--out", freeFolder("synthetic")] : []),
      };
    }
    const out = String(options.out);
    const { progress: onProgress, signal, seed } = context;
    const drawing = { run: opened, out, labels: sample.needsLabeller(sampler), threads };
    const made = await withLabeller(drawing, context, (labeller) =>
      sample.generateDataset(opened, out, { counts, sampler, seed, onProgress, signal, labeller }),
    );
    const lines = made.classes.map((tally) => `  ${tallyText(tally, sampler)}`);
    return {
      json: { ...head, out, written: true, images: made.images, counts: countsObject(counts), classes: made.classes },
      text: [`wrote ${made.images} images of ${size}, sampler ${rule}, seed ${seed}, to ${out}`, ...lines].join("\n"),
      next: await evaluateNext(folder!, out),
    };
  } finally {
    await opened.close();
  }
}

/** A class of what was drawn, with what the sampler did for it. */
function tallyText({ name, images, candidates, acceptance }: Sample.ClassTally, { kind }: Sample.Sampler): string {
  if (candidates === 0) return `${name}: ${images}`;
  const share = acceptance === null ? "" : percentFixed(acceptance, 1);
  if (kind === "relabel")
    return `${name}: ${images} (${candidates} drawn as ${name}, the classifier agrees with ${share})`;
  return `${name}: ${images} (${candidates} candidates scored${share === "" ? "" : `, ${share} accepted`})`;
}

/** Says of options that only map-to-image runs have that this run is none. */
function refuseMapOptions(folder: string, model: string, options: Options): void {
  const flags = [
    ["maps", "--maps"],
    ["sweep", "--sweep"],
    ["mapsFrom", "--maps-from"],
  ] as const;
  for (const [name, flag] of flags) {
    if (options[name] === undefined) continue;
    const message = `${flag}: ${folder} is a run of ${model}, which draws images from noise and not from maps; use --counts or --per-class, or a run of \`train --model ${familyNames("maps").join(" or ")}\``;
    throw new GanglionError("usage", message);
  }
}

const countsObject = (counts: readonly { name: string; count: number }[]) =>
  Object.fromEntries(counts.map(({ name, count }) => [name, count]));

async function again(
  sample: typeof Sample,
  opened: Sample.Run,
  options: Options,
  context: CommandContext,
): Promise<CommandResult> {
  const path = String(options.provenance);
  let records = await sample.readProvenance(path);
  if (options.line !== undefined) {
    const line = Number(options.line);
    if (!/^\d+$/.test(String(options.line)) || line < 1 || line > records.length) {
      throw new GanglionError("usage", `--line ${options.line}: ${path} has the lines 1 to ${records.length}`);
    }
    records = [records[line - 1]!];
  }
  const { hash } = opened.generator;
  const { device } = opened.generator;
  const head = { run: opened.folder, generator: hash, device, provenance: path, images: records.length };
  if (options.dryRun === true) {
    const next = sameCommand(context, ["--dry-run"], options.out === undefined ? ["--out", freeFolder("again")] : []);
    return {
      json: { ...head, written: false },
      text: `would draw ${counted(records.length, "image", "images")} of ${path} again`,
      next,
    };
  }
  const out = String(options.out);
  await sample.regenerateDataset(opened, out, records, context.progress, context.signal);
  return {
    json: { ...head, out, written: true },
    next: commandLine("inspect", pathWord(out)),
    text: `drew ${records.length} ${records.length === 1 ? "image" : "images"} of ${path} again, in ${out}`,
  };
}
