import { listed, named } from "../../core/quoted.ts";
import { isMissingLabel, MISSING_LABELS, missingNote } from "../table/missing-labels.ts";
import { flagOf, type OneHot, setFlags, type UncertainPolicy } from "../table/one-hot.ts";
import { findJoined, type MultiLabelPolicy, oneLabel, severalNote } from "../table/several-labels.ts";

/** Labels of the images, and what was made of those with none or several. */
export interface ImageLabels {
  /** Class of each image; null where the image is left out. */
  readonly labels: readonly (string | null)[];
  /** All labels of each image, joined by `|`, where some have several and one was chosen; else null. */
  readonly all: readonly string[] | null;
  readonly notes: readonly string[];
  /** How many images have no label and are left out, in words; undefined where all have one. */
  readonly unlabelled?: string;
}

export interface LabelRules {
  /** Undefined where nobody chose one: a class for each combination. */
  readonly multiLabel: MultiLabelPolicy | undefined;
  readonly missing: readonly string[] | undefined;
  readonly uncertain: UncertainPolicy | undefined;
}

/** One class an image of the labels that it has; null where it has none or the policy leaves it out. */
function choose(
  found: readonly (readonly string[] | null)[],
  how: string,
  { multiLabel }: LabelRules,
): Omit<ImageLabels, "notes"> & { notes: string[] } {
  const several = found.filter((labels) => labels !== null && new Set(labels).size > 1).length;
  const policy = multiLabel ?? "combination";
  const labels = found.map((own) => (own === null || own.length === 0 ? null : oneLabel(own, policy)));
  if (several === 0 && !policy.startsWith("one:")) return { labels, all: null, notes: [] };
  const classes = [...new Set(labels.filter((label) => label !== null))].sort();
  return {
    labels,
    all: policy === "combination" ? null : found.map((own) => [...new Set(own ?? [])].join("|")),
    notes: [severalNote(several, how, policy, classes, multiLabel !== undefined)],
  };
}

/**
 * Labels of a column.
 * @param cells Cells of the rows of each image.
 */
export function columnLabels(cells: readonly (readonly string[])[], column: string, rules: LabelRules): ImageLabels {
  const missing = (rules.missing ?? MISSING_LABELS).map((word) => word.trim().toLowerCase());
  const trimmed = cells.map((own) => own.map((cell) => cell.trim()));
  const joined = findJoined(trimmed.flat());
  const words = new Map<string, number>();
  const found = trimmed.map((own) => {
    const parts = own.flatMap((cell) => (joined === null ? [cell] : joined.parts(cell)));
    const labels = parts.filter((part) => !isMissingLabel(part, missing));
    if (labels.length === 0) words.set(own[0] ?? "", (words.get(own[0] ?? "") ?? 0) + 1);
    return labels.length === 0 ? null : labels;
  });
  const { notes, ...chosen } = choose(found, joined?.how ?? "rows of one image with different labels", rules);
  if (words.size === 0) return { ...chosen, notes };
  const unlabelled = missingNote(words, column);
  return { ...chosen, notes: [...notes, unlabelled], unlabelled };
}

/** Class of a row in whose columns of 0 and 1 there is no 1. */
const NEGATIVE = "negative";

/**
 * Labels of columns of 0 and 1; a row without a 1 is of the class `negative`, one whose cells are all empty has no label.
 * @param cells Cells of those columns in the rows of each image.
 */
export function oneHotLabels(
  cells: readonly (readonly (readonly string[])[])[],
  { columns }: OneHot,
  rules: LabelRules,
): ImageLabels {
  const uncertain = rules.uncertain ?? "zeros";
  let negative = 0;
  let doubted = 0;
  let empty = 0;
  const found = cells.map((rows) => {
    if (rows.every((row) => row.every((cell) => cell.trim() === ""))) {
      empty++;
      return null;
    }
    if (rows.some((row) => row.some((cell) => flagOf(cell) === "uncertain"))) doubted++;
    const set = rows.map((row) => setFlags(columns, row, uncertain));
    if (set.some((names) => names === null)) return null;
    const names = set.flat() as string[];
    if (names.length > 0) return names;
    negative++;
    return [NEGATIVE];
  });
  const { notes, ...chosen } = choose(found, `1 in several of ${columns.length} columns`, rules);
  if (negative > 0)
    notes.push(`${negative} images have no 1 in the columns ${named(listed(columns))}; their class is "${NEGATIVE}"`);
  if (doubted > 0) {
    const done = { zeros: "count as not found", ones: "count as found", ignore: "are left out" }[uncertain];
    notes.push(
      `${doubted} images have uncertain findings (-1), which ${done}; choose with --uncertain zeros, ones or ignore`,
    );
  }
  if (empty > 0) notes.push(`${empty} images have no label (all columns of 0 and 1 are empty) and are left out`);
  return { ...chosen, notes };
}
