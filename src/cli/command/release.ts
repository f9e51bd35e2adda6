import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import { z } from "zod";
import { commandLine, freeFolder, pathWord } from "../../core/command-line.ts";
import { GanglionError } from "../../core/errors.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import { ACCEPTABLE, acceptableOf, acceptingConfig } from "../../release/accepted.ts";
import { DEFAULT_CONFIG, readReleaseConfig, releaseName } from "../../release/config.ts";
import { FORMAT_NAMES } from "../../release/formats.ts";
import type { Release } from "../../release/release.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { sameCommand } from "../next-command.ts";
import { collect, oneOf } from "../options.ts";
import { addStowOptions, stowOptions, stowShape } from "../send-to-pacs.ts";

const EXAMPLES = `
Examples:
  ganglion release synthetic --audit audit --run run --dry-run            the decision; writes nothing
  ganglion release synthetic --audit audit --run run --out shared --license CC-BY-4.0
  ganglion release synthetic --audit audit --metrics report --run run --train skin --out shared
  ganglion release synthetic --audit audit --run run --format dicom --out for-pacs
  ganglion release synthetic --audit audit --without-run --out shared     if the run is lost; the cards state it
  ganglion release synthetic --audit audit --run run --accept no-patients --out shared   no patients are named
  ganglion release synthetic --audit audit --run run --leave-out odd.txt --out shared   without the images named there
  ganglion release synthetic --audit audit --with-generator run --config release.json --out shared

Exit code 3: the gate refused, with every reason. Copies found by the audit are left out and counted.
docs/release.md describes the rules, the keys of --config and the content of a release; \`ganglion verify\` checks it.`;

export function configure(command: Command): void {
  command
    .argument("<DATASET>", "synthetic set that `ganglion generate` wrote")
    .requiredOption("--audit <DIR>", "folder that `ganglion audit` wrote about this set")
    .option("--out <DIR>", "folder to write the release to")
    .addOption(new Option("--format <KIND>", "kind of package").choices(FORMAT_NAMES).default("imagefolder"))
    .option("--license <ID>", "SPDX identifier (default: the licence stated in the set)")
    .option("--metrics <DIR>", "folder that `ganglion evaluate` wrote about this set: its metrics go into the card")
    .option(
      "--run <RUN>",
      "run that drew the images: each is drawn again and compared; required (default: that of --with-generator)",
    )
    .option("--without-run", "trust the records of the images instead of --run; the cards state it")
    .option("--train <DATASET>", "training images: the audit is made again with them (default: those the run names)")
    .option("--holdout <DATASET>", "held-out images of the audit (default: --train outside its split train)")
    .option("--with-generator <RUN>", "release generator.onnx too, with a warning: it is a model of patients")
    .option("--config <FILE>", "JSON with limits of the gate and texts for the card")
    .option(
      "--accept <WHAT>",
      `release in spite of this, which the cards then state; may be repeated: ${ACCEPTABLE.join(", ")}`,
      collect,
      [],
    )
    .option(
      "--leave-out <FILE>",
      "text file that names images which do not leave, one a line; the cards state how many",
    )
    .option("--name <NAME>", "name of the release (default: that of --config, else ganglion- and its hash)")
    .option("--creator <WHO>", "person or organisation responsible for the release (default: that of --config)")
    .option("--dry-run", "show the decision and write nothing")
    .option(
      "--stow <URL>",
      "with --format dicom: send the objects to this DICOMweb service; `ganglion send` does it later",
    );
  addStowOptions(command).addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({
  audit: z.string(),
  out: z.string().optional(),
  format: z.enum(FORMAT_NAMES),
  license: z.string().optional(),
  metrics: z.string().optional(),
  run: z.string().optional(),
  withoutRun: z.boolean().optional(),
  train: z.string().optional(),
  holdout: z.string().optional(),
  withGenerator: z.string().optional(),
  config: z.string().optional(),
  accept: z.array(oneOf(ACCEPTABLE)),
  leaveOut: z.string().optional(),
  name: releaseName.optional(),
  creator: z.string().min(1).optional(),
  dryRun: z.boolean().optional(),
  stow: z.string().optional(),
  ...stowShape,
});
type Options = z.infer<typeof options>;

/** Day that `SOURCE_DATE_EPOCH` states (reproducible-builds.org), else none. @throws GanglionError `usage` */
function sourceDate(seconds: string | undefined): string | undefined {
  if (seconds === undefined || seconds === "") return undefined;
  const date = new Date(Number(seconds) * 1000);
  if (/^\d+$/.test(seconds) && !Number.isNaN(date.getTime())) return date.toISOString().slice(0, 10);
  throw new GanglionError("usage", `SOURCE_DATE_EPOCH is ${seconds}; it must be whole seconds since 1970`);
}

function asText(made: Release, out?: string): string {
  const { folder, name, images, classes, removed, leftOut, license, fingerprint } = made;
  const lines = [
    folder === null ? `${name} may be released` : `released ${name} in ${out}`,
    `  ${images} images under ${license}: ${Object.entries(classes)
      .map(([label, count]) => `${label || "(no class)"} ${count}`)
      .join(", ")}`,
    removed.length === 0
      ? "  no image was called a copy"
      : `  ${removed.length} copies left out: ${removed.slice(0, 5).join(", ")}${removed.length > 5 ? ", ..." : ""}`,
  ];
  if (leftOut.length > 0) lines.push(`  ${leftOut.length} left out by --leave-out`);
  if (fingerprint !== null) lines.push(`  fingerprint ${fingerprint}`);
  return lines.join("\n");
}

/** A refusal for reasons that a person may accept ends with the command that does. */
async function sayingHow(context: CommandContext, work: () => Promise<Release>): Promise<Release> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GanglionError) || error.code !== "refused") throw error;
    const accepted = acceptableOf(error.problems);
    const flags = accepted?.flatMap((name) => ["--accept", name]);
    const next = flags && sameCommand(context, [], flags);
    if (next === undefined) throw error;
    const how =
      "What is missing is evidence, not a leak that was found: it can be accepted, which the cards then state.";
    const message = `${error.message}\n${how}\nNext:     ${next}`;
    throw new GanglionError("refused", message, { problems: error.problems, cause: error });
  }
}

/** Lets DATASET leave, or says why not. @throws GanglionError `refused` */
export async function run(args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const [dataset] = args;
  const dry = options.dryRun === true;
  const { out, audit, format, license, metrics, run, train, holdout, withGenerator, stow: url } = options;
  if (out === undefined && !dry) {
    throw new GanglionError("usage", "--out DIR is missing: the folder to write to, or add --dry-run to write nothing");
  }
  if (out !== undefined && !dry) {
    await refuseOutInside(out, {
      DATASET: dataset,
      "--audit": audit,
      "--metrics": metrics,
      "--with-generator": withGenerator,
      "--run": run,
      "--train": train,
      "--holdout": holdout,
    });
  }
  if (url !== undefined && (dry || format !== "dicom")) {
    const what = dry ? "nothing is written with --dry-run" : "a PACS needs DICOM: add --format dicom";
    throw new GanglionError("usage", `--stow ${url}: ${what}`);
  }
  const stow = url === undefined ? null : await stowOptions(url, options, context);
  const stated = options.config === undefined ? DEFAULT_CONFIG : await readReleaseConfig(options.config);
  const config = {
    ...stated,
    gate: acceptingConfig(stated.gate, options.accept),
    name: options.name ?? stated.name,
    creator: options.creator ?? stated.creator,
  };
  const date = sourceDate(process.env.SOURCE_DATE_EPOCH);
  const { release } = await import("../../release/release.ts");
  const made = await sayingHow(context, () =>
    release({
      dataset: dataset!,
      audit,
      out: dry ? null : (out ?? null),
      format,
      config,
      version: context.version,
      license,
      metrics,
      withGenerator,
      run,
      withoutRun: options.withoutRun === true,
      train,
      holdout,
      leaveOut: options.leaveOut,
      threads: availableParallelism(),
      date,
      onProgress: context.progress,
      signal: context.signal,
    }),
  );
  for (const note of made.notes) context.note(note);
  const json = { released: true, written: made.folder !== null, ...made };
  const said = asText(made, out);
  const next = dry
    ? sameCommand(context, ["--dry-run"], out === undefined ? ["--out", freeFolder("shared")] : [])
    : commandLine("verify", pathWord(out!));
  if (stow === null || made.folder === null) return { json, text: said, next };
  const { sendRelease } = await import("../../release/dicom/send-release.ts");
  context.note(`${out} is written; \`ganglion send\` sends it again should this not end well`);
  const sent = await sendRelease(made.folder, stow);
  return { json: { ...json, sent }, text: `${said}\n${sent.url} stored ${sent.stored} objects`, next };
}
