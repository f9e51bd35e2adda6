import type { Command } from "commander";
import { z } from "zod";
import { commandLine, flag, freeFolder, pathWord } from "../../core/command-line.ts";
import { GanglionError } from "../../core/errors.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import { named } from "../../core/quoted.ts";
import { readDataset } from "../../data/dataset.ts";
import { type ImageName, type Inspection, inspectDataset, type PartsNotSearched } from "../../data/inspect.ts";
import { hasRegions } from "../../data/maps/image-map.ts";
import { TONE_NAMES } from "../../data/maps/semantic-map.ts";
import { MOST_SEARCHED } from "../../data/repeats.ts";
import { writeInspection } from "../../data/write-inspection.ts";
import { addColumnOptions, columnOptions, readColumnOptions } from "../column-options.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { columnWords, sameCommand } from "../next-command.ts";
import { collect } from "../options.ts";

const EXAMPLES = `
Examples:
  ganglion inspect skin                                    counts, sizes, copies, leaks
  ganglion inspect photos --label dx --patient lesion_id   name the columns of the class and the patient
  ganglion inspect chests --parts                          look for cropped, mirrored and turned copies among any number
  ganglion inspect skin --out look                         also write look/montage.png, one row of images per class
  ganglion inspect skin --out look --maps                  and look/maps.png: images, their boxes and masks, their maps`;

export function configure(command: Command): void {
  command
    .argument("<DATASET>", "image folder, class folders or .npz")
    .option(
      "--label <COL>",
      "column with the class, or columns of 0 and 1 with commas (default: dataset.json, else guessed)",
    )
    .option("--patient <COL>", "column with the patient (default: dataset.json, else guessed)");
  addColumnOptions(command)
    .option("--where <COL=VALUE>", "only these images (COL!=VALUE: all but these); may be repeated", collect)
    .option("--leave-out <FILE>", "text file that names images to leave out, one a line")
    .option(
      "--skip-damaged",
      "leave out images that are missing, empty or damaged, counted by reason, instead of reading nothing",
    )
    .option(
      "--parts",
      `look for copies that were cropped, mirrored or turned (default: among ${MOST_SEARCHED} images at most, and it is said where they were not looked for)`,
    )
    .option("--no-parts", "do not look for them, at any number of images")
    .option("--out <DIR>", "also write inspection.json and montage.png there")
    .option("--maps", "with --out: also write maps.png, semantic maps next to their images, one row per skin tone")
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({
  ...columnOptions,
  where: z.array(z.string()).optional(),
  leaveOut: z.string().optional(),
  skipDamaged: z.boolean().optional(),
  parts: z.boolean().optional(),
  out: z.string().optional(),
  maps: z.boolean().optional(),
});
type Options = z.infer<typeof options>;

/** Looks at DATASET. @throws GanglionError */
export async function run(args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  const [source] = args as [string];
  const { out, maps = false, where, leaveOut, skipDamaged, parts } = options;
  if (maps && out === undefined) {
    throw new GanglionError("usage", "--maps writes a picture; name its folder with --out DIR");
  }
  if (out !== undefined) await refuseOutInside(out, { DATASET: source });
  const dataset = await readDataset(source, { ...readColumnOptions(options), where, leaveOut, skipDamaged });
  for (const note of dataset.notes) context.note(note);
  if (maps && !hasRegions(dataset)) {
    const message = `${source} has no boxes and no masks, so there are no maps to show; add columns x_min, y_min, x_max, y_max (pixels) or mask_file_name`;
    throw new GanglionError("dataset", message);
  }
  const inspection = await inspectDataset(dataset, { skipDamaged, parts, onProgress: context.progress });
  const found = withSearch(inspection, context);
  const json = { dataset: source, ...found, notes: dataset.notes };
  let text = inspectionText(found, source);
  if (out !== undefined) {
    const damaged = new Set(found.damaged.map(({ path }) => path));
    const samples = dataset.samples.filter(({ fileName }) => !damaged.has(fileName));
    await writeInspection(out, { ...dataset, samples }, json, { maps, seed: context.seed });
    text += `\nwrote montage.png${maps ? ", maps.png" : ""} and inspection.json to ${out}`;
  }
  return { json, text, next: nextOf(source, options, found) };
}

/** Adds the command that looks for what was not looked for. */
function withSearch({ partsNotSearched, ...found }: Inspection, context: CommandContext): Inspection {
  if (partsNotSearched === undefined) return found;
  const command = sameCommand(context, ["--parts", "--no-parts"], ["--parts"]);
  return { ...found, partsNotSearched: { ...partsNotSearched, command } };
}

/** A split, where there is none; else a training, after an import where a training could not read the dataset as it is. */
function nextOf(source: string, options: Options, { splits }: Inspection): string {
  const words = columnWords(options);
  const dataset = pathWord(source);
  if (options.skipDamaged || options.leaveOut !== undefined) {
    const left = [...flag("--leave-out", options.leaveOut), ...(options.skipDamaged ? ["--skip-damaged"] : [])];
    return commandLine("import", dataset, freeFolder("dataset"), ...words, ...left);
  }
  if (Object.keys(splits).length === 0) return commandLine("split", dataset, ...words);
  const plain = words.length === flag("--label", options.label).length && options.split === undefined;
  if (!plain) return commandLine("import", dataset, freeFolder("dataset"), ...words, ...flag("--split", options.split));
  return commandLine("train", dataset, ...words, "--out", freeFolder("run"));
}

const BAR = 30;
/** Findings of a kind that are printed; the rest is counted. */
const SHOWN = 10;

/** What a person reads of an inspection. */
export function inspectionText(found: Inspection, source: string): string {
  const { classes, splits, sizes, patients } = found;
  const lines = [`${source}: ${found.images} images, ${classes.length} ${classes.length === 1 ? "class" : "classes"}`];
  const splitNames = Object.keys(splits);
  const wide = Math.max(...classes.map(({ name }) => named(name).length), 5);
  const digits = String(classes[0]?.count ?? 0).length;
  for (const { name, count, bySplit } of classes) {
    const bar = "█".repeat(Math.max(1, Math.round((BAR * count) / classes[0]!.count)));
    const parts = splitNames.map((split) => `${named(split)} ${bySplit[split] ?? 0}`).join("  ");
    lines.push(
      `  ${(named(name) || "(none)").padEnd(wide)} ${String(count).padStart(digits)} ${bar.padEnd(BAR)} ${parts}`.trimEnd(),
    );
  }
  lines.push(`imbalance   ${found.imbalance.toFixed(1)} : 1 (largest to smallest class)`);
  if (splitNames.length > 0)
    lines.push(`splits      ${splitNames.map((name) => `${named(name)} ${splits[name]}`).join(", ")}`);
  const shownSizes = sizes.slice(0, 5).map(({ width, height, count }) => `${width}x${height} (${count})`);
  if (sizes.length > 5) shownSizes.push(`${sizes.length - 5} more sizes`);
  lines.push(`sizes       ${shownSizes.join(", ")}`);
  const { grey, colour } = found.channels;
  lines.push(
    `channels    ${[colour > 0 ? `colour ${colour}` : "", grey > 0 ? `grey ${grey}` : ""].filter(Boolean).join(", ")}`,
  );
  if (found.masks > 0) lines.push(`masks       ${found.masks} of ${found.images}`);
  if (found.tones !== null) lines.push(...tonesText(found.tones, classes));
  if (patients !== null) {
    const { least, median, most } = patients.imagesPerPatient;
    lines.push(
      `patients    ${patients.count} (column ${named(String(found.columns.patient))}), images each: ${least} to ${most}, median ${median}`,
    );
  }
  if (found.missing.length > 0) {
    lines.push(`empty cells ${found.missing.map(({ column, count }) => `${named(column)} ${count}`).join(", ")}`);
  }
  const list = (title: string, items: readonly string[], total = items.length): void => {
    lines.push(`${title} ${total}`);
    for (const item of items.slice(0, SHOWN)) lines.push(`  ${item}`);
    if (total > SHOWN) lines.push(`  ... and ${total - SHOWN} more (--json lists them)`);
  };
  const marks = (finding: { acrossSplits: boolean; labelsDiffer: boolean }): string =>
    [finding.acrossSplits ? "across splits" : "", finding.labelsDiffer ? "classes differ" : ""]
      .filter(Boolean)
      .map((mark) => ` [${mark}]`)
      .join("");
  list(
    "exact duplicates:",
    found.exactDuplicates.map((group) => {
      const names = group.images.slice(0, 4).map(imageText).join(" = ");
      const rest = group.images.length > 4 ? ` and ${group.images.length - 4} more` : "";
      return names + rest + marks(group);
    }),
  );
  const between = found.nearDuplicates.filter(({ samePatient }) => !samePatient);
  const within = found.nearDuplicateCount - between.length;
  list(
    "near duplicates: ",
    between.map(
      (pair) =>
        `${pair.images.map(imageText).join(" ~ ")}, ${pair.distance} of 64 bits, correlation ${pair.correlation.toFixed(2)}${pair.transform === undefined ? "" : `, ${pair.transform}`}${marks(pair)}`,
    ),
  );
  if (within > 0) lines.push(`  and ${within} pairs within one patient (neighbouring slices look like this)`);
  if (found.partsNotSearched !== undefined) lines.push(...notSearchedText(found.partsNotSearched));
  if (found.flat.length > 0) list("images of a single value:", found.flat);
  if (found.patientLeaks.length > 0) {
    list(
      "patients in more than one split:",
      found.patientLeaks.map((leak) => `${named(leak.patient)} (${leak.splits.join(", ")})`),
    );
  }
  for (const warning of found.warnings) lines.push(`warning: ${warning}`);
  return lines.join("\n");
}

/** That near duplicates are not all there are, and what finds the others. */
function notSearchedText({ images, why, most, coreSeconds, command }: PartsNotSearched): string[] {
  const because = why === "asked" ? "as --no-parts says" : `since there are ${images} images, more than ${most}`;
  const time = coreSeconds < 90 ? `${coreSeconds} s` : `${Math.round(coreSeconds / 60)} min`;
  return [
    `not looked for: copies that were cropped, mirrored or turned, ${because}`,
    `  it takes about ${time} of one processor core more (longer for images that are much alike), shared by up to 8${command === undefined ? "" : `: ${command}`}`,
  ];
}

/** A table of tones by class, largest class first. */
function tonesText(
  { overall, byClass, column, estimated, notes }: NonNullable<Inspection["tones"]>,
  classes: Inspection["classes"],
) {
  const stated = column === null ? "" : `column ${named(column)}${estimated ? " (estimates among them)" : ""}`;
  const how = stated || (estimated ? "estimated by ITA" : "none stated");
  const names = classes.map(({ name }) => name);
  const rows = [["", ...TONE_NAMES], ...names.map((name) => [named(name) || "(none)", ...byClass[name]!.map(String)])];
  if (names.length > 1) rows.push(["all", ...overall.map(String)]);
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  const table = rows.map((row) =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join("  "),
  );
  return [`skin tones  ${how}`, ...table.map((line) => `  ${line}`), ...notes.map((note) => `  (${note})`)];
}

function imageText({ fileName, split }: ImageName): string {
  return split === undefined ? named(fileName) : `${named(fileName)} (${named(split)})`;
}
