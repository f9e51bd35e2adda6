import type { Command } from "commander";
import { z } from "zod";
import { commandLine, pathWord } from "../../core/command-line.ts";
import { GanglionError } from "../../core/errors.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import { readDataset } from "../../data/dataset.ts";
import { EXPORT_FORMATS, type ExportResult, exportDataset } from "../../data/export/export-dataset.ts";
import { addColumnOptions, columnOptions, readColumnOptions } from "../column-options.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { oneOf } from "../options.ts";

const EXAMPLES = `
Examples:
  ganglion export skin skin-coco --format coco     images and annotations/instances_SPLIT.json, for detectors and segmenters
  ganglion export skin skin-yolo --format yolo     images/SPLIT, labels/SPLIT and data.yaml

Each box, and each part of a mask outside of the boxes, becomes an object of the class of its image. docs/data.md describes
the formats, which import reads back.`;

export function configure(command: Command): void {
  command
    .argument("<DATASET>", "dataset with boxes or masks")
    .argument("<OUT>", "folder to write to")
    .option("--format <FORMAT>", `format of the annotations, needed: ${EXPORT_FORMATS.join(", ")}`)
    .option("--label <COL>", "column with the class (default: dataset.json, else guessed)")
    .option("--patient <COL>", "column with the patient (default: dataset.json, else guessed)");
  addColumnOptions(command).addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({ format: oneOf(EXPORT_FORMATS).optional(), ...columnOptions });

function exportText({ images, boxes, regions, splits, classes }: ExportResult, out: string): string {
  const each = Object.entries(splits).map(([name, n]) => `${name} ${n}`);
  const shapes = regions === 0 ? "boxes alone" : `${regions} with a region`;
  return [
    `wrote ${images} images with ${boxes} objects (${shapes}) to ${out}`,
    `classes: ${classes.join(", ")}`,
    `splits:  ${each.join(", ")}`,
  ].join("\n");
}

/** Writes the images of DATASET with their boxes and masks in the format of other programs. @throws GanglionError */
export async function run(
  args: readonly string[],
  { format, ...columns }: z.infer<typeof options>,
  context: CommandContext,
): Promise<CommandResult> {
  const [source, out] = args as [string, string];
  if (format === undefined)
    throw new GanglionError("usage", `--format is needed: ${EXPORT_FORMATS.join(" or ")}, e.g. --format coco`);
  await refuseOutInside(out, { DATASET: source });
  const dataset = await readDataset(source, readColumnOptions(columns));
  for (const note of dataset.notes) context.note(note);
  const result = await exportDataset(dataset, out, format, context.progress);
  for (const note of result.notes) context.note(note);
  // Read back, it shows what the other program will see.
  return {
    json: { out, format, ...result },
    text: exportText(result, out),
    next: commandLine("inspect", pathWord(out)),
  };
}
