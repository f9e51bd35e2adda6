import type { Command } from "commander";
import { z } from "zod";
import { commandLine, flag, freeFolder, pathWord } from "../../core/command-line.ts";
import { counted } from "../../core/counted.ts";
import { GanglionError } from "../../core/errors.ts";
import { readDataset } from "../../data/dataset.ts";
import { type DrawnSplit, drawSplit, HELD_OUT_SHARE } from "../../data/split/draw-split.ts";
import { planSplitPlace, type SplitPlace, writeSplit } from "../../data/split/write-split.ts";
import { addColumnOptions, columnOptions, readColumnOptions } from "../column-options.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { sameCommand } from "../next-command.ts";
import { collect, parsePositiveInteger, parseShare } from "../options.ts";
import { linkLines, splitTable } from "../split-text.ts";

const EXAMPLES = `
Examples:
  ganglion split skin                                    15 % held out: the column split of skin/metadata.csv
  ganglion split skin --val 0.1 --by sex --by site       10 % for validation too; sexes and sites alike in each part
  ganglion split photos --label dx --patient lesion_id   name the columns of the class and the patient (or lesion)
  ganglion split breastmnist.npz --column own            beside the archive's own split, in breastmnist.npz.split.csv
  ganglion split skin --folds 5                          and the column fold, 1 to 5, of the images to train on
  ganglion train skin --where fold!=3 --out run3         then trains on all folds but the third
  ganglion split skin --dry-run                          the table alone; writes nothing

Images of one patient, and near duplicates, stay on one side. Images are never changed. docs/split.md describes the rules.`;

export function configure(command: Command): void {
  command
    .argument("<DATASET>", "image folder, class folders or .npz")
    .option("--holdout <SHARE>", "share of the images that no training sees (default: 0.15)", parseShare)
    .option("--val <SHARE>", "share of the images to choose between trainings by (default: 0)", parseShare)
    .option("--folds <K>", "also divide the training images into K folds", parsePositiveInteger)
    .option("--by <COL>", "spread the values of this column as the classes are; may be repeated", collect, [])
    .option("--column <NAME>", "column to write (default: split)")
    .option("--overwrite", "replace the split that there is, or a column of this name")
    .option(
      "--label <COL>",
      "column with the class, or columns of 0 and 1 with commas (default: dataset.json, else guessed)",
    )
    .option("--patient <COL>", "column with the patient or lesion (default: dataset.json, else guessed)");
  addColumnOptions(command)
    .option("--skip-damaged", "leave out rows whose image is not there or empty, and say so")
    .option("--dry-run", "show the table and write nothing")
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({
  holdout: z.number().optional(),
  val: z.number().optional(),
  folds: z.number().optional(),
  by: z.array(z.string()),
  column: z.string().optional(),
  overwrite: z.boolean().optional(),
  ...columnOptions,
  skipDamaged: z.boolean().optional(),
  dryRun: z.boolean().optional(),
});
type Options = z.infer<typeof options>;

function asText(source: string, drawn: DrawnSplit, place: SplitPlace, nameOf: (i: number) => string, dryRun: boolean) {
  const { file, column, foldColumn } = place;
  const columns = foldColumn === null ? `column ${column}` : `columns ${column} and ${foldColumn}`;
  return [
    `${source}: ${counted(drawn.parts.length, "image", "images")}, ${counted(drawn.grouping.count, "group that is", "groups that are")} not divided`,
    `${drawn.how}`,
    "",
    ...splitTable(drawn),
    "",
    ...linkLines(drawn, nameOf),
    ...drawn.notes.map((note) => `note: ${note}`),
    `${dryRun ? "would write" : "wrote"} ${columns} of ${file}`,
  ].join("\n");
}

/** @throws GanglionError `dataset` for a part that was asked for and has no image: what follows a split would find nothing to compare with */
function refuseEmptyParts(source: string, { total }: DrawnSplit, shares: { holdout: number; val: number }): void {
  for (const part of ["holdout", "val"] as const) {
    if (shares[part] === 0 || (total[part]?.images ?? 0) > 0) continue;
    throw new GanglionError(
      "dataset",
      `${source}: no image is left for ${part} (--${part} ${shares[part]}): the training keeps a patient, or a group of near duplicates, of each class, and none is divided; add images of more patients of each class, or say --${part} 0`,
    );
  }
}

/** Divides DATASET. @throws GanglionError */
export async function run(args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const [source] = args as [string];
  const { holdout, val, folds, by, column, overwrite, dryRun = false } = options;
  const read = { ...readColumnOptions(options), skipDamaged: options.skipDamaged };
  const dataset = await readDataset(source, read);
  for (const note of dataset.notes) context.note(note);
  const writing = { column, overwrite, read };
  // Before every image is read.
  await planSplitPlace(dataset, { folds: folds === undefined ? null : [] }, writing);
  const drawn = await drawSplit(dataset, { holdout, val, folds, by, seed: context.seed, onProgress: context.progress });
  refuseEmptyParts(source, drawn, { holdout: holdout ?? HELD_OUT_SHARE, val: val ?? 0 });
  const place = dryRun ? await planSplitPlace(dataset, drawn, writing) : await writeSplit(dataset, drawn, writing);
  const nameOf = (i: number) => dataset.samples[i]!.fileName;
  const json = {
    dataset: source,
    written: !dryRun,
    ...place,
    seed: drawn.seed,
    how: drawn.how,
    images: drawn.parts.length,
    groups: drawn.grouping.count,
    total: drawn.total,
    classes: drawn.classes,
    folds: drawn.foldCounts,
    nearDuplicates: drawn.grouping.links.map(({ first, second }) => [nameOf(first), nameOf(second)]),
    notes: [...dataset.notes, ...drawn.notes],
  };
  const next = dryRun
    ? sameCommand(context, ["--dry-run"])
    : commandLine("train", pathWord(source), ...flag("--label", options.label), "--out", freeFolder("run"));
  return { json, text: asText(source, drawn, place, nameOf, dryRun), next };
}
