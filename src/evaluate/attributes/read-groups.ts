import { columnValue, type Dataset } from "../../data/index.ts";
import type { EvaluatedSets } from "../datasets.ts";
import { type AttributeColumn, findAttributes, matchingColumn } from "./attribute-columns.ts";
import { cellReader, sortGroups } from "./attribute-values.ts";

/** Most groups of one attribute; what is beyond are the smallest ones, which are counted and not compared. */
const MAX_GROUPS = 12;

/** Images of the sets by the groups of one attribute. */
export interface AttributeGroups {
  /** Column of the real dataset. */
  readonly column: string;
  /** Names of groups of the real images, in their natural order; at most {@link MAX_GROUPS}. */
  readonly values: readonly string[];
  /** Group per real image, index into `values`; -1 where it is unstated or beyond the most. */
  readonly real: Int16Array;
  /** The same of the synthetic images; null where the synthetic set does not state the attribute. */
  readonly synthetic: Int16Array | null;
  /** The same of the held-out images; null where there are none or they do not state it. */
  readonly holdout: Int16Array | null;
  /** Names of real groups that are left out, the smallest ones. */
  readonly leftOut: readonly string[];
}

/** Group of each image by one column; null where no image states one. */
function namesOf(
  dataset: Dataset,
  column: string | null,
  read: (cell: string) => string | null,
): (string | null)[] | null {
  if (column === null) return null;
  const names = dataset.samples.map((sample) => read(columnValue(dataset, sample, column) ?? ""));
  return names.some((name) => name !== null) ? names : null;
}

function readAttribute(sets: EvaluatedSets, attribute: AttributeColumn): AttributeGroups | null {
  const { real, synthetic, holdout } = sets;
  const cells = real.dataset.samples.map((sample) => columnValue(real.dataset, sample, attribute.column) ?? "");
  const { read, order } = cellReader(attribute.kind, cells);
  const counts = new Map<string, number>();
  const own = cells.map(read);
  for (const name of own) if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  if (counts.size === 0) return null;
  const largest = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([name]) => name);
  const values = sortGroups(largest.slice(0, MAX_GROUPS), order);
  const places = new Map(values.map((name, i) => [name, i]));
  const placed = (names: readonly (string | null)[] | null): Int16Array | null =>
    names === null ? null : Int16Array.from(names, (name) => (name === null ? -1 : (places.get(name) ?? -1)));
  const other = ({ dataset }: EvaluatedSets["real"]) =>
    placed(namesOf(dataset, matchingColumn(dataset, attribute), read));
  return {
    column: attribute.column,
    values,
    real: placed(own) as Int16Array,
    synthetic: other(synthetic),
    holdout: holdout === null ? null : other(holdout),
    leftOut: largest.slice(MAX_GROUPS),
  };
}

/**
 * Groups of the images by sex, age, site and tone, where the real dataset states them, and by the columns `by`.
 * @throws GanglionError `dataset` for a column that is not there
 */
export function readGroups(sets: EvaluatedSets, by: readonly string[] = []): AttributeGroups[] {
  const found = findAttributes(sets.real.dataset, by).map((attribute) => readAttribute(sets, attribute));
  return found.filter((groups) => groups !== null);
}
