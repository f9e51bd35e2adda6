import type { Command } from "commander";
import { GanglionError } from "../../core/errors.ts";
import { readDataset } from "../../data/dataset.ts";
import type { GreyWindow } from "../../data/image.ts";
import { type ImportPlan, importDataset, planImport } from "../../data/import.ts";
import type { CommandContext, CommandResult } from "../command.ts";

const EXAMPLES = `
Examples:
  ganglion import pneumoniamnist_64.npz chest            an .npz in the MedMNIST layout becomes an image folder
  ganglion import photos skin --size 128 --label dx      images cropped to their centre square and resized
  ganglion import ct slices --window 40,400 --dry-run    16-bit grey through a window; only say what would be written

SRC is a folder with metadata.csv, a folder of class sub-folders or an .npz. OUT must not exist or be empty.
docs/images.md says how images are decoded, cropped and resized.`;

export function configure(command: Command): void {
  command
    .argument("<SRC>", "image folder, class folders or .npz")
    .argument("<OUT>", "folder to write the dataset to")
    .option("--size <N>", "crop to the centre square and resize to N x N pixels (default: sizes stay)")
    .option("--label <COL>", "column that holds the class (default: dataset.json, else guessed)")
    .option("--patient <COL>", "column that holds the patient (default: dataset.json, else guessed)")
    .option("--window <C,W>", "16-bit grey only: centre and width of the values that become 0..255")
    .option("--dry-run", "say what would be written and write nothing")
    .addHelpText("after", EXAMPLES);
}

function parseSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const size = Number(text);
  if (/^\d+$/.test(text) && size >= 1 && size <= 4096) return size;
  throw new GanglionError("usage", `--size ${text}: a whole number of pixels from 1 to 4096 is needed, e.g. --size 64`);
}

function parseWindow(text: string | undefined): GreyWindow | undefined {
  if (text === undefined) return undefined;
  const parts = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [center, width] = parts;
  if (parts.length === 2 && parts.every(Number.isFinite) && width > 0) return { center, width };
  const rule = "centre and width are two numbers with a comma between them, the width above zero";
  throw new GanglionError("usage", `--window ${text}: ${rule}, e.g. --window 2048,4096`);
}

function planText(plan: ImportPlan, out: string, written: boolean): string {
  const counts = Object.entries(plan.perClass).map(([name, n]) => `  ${name || "(no label)"}: ${n}`);
  const size = plan.size === undefined ? "at their own sizes" : `at ${plan.size} x ${plan.size} pixels`;
  const masks = plan.masks > 0 ? ` and ${plan.masks} masks` : "";
  const head = `${written ? "wrote" : "would write"} ${plan.images} images${masks} ${size} to ${out}`;
  return [head, ...counts, `columns: ${plan.columns.join(", ")}`].join("\n");
}

/** Reads SRC and writes it to OUT as an image folder of PNG files. @throws GanglionError */
export async function run(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CommandContext,
): Promise<CommandResult> {
  const [source, out] = args;
  const size = parseSize(options.size as string | undefined);
  const window = parseWindow(options.window as string | undefined);
  const dataset = await readDataset(source, {
    label: options.label as string | undefined,
    patient: options.patient as string | undefined,
  });
  for (const note of dataset.notes) context.note(note);
  const importOptions = { size, window, onProgress: context.progress };
  const dryRun = options.dryRun === true;
  const plan = dryRun
    ? await planImport(dataset, out, importOptions)
    : await importDataset(dataset, out, importOptions);
  return {
    json: { out, written: !dryRun, ...plan, notes: dataset.notes },
    text: planText(plan, out, !dryRun),
  };
}
