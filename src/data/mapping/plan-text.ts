import { listed, named } from "../../core/quoted.ts";
import { ROLES, type Role } from "../layout/understood.ts";
import { MISSING_LABELS } from "../table/missing-labels.ts";
import type { Dataset } from "../types.ts";
import { MAPPING_VERSION, type Mapping } from "./mapping-file.ts";

/** What is said of an import besides the dataset. */
export type ImportSettings = Required<Pick<Mapping, "size" | "window" | "skipDamaged">>;

/** One key of a mapping as it is printed: with its value, or behind a comment where what is found holds. */
interface Entry {
  readonly key: keyof Mapping;
  /** Undefined where the key is only shown. */
  readonly value: unknown;
  readonly comment: string;
}

const WHAT: Readonly<Record<Role, string>> = {
  label: "class: a column, columns of 0 and 1 with commas, or folders (folder_1)",
  patient: "patient: a column or folders",
  split: "split: a column or folders",
  mask: "column that names the mask",
};

function roleEntry(role: Role, dataset: Dataset): Entry[] {
  const source = dataset.understood?.roles[role];
  if (source === undefined) return [];
  if ("derived" in source) return [{ key: role, value: undefined, comment: `${WHAT[role]}; found: ${source.derived}` }];
  return [{ key: role, value: source.column, comment: source.column === null ? `${WHAT[role]}; none` : WHAT[role] }];
}

function entriesOf(dataset: Dataset, settings: ImportSettings): Entry[] {
  const { understood, classes, samples, maskRule } = dataset;
  const entries: Entry[] = [{ key: "version", value: MAPPING_VERSION, comment: "of this form" }];
  if (understood !== undefined) {
    const { table, file, boxes, rules } = understood;
    const masks = samples.some(({ mask }) => mask !== undefined) || maskRule !== undefined;
    entries.push(
      { key: "table", value: table ?? undefined, comment: `table of the images; ${understood.comment}` },
      { key: "file", value: file ?? undefined, comment: "column that names the image of a row" },
      ...ROLES.flatMap((role) => roleEntry(role, dataset)),
      {
        key: "maskValues",
        value: rules.maskValues,
        comment: `values of masks that are lesion, e.g. [1, 2] or ["#ff0000"]; ${masks ? "found: see the notes" : "there are no masks"}`,
      },
      { key: "boxes", value: boxes, comment: "four columns: corners, or corner and size" },
      {
        key: "annotations",
        value: undefined,
        comment: "annotation file or folder of them, null for none; found by itself",
      },
      {
        key: "multiLabel",
        value: rules.multiLabel ?? "combination",
        comment: "images of several labels: combination, first, drop, majority or one:CLASS",
      },
      { key: "missing", value: rules.missing ?? MISSING_LABELS, comment: "labels that mean none" },
      { key: "uncertain", value: rules.uncertain ?? "zeros", comment: "findings of -1: zeros, ones or ignore" },
    );
  }
  if (!(classes.length === 1 && classes[0] === "")) {
    entries.push({
      key: "classes",
      value: Object.fromEntries(classes.map((name) => [name, name])),
      comment: "new names; the same name merges classes, null leaves their images out",
    });
  }
  entries.push(
    { key: "size", value: settings.size, comment: "pixels after the crop to a square; null: the own size" },
    {
      key: "window",
      value: settings.window,
      comment: '16-bit grey: values that become 0..255, {"center": 2048, "width": 4096}; null: the full range',
    },
    { key: "skipDamaged", value: settings.skipDamaged, comment: "leave out files that are missing or damaged" },
  );
  return entries;
}

/** The mapping of a dataset as it was understood, without comments. */
export function planOf(dataset: Dataset, settings: ImportSettings): Mapping {
  const stated = entriesOf(dataset, settings).filter(({ value }) => value !== undefined);
  return Object.fromEntries(stated.map(({ key, value }) => [key, value])) as Mapping;
}

/** Classes with how many images each has, one a line. */
function classLines({ classes, samples }: Dataset, end: string): string[] {
  const lines = classes.map((name, i) => {
    const count = samples.filter(({ label }) => label === name).length;
    const text = JSON.stringify(name);
    return `    ${text}: ${text}${i + 1 < classes.length ? "," : ""} // ${count} images`;
  });
  return ['  "classes": {', ...lines, `  }${end}`];
}

/** The mapping file of a dataset as it was understood: a comment before each key, keys without a value commented out. */
export function planText(dataset: Dataset, settings: ImportSettings, source: string): string {
  const entries = entriesOf(dataset, settings);
  const last = entries.findLast(({ value }) => value !== undefined)!.key;
  const lines = entries.flatMap(({ key, value, comment }) => {
    const before = `  // ${comment}`;
    if (value === undefined) return [before, `  // "${key}": `];
    const end = key === last ? "" : ",";
    if (key === "classes") return [before, ...classLines(dataset, end)];
    return [before, `  "${key}": ${JSON.stringify(value)}${end}`];
  });
  const head = [
    `// How ganglion import reads ${named(source)}: ${dataset.samples.length} images of ${listed(dataset.classes.map((name) => name || "one class without a name"))}.`,
    "// Edit it and give it back: ganglion import SRC OUT --mapping FILE. A key that is left out is found again; null is none.",
  ];
  return [...head, "{", ...lines, "}"].join("\n");
}
