import { GanglionError } from "../../core/errors.ts";
import { listed } from "../../core/quoted.ts";
import { columnNames, type Dataset, FILE_NAME } from "../../data/index.ts";

/** What an attribute is, which decides how its cells are read; `other` cells are taken as they are. */
export type AttributeKind = "sex" | "age" | "site" | "tone" | "other";

/** A column of the real dataset whose groups of images are looked at one by one. */
export interface AttributeColumn {
  readonly column: string;
  readonly kind: AttributeKind;
}

/** Names under which public collections keep each attribute, most telling first; tones have a role of their own. */
const COMMON_NAMES: Readonly<Record<"sex" | "age" | "site", readonly string[]>> = {
  sex: ["sex", "gender", "patient_sex", "patientsex"],
  age: ["age", "age_approximate", "age_approx", "patient_age", "patientage", "age_years", "age_band", "age_group"],
  site: [
    "localization",
    "anatom_site_general",
    "anatom_site_general_challenge",
    "anatomical_site",
    "anatomic_site",
    "body_site",
    "site",
    "location",
    "body_part",
    "body_part_examined",
    "bodypartexamined",
    "region",
  ],
};

const GUESSED = ["sex", "age", "site"] as const;

/** Columns that play no other role. */
function freeColumns(dataset: Dataset): string[] {
  const { label, patient, split, mask, box, tone } = dataset.columns;
  const taken = new Set([FILE_NAME, label, patient, split, mask, tone, ...(box ?? [])]);
  return columnNames(dataset).filter((name) => !taken.has(name));
}

function guessed(dataset: Dataset, kind: "sex" | "age" | "site"): string | undefined {
  const free = freeColumns(dataset);
  for (const name of COMMON_NAMES[kind]) {
    const found = free.find((column) => column.toLowerCase() === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function kindOf(column: string, dataset: Dataset): AttributeKind {
  if (column === dataset.columns.tone) return "tone";
  return GUESSED.find((kind) => COMMON_NAMES[kind].includes(column.toLowerCase())) ?? "other";
}

/**
 * Attributes of the real dataset: sex, age, site and tone where a column has one of their common names, then the columns
 * named by `by`.
 * @throws GanglionError `dataset` that lists every named column that is not there, with those that are
 */
export function findAttributes(dataset: Dataset, by: readonly string[] = []): AttributeColumn[] {
  const names = columnNames(dataset);
  const missing = by.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    throw new GanglionError(
      "dataset",
      `--by ${missing.join(", --by ")}: ${dataset.root} has no such column; the columns are ${listed(names)}`,
    );
  }
  const found = GUESSED.flatMap((kind): AttributeColumn[] => {
    const column = guessed(dataset, kind);
    return column === undefined ? [] : [{ column, kind }];
  });
  const { tone } = dataset.columns;
  if (tone !== undefined) found.push({ column: tone, kind: "tone" });
  const further = [...new Set(by)].filter((column) => !found.some((attribute) => attribute.column === column));
  return [...found, ...further.map((column) => ({ column, kind: kindOf(column, dataset) }))];
}

/** Column of another dataset that states the same attribute: of the same name, else one of the common names. */
export function matchingColumn(dataset: Dataset, { column, kind }: AttributeColumn): string | null {
  if (columnNames(dataset).includes(column)) return column;
  if (kind === "other") return null;
  return (kind === "tone" ? dataset.columns.tone : guessed(dataset, kind)) ?? null;
}
