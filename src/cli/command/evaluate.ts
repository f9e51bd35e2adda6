import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { commandLine, freeFolder, pathWord } from "../../core/command-line.ts";
import { GanglionError } from "../../core/errors.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import { RUN_SPLIT } from "../../data/split/run-split.ts";
import {
  type ComparisonResult,
  compareSets,
  type EvaluationResult,
  evaluate,
  IMAGE_METRICS,
  isCheckpoint,
  type MetricsFile,
  metricRegistry,
  metricsOf,
  verdictLines,
  withDrawnCheckpoints,
} from "../../evaluate/index.ts";
import { DEFAULT_FEATURES } from "../../features/default-features.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { auditNext } from "../next-command.ts";
import { collect, parseThreads } from "../options.ts";

const EXAMPLES = `
Examples:
  ganglion evaluate --real skin --synthetic synthetic --out report
  ganglion evaluate --real skin --synthetic synthetic --holdout skin-test --label dx --out report
  ganglion evaluate --real skin --synthetic drawn --run run --out report
  ganglion evaluate --real skin --synthetic early --synthetic late --synthetic other --out comparison
  ganglion evaluate --real skin --synthetic run/checkpoints/best.safetensors --synthetic other --out comparison
  ganglion evaluate --real skin --synthetic synthetic --features multiscale --features onnx:squeezenet1_0.onnx --out report

Writes metrics.json (docs/metrics.schema.json) and report.html, one file that opens in any browser. With several
synthetic sets comparison.json and comparison.html too, and the files of each set in a sub-folder of its name.
docs/metrics.md describes each metric, docs/controls.md how the controls of map-to-image are measured.`;

export function configure(command: Command): void {
  command
    .requiredOption("--real <DATASET>", "real images: the set the generator was trained on")
    .requiredOption(
      "--synthetic <DATASET>",
      "synthetic images, or a checkpoint (.safetensors) to draw them from; repeat it to compare several sets",
      collect,
    )
    .option("--holdout <DATASET>", "real images the generator has not seen")
    .option(
      "--run <RUN>",
      "run that drew the synthetic images: finds the images it held out; of a map-to-image run also measures what changes with the condition",
    )
    .option(
      "--features <KIND>",
      `multiscale, encoder, radiomics or onnx:PATH; may be repeated (default: ${DEFAULT_FEATURES.join(", ")})`,
      collect,
    )
    .option(
      "--by <COL>",
      "also compare the groups of this column; may be repeated (sex, age, site and tone are found)",
      collect,
    )
    .requiredOption("--out <DIR>", "folder for metrics.json, report.html and its figures")
    .option("--label <COL>", "column with the class (default: dataset.json, else guessed)")
    .option("--threads <N>", "threads (default: all cores of this machine)", parseThreads)
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({
  real: z.string(),
  synthetic: z.array(z.string()),
  holdout: z.string().optional(),
  run: z.string().optional(),
  features: z.array(z.string()).optional(),
  by: z.array(z.string()).optional(),
  out: z.string(),
  label: z.string().optional(),
  threads: z.number().optional(),
});
type Options = z.infer<typeof options>;

const short = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));

const spanned = (found: { value: number; low: number; high: number } | null): string =>
  found === null ? "none" : `${short(found.value)} (${short(found.low)} to ${short(found.high)})`;

/** What was found of the controls, one line each, beside the real images. */
function controlLines({ condition, region, tone, outside }: NonNullable<MetricsFile["controls"]>): string[] {
  const lines = ["controls: synthetic (95 % interval), real held-out images"];
  const line = (name: string, own: string, real: string) => lines.push(`  ${name.padEnd(26)} ${own}, ${real}`);
  if (condition !== null) {
    line("condition, mean of classes", spanned(condition.synthetic.balanced), spanned(condition.real.balanced));
  }
  if (region !== null) {
    const { synthetic, real, ratio } = region.kind === "box" ? region.box : region.shape;
    line(
      `region (${region.kind}), median IoU`,
      spanned(synthetic.median),
      `${spanned(real.median)}, ratio ${spanned(ratio)}`,
    );
  }
  if (tone !== null) {
    const real = tone.real === null ? "real tones are estimates" : spanned(tone.real.correlation);
    line("tone, rank correlation", spanned(tone.synthetic.correlation), real);
  }
  if (outside !== null) {
    line("outside by condition, grey", spanned(outside.condition.outside), spanned(outside.real?.outside ?? null));
  }
  return lines;
}

function asText({ metrics, reportPath, metricsPath }: EvaluationResult): string {
  const { n, floorN } = metrics.protocol.overall;
  const lines = [`${n} real against ${n} synthetic images with equal class counts, ${metrics.protocol.resolution} px`];
  for (const [name, { overall }] of Object.entries(metrics.features)) {
    lines.push("", `${name}: value, 95 % interval, real against real (n ${floorN})`);
    const metrics = metricsOf(name);
    const longest = Math.max(...metrics.map((metric) => metricRegistry[metric].title.length));
    for (const metric of metrics) {
      const found = overall[metric];
      const title = metricRegistry[metric].title.padEnd(longest);
      if (found === null) lines.push(`  ${title} not defined at this n`);
      else {
        const floor = found.floor === null ? "none" : short(found.floor);
        lines.push(
          `  ${title} ${short(found.value).padEnd(9)} ${short(found.low)} to ${short(found.high)}, floor ${floor}`,
        );
      }
    }
  }
  lines.push(
    "",
    "of the images themselves, whatever the extractor",
    ...Object.values(metrics.imageMetrics).map(({ sentence }) => `  ${sentence}`),
  );
  if (metrics.controls !== null) lines.push("", ...controlLines(metrics.controls));
  if (metrics.warnings.length > 0) lines.push("", "warnings", ...metrics.warnings.map((text) => `  ${text}`));
  const [sentence, ...reasons] = verdictLines(metrics.verdict);
  lines.push("", sentence!, ...reasons.map((text) => `  ${text}`));
  return [...lines, "", `wrote ${metricsPath}`, `wrote ${reportPath}`].join("\n");
}

/** The metrics of every set side by side. */
function comparisonText({ comparison, reportPath, comparisonPath }: ComparisonResult): string {
  const names = comparison.sets.map(({ name }) => name);
  const { overall, resolution } = comparison.protocol;
  const lines = [`${overall.n} real against ${overall.n} synthetic images of each set, ${resolution} px`];
  for (const [extractor, { overall: found }] of Object.entries(comparison.features)) {
    const rows = [["", ...names, "real against real"]];
    for (const metric of [...metricsOf(extractor), ...IMAGE_METRICS]) {
      const { sets, best, floor } = found[metric];
      const cells = names.map((name) => `${spanned(sets[name]!)}${best === name ? " *" : ""}`);
      rows.push([metricRegistry[metric].title, ...cells, floor === null ? "none" : short(floor)]);
    }
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
    lines.push("", `${extractor}: value (95 % interval); * better than all others without overlap`);
    for (const row of rows) lines.push(`  ${row.map((cell, c) => cell.padEnd(widths[c]!)).join("  ")}`.trimEnd());
  }
  if (comparison.warnings.length > 0) lines.push("", "warnings", ...comparison.warnings.map((text) => `  ${text}`));
  lines.push("", ...comparison.sets.map(({ name, verdict }) => `${name}: ${verdictLines(verdict)[0]}`));
  lines.push("", `${comparison.winner.sentence}.`, `  ${comparison.winner.rule}`);
  return [...lines, "", `wrote ${comparisonPath}`, `wrote ${reportPath}`].join("\n");
}

/** What {@link run} does with the folders of the synthetic sets. */
async function evaluated(
  synthetic: readonly string[],
  options: Options,
  threads: number,
  context: CommandContext,
): Promise<CommandResult> {
  // A checkpoint lies in the folder `checkpoints` of its run, which may have held images out.
  const drawn = options.synthetic.filter(isCheckpoint).map((path) => join(path, "..", ".."));
  const { run = drawn.find((folder) => existsSync(join(folder, RUN_SPLIT))), ...given } = options;
  const shared = { ...given, seed: context.seed, threads, onProgress: context.progress };
  if (synthetic.length > 1) {
    const result = await compareSets({ ...shared, synthetic, run });
    for (const note of result.notes) context.note(note);
    const { comparison, comparisonPath, reportPath } = result;
    return {
      json: { report: reportPath, comparisonFile: comparisonPath, ...comparison },
      text: comparisonText(result),
      next: await nextOf(options, synthetic),
    };
  }
  const result = await evaluate({ ...shared, synthetic: synthetic[0]!, run });
  for (const note of result.notes) context.note(note);
  const { metrics, metricsPath, reportPath } = result;
  return {
    json: { report: reportPath, metricsFile: metricsPath, ...metrics },
    text: asText(result),
    next: await nextOf(options, synthetic),
  };
}

/** The search for copies in a set that stays; a set of a checkpoint is drawn for good first. */
async function nextOf(options: Options, drawn: readonly string[]): Promise<string> {
  const { real, holdout, run, label } = options;
  const kept = options.synthetic.findIndex((path) => !isCheckpoint(path));
  if (kept < 0) {
    const folder = join(options.synthetic[0]!, "..", "..");
    return commandLine("generate", pathWord(folder), "--per-class", "100", "--out", freeFolder("synthetic"));
  }
  return auditNext({ real, holdout, synthetic: drawn[kept]!, run, label });
}

/**
 * Compares the sets and writes `metrics.json` and `report.html`, of several synthetic sets the comparison. Sets of
 * checkpoints are drawn first and removed at the end.
 * @throws GanglionError
 */
export async function run(_args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const { synthetic: named, real, label, threads = availableParallelism() } = options;
  if (named.length > 1 && options.run !== undefined) {
    throw new GanglionError("usage", "--run belongs to one synthetic set; evaluate that set alone");
  }
  await refuseOutInside(options.out, {
    "--real": real,
    // A checkpoint lies in the folder `checkpoints` of its run.
    "--synthetic": named.map((path) => (isCheckpoint(path) ? join(path, "..", "..") : path)),
    "--holdout": options.holdout,
    "--run": options.run,
  });
  const drawing = { real, label, threads, seed: context.seed, onProgress: context.progress };
  return withDrawnCheckpoints(named, drawing, (sets) => evaluated(sets, options, threads, context));
}
