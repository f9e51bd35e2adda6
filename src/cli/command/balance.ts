import type { Command } from "commander";
import { GanglionError } from "../../core/errors.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import { readDataset } from "../../data/dataset.ts";
import { chooseDevice } from "../../graph/choose-device.ts";
import type { Device } from "../../graph/device.ts";
import { parseSampler, samplerText } from "../../sample/sampler.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { DEVICE_HELP, parseDevice } from "../device.ts";
import { collect, parseThreads } from "../options.ts";
import { SAMPLER_HELP } from "./generate.ts";

const EXAMPLES = `
Examples:
  ganglion balance skin --run run --plan                            real, wanted and to add per class; writes nothing
  ganglion balance skin --run run --out skin-equal                  fill every class up to the largest
  ganglion balance skin --run run --out more --to melanoma=500      fill up this class only
  ganglion balance skin --run run --out mild --max-ratio 2          at most two synthetic images for each real one

OUT must not exist or be empty. Only training images are counted where the dataset has a split; synthetic images become
training images. docs/sampling.md describes the rules.`;

export function configure(command: Command): void {
  command
    .argument("<DATASET>", "image folder, class folders or .npz")
    .requiredOption("--run <RUN>", "folder that `ganglion train` wrote")
    .option("--out <DIR>", "folder to write the balanced dataset to")
    .option("--to <TARGET>", "equal (the largest class) or a=N,b=N", "equal")
    .option("--max-ratio <R>", "at most R synthetic images for each real one of a class")
    .option("--plan", "show the plan and write nothing")
    .option("--sampler <RULE>", SAMPLER_HELP, "random")
    .option("--label <COL>", "column with the class (default: dataset.json, else guessed)")
    .option("--where <COL=VALUE>", "only these images; may be repeated", collect)
    .option("--device <NAME>", `${DEVICE_HELP}; images differ slightly between devices (default: cpu)`, parseDevice)
    .option("--threads <N>", "threads; the images do not depend on it (default: all cores, at most 8)", parseThreads)
    .addHelpText("after", EXAMPLES);
}

function parseRatio(text: unknown): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d*\.?\d+$/.test(String(text))) return Number(text);
  throw new GanglionError("usage", `--max-ratio ${text}: give a number, 0 or more, e.g. --max-ratio 2`);
}

/** Fills the classes of DATASET up. @throws GanglionError */
export async function run(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CommandContext,
): Promise<CommandResult> {
  const [source] = args;
  const threads = options.threads as number | undefined;
  const sampler = parseSampler(String(options.sampler ?? "random"));
  const maxRatio = parseRatio(options.maxRatio);
  const to = options.to === undefined ? undefined : String(options.to);
  const planOnly = options.plan === true;
  if (options.run === undefined) throw new GanglionError("usage", "--run RUN is missing: the run to draw from");
  if (options.out === undefined && !planOnly) {
    throw new GanglionError("usage", "--out DIR is missing: the folder to write to, or add --plan to write nothing");
  }
  if (options.out !== undefined) {
    await refuseOutInside(String(options.out), { DATASET: source, "--run": String(options.run) });
  }
  const dataset = await readDataset(source, {
    label: options.label as string | undefined,
    where: options.where as readonly string[] | undefined,
  });
  for (const note of dataset.notes) context.note(note);
  const sample = await import("../../sample/index.ts");
  sample.checkBalanceable(dataset);
  const { device } = await chooseDevice((options.device as Device | undefined) ?? "cpu", context.warn);
  const opened = await sample.openRun(String(options.run), { threads, device });
  try {
    const { generator } = opened;
    const plan = sample.balancePlan(dataset, generator.description.classes, { to, maxRatio });
    const notes = [...plan.notes, ...sample.balanceNotes(dataset, opened)];
    const text = sample.planText(plan);
    const rule = samplerText(sampler);
    const head = {
      dataset: source,
      run: opened.folder,
      generator: generator.hash,
      device,
      sampler: rule,
      seed: context.seed,
      plan: { ...plan, to: to ?? "equal", maxRatio: maxRatio ?? null, notes },
    };
    if (planOnly) {
      return { json: { ...head, written: false }, text: [text, ...notes.map((note) => `note: ${note}`)].join("\n") };
    }
    for (const line of text.split("\n")) context.note(line);
    for (const note of notes) context.note(note);
    const out = String(options.out);
    const { seed, progress: onProgress, signal } = context;
    const made = await sample.balanceDataset(dataset, opened, out, { plan, sampler, seed, onProgress, signal });
    return {
      json: { ...head, out, written: true, images: made.images, real: made.real, classes: made.classes },
      text: `${text}\nwrote ${made.real} real and ${made.images - made.real} synthetic images (sampler ${rule}, seed ${seed}) to ${out}`,
    };
  } finally {
    await opened.close();
  }
}
