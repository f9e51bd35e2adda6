import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { commandLine, pathWord } from "../../core/command-line.ts";
import { GanglionError } from "../../core/errors.ts";
import { inspectDataset, readDataset } from "../../data/index.ts";
import { writePhantom } from "../../phantom/index.ts";
import { type CommandContext, type CommandResult, withListeners } from "../command.ts";
import { parsePositive, parsePositiveInteger } from "../options.ts";
import { inspectionText } from "./inspect.ts";

const EXAMPLES = `
Examples:
  ganglion demo                         the whole workflow on invented lesions, in ./demo
  ganglion demo --out /tmp/look --minutes 10
  ganglion demo --no-start --minutes 30 the same from new networks, which take that long to draw more than blurs`;

/** Lesions of the demonstration; a tenth of a clinical set, with the same imbalance of 40 to 1. */
const LESIONS = 1400;
const RESOLUTION = 32;
/** Start of the package that learned from other invented lesions: two minutes from nothing draw coloured blurs. */
const START = "phantom-32";
/** Synthetic images of each class that the evaluation compares. */
const PER_CLASS = 60;

export function configure(command: Command): void {
  command
    .option("--out <DIR>", "folder to write, must not exist or be empty", "demo")
    .option("--minutes <M>", "minutes of training", parsePositive, 2)
    .option("--count <N>", "invented lesions; fewer are quicker and look worse", parsePositiveInteger, LESIONS)
    .option("--no-start", `begin with new networks (default: with those of ${START}, which saw other invented lesions)`)
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({ out: z.string(), minutes: z.number(), count: z.number(), start: z.boolean() });
type Options = z.infer<typeof options>;

/** The whole job on the phantom: draw, inspect, train from a start, balance, generate, evaluate. @throws GanglionError */
export async function run(_: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const { out, minutes, count, start } = options;
  const { seed, progress: onProgress } = context;
  const at = (name: string) => join(out, name);
  const { refuseNonEmpty } = await import("../../data/writer.ts");
  await refuseNonEmpty(out);

  context.note(`1/6 phantom: ${count} invented lesions of seven conditions -> ${at("phantom")}`);
  await writePhantom(at("phantom"), { count, size: RESOLUTION, seed, onProgress });

  context.note("2/6 inspect");
  const dataset = await readDataset(at("phantom"));
  const inspection = await inspectDataset(dataset, { onProgress });
  for (const line of inspectionText(inspection, at("phantom")).split("\n")) context.note(`    ${line}`);

  context.note(`3/6 train: ${minutes} minutes -> ${at("run")}`);
  if (start)
    context.note(
      `    from ${START}, networks that have learned from other invented lesions (ganglion starts ${START})`,
    );
  const { openTraining, runTraining } = await import("../../train/index.ts");
  const { distanceMonitor, evaluate, verdictLines } = await import("../../evaluate/index.ts");
  const networks = start ? ({ from: START } as const) : ({ preset: "tiny", resolution: RESOLUTION } as const);
  const request = { dataset: at("phantom"), ...networks, minutes, seed };
  const training = await openTraining(request, { out: at("run"), onProgress });
  const trained = await runTraining(training, withListeners(context, { openMonitor: distanceMonitor }));
  if (trained.outcome !== "complete") {
    throw new GanglionError(
      "training",
      `the demo ends with its training (${trained.outcome}: ${trained.ended}); delete ${out} and run it again`,
    );
  }

  const sample = await import("../../sample/index.ts");
  const { threads } = training.config;
  const opened = await sample.openRun(at("run"), { threads });
  try {
    context.note(`4/6 balance: fill every class up to the largest -> ${at("balanced")}`);
    const plan = sample.balancePlan(dataset, opened.generator.description.classes, { to: "equal" });
    for (const line of sample.planText(plan).split("\n")) context.note(`    ${line}`);
    const sampler = sample.parseSampler("random");
    await sample.balanceDataset(dataset, opened, at("balanced"), { plan, sampler, seed, onProgress });

    context.note(`5/6 generate: ${PER_CLASS} of each class -> ${at("synthetic")}`);
    const counts = sample.perClassOf(String(PER_CLASS), opened.generator.description.classes);
    await sample.generateDataset(opened, at("synthetic"), { counts, sampler, seed, onProgress });
  } finally {
    await opened.close();
  }

  context.note(`6/6 evaluate -> ${at("report")}`);
  const evaluated = await evaluate({
    real: at("phantom"),
    synthetic: at("synthetic"),
    out: at("report"),
    seed,
    threads,
    onProgress,
  });
  return {
    json: {
      out,
      training: trained,
      report: evaluated.reportPath,
      metrics: evaluated.metricsPath,
      verdict: evaluated.metrics.verdict,
    },
    next: commandLine("studio", pathWord(out)),
    text: [
      `${trained.imagesSeen} images seen in ${(trained.seconds / 60).toFixed(1)} min of training`,
      `Samples:  ${at("run/samples")}`,
      `Balanced: ${at("balanced")}`,
      `Report:   ${evaluated.reportPath}`,
      verdictLines(evaluated.metrics.verdict)[0],
    ].join("\n"),
  };
}
