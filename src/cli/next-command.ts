import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { commandLine, flag, freeFolder, pathWord, typedPath } from "../core/command-line.ts";
import { orUnusable, readJsonInside } from "../core/inside-folder.ts";
import { readDataset } from "../data/dataset.ts";
import { findRunDataset } from "../data/split/run-split.ts";
import { isTrainingSample } from "../data/splits.ts";
import type { CommandContext } from "./command.ts";

/** Options of how a command says things, with whether a word of their own follows: the next command is for a person to paste. */
const OF_OUTPUT: readonly (readonly [option: string, takesValue: boolean])[] = [
  ["--json", false],
  ["--progress", true],
];

/** The words of a command without some options, each as `--option value` or `--option=value`. */
function withoutOptions(
  words: readonly string[],
  dropped: readonly (readonly [option: string, takesValue: boolean])[],
): string[] {
  const end = words.indexOf("--");
  return words.filter((word, i) => {
    if (end >= 0 && i >= end) return true;
    return !dropped.some(
      ([option, takesValue]) =>
        word === option || (takesValue && (words[i - 1] === option || word.startsWith(`${option}=`))),
    );
  });
}

/** The words of a command with more options, before a `--` that ends them. */
function withOptions(words: readonly string[], more: readonly string[]): string[] {
  const end = words.indexOf("--");
  return end < 0 ? [...words, ...more] : [...words.slice(0, end), ...more, ...words.slice(end)];
}

/** The same command without some of its words, e.g. to do what a dry run showed. @param more Words that are added. */
export const sameCommand = (
  { words }: CommandContext,
  without: readonly string[],
  more: readonly string[] = [],
): string | undefined =>
  words &&
  commandLine(
    ...withOptions(
      withoutOptions(words, [
        ...OF_OUTPUT,
        ...without.map((word) => [word, false] as const),
        // A folder that is named anew takes the place of the one before.
        ...(more.includes("--out") ? ([["--out", true]] as const) : []),
      ]),
      more,
    ),
  );

/** Options of columns that a command was given, as words for the next one. */
export const columnWords = (options: Readonly<Record<string, unknown>>): string[] =>
  COLUMNS.flatMap(([key, name]) => flag(name, options[key] as string | undefined));

const COLUMNS = [
  ["table", "--table"],
  ["file", "--file"],
  ["label", "--label"],
  ["patient", "--patient"],
  ["mask", "--mask"],
  ["maskValues", "--mask-values"],
  ["boxes", "--boxes"],
  ["multiLabel", "--multi-label"],
  ["missing", "--missing"],
  ["uncertain", "--uncertain"],
] as const;

const configSchema = z.looseObject({
  dataset: z.looseObject({ path: z.string(), label: z.string().nullish() }),
});

/** The dataset of a run as the next command names it, and the column of its classes; null where it is not there. */
async function datasetOfRun(run: string): Promise<{ path: string; label: string | undefined } | null> {
  const found = configSchema.safeParse(await orUnusable(readJsonInside(run, "config.json")).catch(() => null));
  if (!found.success) return null;
  const { path, label } = found.data.dataset;
  const place = await findRunDataset(run, path);
  return place === null ? null : { path: place, label: label ?? undefined };
}

/** How a set that was drawn is compared with the real images of its run. */
export async function evaluateNext(run: string, synthetic: string): Promise<string | undefined> {
  const dataset = await datasetOfRun(run);
  if (dataset === null) return undefined;
  return commandLine(
    ...["evaluate", "--real", typedPath(dataset.path), "--synthetic", pathWord(synthetic), "--run", pathWord(run)],
    ...[...flag("--label", dataset.label), "--out", freeFolder("report")],
  );
}

/** A column for a split beside one that holds nothing out. */
const UNUSED_COLUMN = "drawn";

export interface AuditedSets {
  readonly real: string;
  readonly holdout?: string | undefined;
  readonly synthetic: string;
  readonly run?: string | undefined;
  readonly label?: string | undefined;
}

/**
 * How a set is searched for copies of its training images. Where no image is held out to compare with, a training that holds some out;
 * of a run that held none out a split, since another training may hold none out either.
 */
export async function auditNext({ real, holdout, synthetic, run, label }: AuditedSets): Promise<string> {
  const words = [...flag("--label", label), "--out"];
  if (holdout === undefined) {
    const found = await readDataset(real, { label, run }).catch(() => null);
    if (!found?.samples.some((sample) => !isTrainingSample(sample))) {
      if (run === undefined) return commandLine("train", pathWord(real), ...words, freeFolder("run"));
      const column = found?.columns.split === undefined ? [] : ["--column", UNUSED_COLUMN];
      return commandLine("split", pathWord(real), ...flag("--label", label), ...column);
    }
  }
  const sets = ["--train", pathWord(real), "--holdout", pathWord(holdout ?? real), "--synthetic", pathWord(synthetic)];
  return commandLine("audit", ...sets, ...flag("--run", run), ...words, freeFolder("audit"));
}

const metricsSchema = z.looseObject({ synthetic: z.looseObject({ hash: z.string() }) });

/** The folder beside another one that `evaluate` wrote about a set; undefined where there is none. */
export async function metricsBeside(folder: string, synthetic: string): Promise<string | undefined> {
  const parent = dirname(folder);
  const names = await readdir(parent).catch(() => [] as string[]);
  for (const name of names.slice(0, MOST_BESIDE)) {
    const value = await orUnusable(readJsonInside(join(parent, name), "metrics.json")).catch(() => null);
    const found = metricsSchema.safeParse(value);
    if (found.success && found.data.synthetic.hash === synthetic) return join(parent, name);
  }
  return undefined;
}

/** Names in a folder that are looked at. */
const MOST_BESIDE = 200;
