import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { z } from "zod";
import { commandLine, freeFolder, pathWord } from "../../core/command-line.ts";
import { GanglionError } from "../../core/errors.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import type { StudyConfig } from "../../study/config.ts";
import type { StudyEstimate } from "../../study/estimate-study.ts";
import { generatorPaths } from "../../study/generator-paths.ts";
import type { StudyResult } from "../../study/run-study.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { sameCommand } from "../next-command.ts";
import { parsePositiveInteger } from "../options.ts";
import { addQueueOptions, queueAddress, queueShape } from "../queue-options.ts";

const EXAMPLES = `
Examples:
  ganglion study study.json --out study                  every core of this machine; repeat it to continue
  ganglion study study.json --dry-run                    the arms, the jobs and how long they will take
  ganglion study study.json --out study --queue redis://host --queue-password-file password --store /shared/store
                                                         the jobs go to \`ganglion worker\` processes anywhere

A configuration with a preset (quick, bissoto or dermgan) needs only its data and test sets:
  { "format": "ganglion.study/1", "preset": "quick",
    "data": { "dataset": "isic2017", "label": "diagnosis", "positive": "melanoma", "resolution": 32, "heldOut": 0.25 },
    "testSets": [ { "name": "held-out", "distribution": "in" },
                  { "name": "ham10000", "distribution": "out", "dataset": "ham10000", "label": "dx",
                    "classes": { "mel": "melanoma", "nv": "other", "bkl": "other" } } ] }

Writes report.html with its figures as SVG and CSV, results.json, table.csv, table.md, table.tex and methods.md. The store holds real images: do not share it.
docs/study.md describes the controls of the arms and the verdicts, docs/cluster.md how to use more machines.`;

export function configure(command: Command): void {
  command
    .argument("<CONFIG>", "configuration of the study, JSON")
    .option("--out <DIR>", "folder for the report and the store; the folder of an earlier call is continued")
    .option(
      "--queue <URL>",
      "Redis whose workers run the jobs, redis://HOST[:PORT] (default: processes of this machine)",
    );
  addQueueOptions(command)
    .option("--store <PLACE>", "folder or s3://BUCKET/PREFIX of all results (default: store in --out)")
    .option("--workers <N>", "jobs at a time on this machine (default: its cores)", parsePositiveInteger)
    .option("--drop-duplicates", "leave held-out images out that are near duplicates of training images, and say which")
    .option("--dry-run", "list arms and jobs with their time, and write nothing")
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({
  out: z.string().optional(),
  queue: z.string().optional(),
  ...queueShape,
  store: z.string().optional(),
  workers: z.number().optional(),
  dropDuplicates: z.boolean().optional(),
  dryRun: z.boolean().optional(),
});
type Options = z.infer<typeof options>;

function asText({ outcome, reportPath, kept, made }: StudyResult, sentence: string): string {
  const lines = [sentence, ""];
  for (const { testSet, arm, verdict, comparisons } of outcome.judgements) {
    const { value, interval, controlName } = comparisons[0]!;
    const figure = (number: number) => `${number < 0 ? "" : "+"}${number.toFixed(3)}`;
    const span = interval === null ? "" : ` (${figure(interval.low)} to ${figure(interval.high)})`;
    lines.push(`  ${testSet}: ${arm}  ${verdict}  ${figure(value)}${span} against ${controlName}`);
  }
  return [...lines, "", `${made} jobs done, ${kept} were done before`, `wrote ${reportPath}`].join("\n");
}

/** What a dry run says. */
function estimateText(
  { arms, jobs, minutes }: StudyEstimate,
  { seeds, testSets }: StudyConfig,
  workers: number,
): string {
  const total = Object.values(jobs).reduce((sum, count) => sum + count, 0);
  const width = Math.max(...arms.map(({ name }) => name.length));
  return [
    `${arms.length} arms, ${seeds.length} seeds, ${testSets.length} test sets, ${total} jobs`,
    "",
    ...arms.map(({ name, controls, real, shown, synthetic }) => {
      const against = controls.length === 0 ? "" : `  against ${controls.join(", ")}`;
      return `  ${name.padEnd(width)}  ${real} real shown ${shown} times, ${synthetic} synthetic${against}`;
    }),
    "",
    ...Object.entries(jobs).map(([kind, count]) => `  ${String(count).padStart(6)} ${kind}`),
    "",
    `generators     ${minutes.generators} minutes of one core`,
    `classifiers    ${minutes.classifiers} minutes of one core at most (patience ends most earlier)`,
    `time           ${minutes.wall} minutes at most with ${workers} jobs at a time, drawing and scoring left out`,
    "",
    "dry run: nothing was written",
  ].join("\n");
}

/** Runs the study, or says what it would do. @throws GanglionError */
export async function run(
  [path]: readonly string[],
  options: Options,
  context: CommandContext,
): Promise<CommandResult> {
  // Loaded here, so that the help needs no runtime of networks.
  const { readStudyConfig } = await import("../../study/config.ts");
  const { prepareStudy, runStudy } = await import("../../study/run-study.ts");
  const config = await readStudyConfig(path!);
  const workers = options.workers ?? availableParallelism();
  if (options.dryRun) {
    const { sources, plan } = await prepareStudy(config, options.dropDuplicates);
    for (const note of [sources.real.how, ...sources.notes]) context.note(note);
    const { estimateStudy } = await import("../../study/estimate-study.ts");
    const estimate = await estimateStudy(config, sources, plan, { workers, onProgress: context.progress });
    const next = sameCommand(context, ["--dry-run"], options.out === undefined ? ["--out", freeFolder("study")] : []);
    return { json: { ...estimate }, text: estimateText(estimate, config, workers), next };
  }
  if (options.out === undefined) {
    throw new GanglionError("usage", "--out is missing: name the folder of the study, or add --dry-run");
  }
  const read = {
    "the dataset": config.data.dataset,
    "the test set": config.testSets.flatMap(({ dataset }) => dataset ?? []),
    "the run, start or frozen network": Object.values(config.generators).flatMap(generatorPaths),
  };
  const { out, store, queue } = options;
  await refuseOutInside(out, read);
  if (store !== undefined && !store.startsWith("s3://")) await refuseOutInside(store, read);
  const result = await runStudy({
    config,
    dropDuplicates: options.dropDuplicates,
    version: context.version,
    out,
    store,
    queue: queue === undefined ? undefined : await queueAddress({ ...options, queue }, context.note),
    queueKeyFile: options.queueKeyFile,
    workers,
    onProgress: context.progress,
    onNote: (line) => context.note(line),
    signal: context.signal,
  });
  const { recommendation } = await import("../../study/report/recommendation.ts");
  const advice = recommendation(result.outcome);
  const { judgements } = result.outcome;
  const verdicts = judgements.map(({ comparisons: _, ...judgement }) => judgement);
  return {
    json: { report: result.reportPath, recommendation: advice, verdicts },
    text: asText(result, advice.sentence),
    next: commandLine("studio", pathWord(out)),
  };
}
