import { readFile } from "node:fs/promises";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { parseJsonWithComments } from "../../core/json-with-comments.ts";
import { quoted } from "../../core/quoted.ts";
import { schemaProblems, schemaText } from "../../core/schema-problems.ts";
import type { ColumnOptions } from "../columns.ts";
import { maskValuesSchema } from "../masks/mask-values.ts";
import { UNCERTAIN_POLICIES } from "../table/one-hot.ts";
import { isMultiLabelPolicy } from "../table/several-labels.ts";
import { PLANES } from "../volumes/slices.ts";

/** Version of mapping files that this program writes and reads. */
export const MAPPING_VERSION = 1;

const role = (what: string) =>
  z.string().min(1).nullable().optional().describe(`${what}; null for none. Defaults to what is found.`);

/** `import --mapping FILE`, version 1; `docs/mapping.schema.json` is made from it. */
const mappingSchema = z.strictObject({
  $schema: z.string().optional().describe("Ignored; editors find docs/mapping.schema.json by it."),
  version: z.literal(MAPPING_VERSION).describe("Version of this form."),
  table: z.string().min(1).optional().describe("Table that names the images. Defaults to the tables that are found."),
  labels: z
    .string()
    .min(1)
    .optional()
    .describe("DICOM and NIfTI: table of labels that is joined to the files, as --labels. Defaults to none."),
  file: z.string().min(1).optional().describe("Column that names the image of a row. Defaults to what is found."),
  label: role("Column of the class, columns of 0 and 1 with commas between, or a level of folders (folder_2)"),
  patient: role("Column or level of folders of the patient"),
  split: role("Column or level of folders of the split"),
  mask: role("Column that names the mask"),
  maskValues: maskValuesSchema
    .optional()
    .describe("Values of masks that are lesion: numbers, or colours as #rrggbb. Defaults to those that are found."),
  boxes: z
    .tuple([z.string(), z.string(), z.string(), z.string()])
    .nullable()
    .optional()
    .describe("Four columns: corners, or corner and size by their names; null for none. Defaults to what is found."),
  annotations: z
    .string()
    .min(1)
    .nullable()
    .optional()
    .describe("Annotation file, or folder of them, from the source; null for none. Defaults to what is found."),
  multiLabel: z
    .string()
    .refine(isMultiLabelPolicy, { error: "use combination, first, drop, majority or one:CLASS" })
    .optional()
    .describe("Images of several labels: combination, first, drop, majority or one:CLASS. Defaults to combination."),
  missing: z.array(z.string()).optional().describe("Labels that mean none. Defaults to nan, na, n/a, none, null."),
  uncertain: z.enum(UNCERTAIN_POLICIES).optional().describe("What findings of -1 count as. Defaults to zeros."),
  classes: z
    .record(z.string(), z.string().trim().min(1).nullable())
    .optional()
    .describe(
      "New name of a class by its name; one name for several merges them, null leaves the images out. Defaults to the names as they are.",
    ),
  size: z
    .number()
    .int()
    .min(1)
    .max(4096)
    .nullable()
    .optional()
    .describe("Width and height in pixels after the crop to a square; null for the own size. Defaults to null."),
  window: z
    .union([z.strictObject({ center: z.number(), width: z.number().positive() }), z.string().min(1)])
    .nullable()
    .optional()
    .describe(
      "Values of 16-bit grey, DICOM or NIfTI that become 0..255, for DICOM also the name of a window, for NIfTI one of CT by name; null for the full range, or what each DICOM file says. Defaults to null.",
    ),
  axis: z
    .enum(PLANES)
    .optional()
    .describe("NIfTI: plane of the slices, axial, coronal or sagittal. Defaults to axial."),
  skipDamaged: z.boolean().optional().describe("Leaves out files that are missing or damaged. Defaults to false."),
});

/** What a mapping file says. */
export type Mapping = z.infer<typeof mappingSchema>;

/** JSON schema of mapping files, as `docs/mapping.schema.json` has it. */
export function mappingJsonSchema(): Record<string, unknown> {
  const title = `Mapping of ganglion import, version ${MAPPING_VERSION}`;
  return { title, ...(z.toJSONSchema(mappingSchema, { io: "input" }) as Record<string, unknown>) };
}

/** Checks the text of a mapping. @param path Its file, for messages. @throws GanglionError `usage`, one line */
function parseMapping(text: string, path: string): Mapping {
  const stated = parseJsonWithComments(text, path);
  const version = (stated as { version?: unknown } | null)?.version;
  if (typeof version === "number" && version > MAPPING_VERSION) {
    const message = `${path}: this mapping is of version ${version}, and this Ganglion reads version ${MAPPING_VERSION}; update Ganglion, or write a new one with import --plan`;
    throw new GanglionError("usage", message);
  }
  const found = mappingSchema.safeParse(stated);
  if (found.success) return found.data;
  const problems = schemaProblems(mappingSchema, found.error, stated, "mapping");
  throw new GanglionError("usage", `${path}: ${schemaText(mappingSchema, found.error, stated, "mapping")}`, {
    problems,
  });
}

/** Reads a mapping file. @throws GanglionError `files` where it cannot be read, `usage` for what it says */
export async function readMapping(path: string): Promise<Mapping> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw fileError("read", path, cause);
  });
  return parseMapping(text, path);
}

const orNone = (value: string | null | undefined): string | undefined => (value === null ? "" : value);

/** What a mapping says of tables and columns, as a reader takes it. @param path Its file, for messages. */
export function mappingOptions(mapping: Mapping, path: string): ColumnOptions {
  const { table, file, label, patient, split, mask, maskValues, boxes, multiLabel, missing, uncertain } = mapping;
  return {
    table,
    file,
    label: orNone(label),
    patient: orNone(patient),
    split: orNone(split),
    mask: orNone(mask),
    maskValues,
    boxes: boxes === null ? [] : boxes,
    annotations: orNone(mapping.annotations),
    multiLabel,
    missing,
    uncertain,
    skipDamaged: mapping.skipDamaged,
    origin: quoted(path),
  };
}
