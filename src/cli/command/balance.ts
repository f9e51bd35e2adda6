import type { Command } from "commander";
import { z } from "zod";
import { commandLine, freeFolder, pathWord } from "../../core/command-line.ts";
import { GanglionError } from "../../core/errors.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import { readDataset } from "../../data/dataset.ts";
import { chooseDevice } from "../../graph/choose-device.ts";
import { DEVICES } from "../../graph/device.ts";
import { parseSampler, samplerText } from "../../sample/sampler.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { DEVICE_HELP, parseDevice } from "../device.ts";
import { checkMapSampler } from "../generate-maps.ts";
import { labellers, withLabeller } from "../labellers.ts";
import { sameCommand } from "../next-command.ts";
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

/** What {@link configure} declares. */
export const options = z.object({
  run: z.string(),
  out: z.string().optional(),
  to: z.string(),
  maxRatio: z.string().optional(),
  plan: z.boolean().optional(),
  sampler: z.string(),
  label: z.string().optional(),
  where: z.array(z.string()).optional(),
  device: z.enum(DEVICES).optional(),
  threads: z.number().optional(),
});
type Options = z.infer<typeof options>;

function parseRatio(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d*\.?\d+$/.test(text)) return Number(text);
  throw new GanglionError("usage", `--max-ratio ${text}: give a number, 0 or more, e.g. --max-ratio 2`);
}

/** Fills the classes of DATASET up. @throws GanglionError */
export async function run(args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const [source] = args;
  const { run, out, to, label, where, threads, plan: planOnly = false } = options;
  const sampler = parseSampler(options.sampler);
  const maxRatio = parseRatio(options.maxRatio);
  if (out === undefined && !planOnly) {
    throw new GanglionError("usage", "--out DIR is missing: the folder to write to, or add --plan to write nothing");
  }
  if (out !== undefined) await refuseOutInside(out, { DATASET: source, "--run": run });
  const dataset = await readDataset(source!, { label, where, run });
  for (const note of dataset.notes) context.note(note);
  const sample = await import("../../sample/index.ts");
  sample.checkBalanceable(dataset);
  const { device } = await chooseDevice(options.device ?? "cpu", context.warn);
  const { name: model, input } = await sample.runFamily(run);
  const opened = await (input === "maps" ? sample.openMapRun : sample.openRun)(run, { threads, device });
  try {
    const { generator } = opened;
    sample.refuseSampler(model, sampler);
    if (input === "maps") checkMapSampler(sampler, { folder: run, model, latent: generator.description.latent });
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
      plan: { ...plan, to, maxRatio: maxRatio ?? null, notes },
    };
    const labels = sample.needsLabeller(sampler) && plan.classes.some(({ synthetic }) => synthetic > 0);
    if (planOnly || out === undefined) {
      if (labels) await (await labellers()).checkRunLabeller(opened);
      const next = sameCommand(context, ["--plan"], out === undefined ? ["--out", freeFolder("balanced")] : []);
      return {
        json: { ...head, written: false },
        text: [text, ...notes.map((note) => `note: ${note}`)].join("\n"),
        next,
      };
    }
    for (const line of text.split("\n")) context.note(line);
    for (const note of notes) context.note(note);
    const { seed, progress: onProgress, signal } = context;
    const made = await withLabeller({ run: opened, out, labels, threads }, context, (labeller) =>
      sample.balanceDataset(dataset, opened, out, { plan, sampler, seed, onProgress, signal, labeller }),
    );
    for (const note of made.notes) context.note(note);
    return {
      json: { ...head, out, written: true, images: made.images, real: made.real, classes: made.classes },
      next: commandLine("inspect", pathWord(out)),
      text: `${text}\nwrote ${made.real} real and ${made.images - made.real} synthetic images (sampler ${rule}, seed ${seed}) to ${out}`,
    };
  } finally {
    await opened.close();
  }
}
