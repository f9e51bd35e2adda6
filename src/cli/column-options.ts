import type { Command } from "commander";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import type { ColumnOptions } from "../data/columns.ts";
import { MASK_VALUES_RULE, parseMaskValues } from "../data/masks/mask-values.ts";
import { UNCERTAIN_POLICIES } from "../data/table/one-hot.ts";
import { isMultiLabelPolicy } from "../data/table/several-labels.ts";
import { oneOf } from "./options.ts";

/** Declares the options that say how a folder of images and its table are to be read. */
export function addColumnOptions(command: Command): Command {
  return command
    .option("--table <FILE>", "table of the images, where a folder has several (default: the one that names them)")
    .option("--file <COL>", "column that names the image of a row (default: file_name, else found)")
    .option("--split <COL>", "column with the split (default: dataset.json, else guessed)")
    .option("--mask <COL>", "column that names the mask (default: dataset.json, else guessed)")
    .option(
      "--mask-values <LIST>",
      "values of masks that are lesion: numbers, or colours as #rrggbb (default: dataset.json, else found)",
    )
    .option(
      "--boxes <COLS>",
      "four columns of boxes, e.g. x_min,y_min,x_max,y_max or x,y,width,height (default: guessed)",
    )
    .option(
      "--multi-label <POLICY>",
      "images of several labels: combination, first, drop, majority or one:CLASS (default: combination)",
    )
    .option("--missing <LIST>", "labels that mean none, with commas (default: nan,na,n/a,none,null)")
    .option("--uncertain <POLICY>", `findings of -1: ${UNCERTAIN_POLICIES.join(", ")} (default: zeros)`);
}

/** What {@link addColumnOptions} declares, with the columns of class and patient. */
export const columnOptions = {
  table: z.string().optional(),
  file: z.string().optional(),
  label: z.string().optional(),
  patient: z.string().optional(),
  split: z.string().optional(),
  mask: z.string().optional(),
  maskValues: z
    .string()
    .refine((text) => parseMaskValues(text) !== null, { error: MASK_VALUES_RULE })
    .optional(),
  boxes: z.string().optional(),
  multiLabel: z
    .string()
    .refine(isMultiLabelPolicy, { error: "use combination, first, drop, majority or one:CLASS" })
    .optional(),
  missing: z.string().optional(),
  uncertain: oneOf(UNCERTAIN_POLICIES).optional(),
};

type Given = z.infer<z.ZodObject<typeof columnOptions>>;

/** The options as the data layer takes them. */
export function readColumnOptions({ table, file, label, patient, split, mask, boxes, ...rules }: Given): ColumnOptions {
  const { multiLabel, missing, uncertain } = rules;
  const maskValues = rules.maskValues === undefined ? undefined : (parseMaskValues(rules.maskValues) ?? undefined);
  return {
    table,
    file,
    label,
    patient,
    split,
    mask,
    maskValues,
    boxes,
    multiLabel,
    uncertain,
    missing: missing?.split(","),
  };
}

/** Flags of {@link addColumnOptions} by the names of their options. */
const FLAGS = [
  ["table", "--table"],
  ["file", "--file"],
  ["split", "--split"],
  ["mask", "--mask"],
  ["maskValues", "--mask-values"],
  ["boxes", "--boxes"],
  ["multiLabel", "--multi-label"],
  ["missing", "--missing"],
  ["uncertain", "--uncertain"],
] as const;

/** @throws GanglionError `usage` for an option that says something of a table, of which there is none */
export function refuseColumnOptions(options: Given, source: string, what: string): void {
  for (const [key, flag] of FLAGS) {
    if (options[key] === undefined) continue;
    throw new GanglionError("usage", `${flag} is for folders of images, and ${source} is ${what}; leave it out`);
  }
}
