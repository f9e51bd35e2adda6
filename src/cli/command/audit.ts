import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { z } from "zod";
import { type AuditResult, audit, seldomFound } from "../../audit/index.ts";
import { commandLine, flag, freeFolder, pathWord } from "../../core/command-line.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { metricsBeside, sameCommand } from "../next-command.ts";
import { collect, parseThreads } from "../options.ts";

const EXAMPLES = `
Examples:
  ganglion audit --train skin --holdout skin-test --synthetic synthetic --out audit
  ganglion audit --train skin --holdout skin --synthetic synthetic --run run --out audit     skin has a split column
  ganglion audit --train skin --holdout skin --synthetic synthetic --run run --drop-duplicates --out audit
  ganglion audit --train skin --holdout skin-test --synthetic synthetic --features encoder --features onnx:squeezenet1_0.onnx --out audit

Writes audit.json (docs/audit.schema.json), which ganglion release reads, report.html, and nearest.csv with the nearest
training image of each synthetic one. All name or show training images: do not share them. docs/audit.md describes each test, and which planted leaks it finds.`;

export function configure(command: Command): void {
  command
    .requiredOption("--train <DATASET>", "images the generator was trained on; its split train if it has one")
    .requiredOption(
      "--holdout <DATASET>",
      "real images of the same source not used in training; all but train of a split",
    )
    .requiredOption("--synthetic <DATASET>", "synthetic images; all images are resized to their size")
    .option("--run <RUN>", "run that drew the synthetic images: checks that it did, and reports its privacy budget")
    .option("--features <KIND>", "encoder or onnx:PATH; may be repeated (default: encoder)", collect)
    .requiredOption("--out <DIR>", "folder for audit.json, report.html and nearest.csv")
    .option("--drop-duplicates", "leave held-out images out that repeat training images, and say which")
    .option("--label <COL>", "column with the class (default: that of the run, else dataset.json, else guessed)")
    .option("--threads <N>", "threads (default: all cores of this machine)", parseThreads)
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({
  train: z.string(),
  holdout: z.string(),
  synthetic: z.string(),
  run: z.string().optional(),
  features: z.array(z.string()).optional(),
  out: z.string(),
  dropDuplicates: z.boolean().optional(),
  label: z.string().optional(),
  threads: z.number().optional(),
});
type Options = z.infer<typeof options>;

function asText({ audit: found, auditPath, reportPath }: AuditResult): string {
  const made = found.tests.filter(({ severity }) => severity !== null).length;
  const seldom = seldomFound(found.recall ?? []);
  const lines = [
    found.verdict,
    ...(seldom === null ? [] : [seldom]),
    "",
    `${found.train.n} training, ${found.holdout.n} held-out, ${found.synthetic.n} synthetic images; ${made} tests`,
  ];
  for (const { severity, title } of found.findings) lines.push(`  ${severity.padEnd(8)} ${title}`);
  if (found.warnings.length > 0) lines.push("", "warnings", ...found.warnings.map((text) => `  ${text}`));
  return [...lines, "", `wrote ${auditPath}`, `wrote ${reportPath} (shows training images: do not share it)`].join(
    "\n",
  );
}

/** Audits the synthetic set and writes `audit.json`, `report.html` and `nearest.csv`; a leak found is no failure. @throws GanglionError */
export async function run(_args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const { train, holdout, synthetic, run, out } = options;
  await refuseOutInside(out, { "--train": train, "--holdout": holdout, "--synthetic": synthetic, "--run": run });
  const result = await audit({
    ...options,
    seed: context.seed,
    threads: options.threads ?? availableParallelism(),
    onProgress: context.progress,
  });
  for (const note of result.notes) context.note(note);
  const leaks = (result.audit.splitLeaks ?? []).length > 0 && options.dropDuplicates !== true;
  const sets = ["--train", pathWord(train), ...(holdout === train ? [] : ["--holdout", pathWord(holdout)])];
  const metrics = await metricsBeside(out, result.audit.synthetic.hash);
  const apart = sameCommand(context, [], ["--drop-duplicates", "--out", freeFolder(out)]);
  const release = commandLine(
    ...["release", pathWord(synthetic), "--audit", pathWord(out), ...flag("--metrics", metrics)],
    ...[...(run === undefined ? ["--without-run"] : ["--run", pathWord(run)]), ...sets],
    ...["--license", "CC-BY-4.0", "--out", freeFolder("shared")],
  );
  return {
    json: { report: result.reportPath, auditFile: result.auditPath, ...result.audit },
    text: asText(result),
    next: leaks ? apart : release,
  };
}
