import { counted } from "../../core/counted.ts";
import { listed } from "../../core/quoted.ts";
import type { DicomImportPlan } from "../dicom/import-dicom.ts";
import { ROLES, type Role } from "../layout/understood.ts";
import { MISSING_LABELS } from "../table/missing-labels.ts";
import type { Dataset, GreyWindow } from "../types.ts";
import { MAPPING_VERSION, type Mapping } from "./mapping-file.ts";
import { type Entry, mappingHead, mappingOf, mappingText } from "./plan-entries.ts";

/** What is said of an import besides the dataset. */
export interface ImportSettings extends Required<Pick<Mapping, "size" | "skipDamaged">> {
  readonly window: GreyWindow | null;
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
  return mappingOf(entriesOf(dataset, settings));
}

/** The mapping file of a dataset as it was understood: a comment before each key, keys without a value commented out. */
export function planText(dataset: Dataset, settings: ImportSettings, source: string): string {
  const { classes, samples } = dataset;
  const counts = new Map(classes.map((name) => [name, samples.filter(({ label }) => label === name).length]));
  const names = listed(classes.map((name) => name || "one class without a name"));
  return mappingText(
    entriesOf(dataset, settings),
    mappingHead(source, `${counted(samples.length, "image", "images")} of ${names}`),
    counts,
  );
}

/** What was asked of an import of DICOM, for its mapping. */
export interface DicomSettings extends Pick<Mapping, "labels" | "file" | "multiLabel" | "missing" | "uncertain"> {
  readonly label: string | null;
  readonly patient: string | null;
  readonly split: string | null | undefined;
  readonly boxes: Mapping["boxes"];
  readonly size: number | null;
  readonly window: Mapping["window"];
  readonly skipDamaged: boolean;
}

function dicomEntries(plan: DicomImportPlan, settings: DicomSettings): Entry[] {
  const { labels, file, label, patient, split, boxes, multiLabel, missing, uncertain } = settings;
  const joined = labels !== undefined;
  const stated = label ?? (joined ? undefined : null);
  return [
    { key: "version", value: MAPPING_VERSION, comment: "of this form" },
    { key: "labels", value: labels, comment: "table of labels, joined to the files; none where it is left out" },
    ...(joined
      ? ([{ key: "file", value: file, comment: "column of the table that names the files; found by itself" }] as const)
      : []),
    {
      key: "label",
      value: stated,
      comment: joined
        ? "column of the table with the class; found by itself"
        : "class: keyword of an attribute, folder for the first folder or folder_2 for a level of them; null: none",
    },
    {
      key: "patient",
      value: patient ?? undefined,
      comment: "patient: keyword of an attribute or column of the table; PatientID",
    },
    ...(joined
      ? ([
          { key: "split", value: split, comment: "column of the table with the split; found by itself" },
          {
            key: "boxes",
            value: boxes,
            comment: "four columns of the table: corners, or corner and size; found by themselves",
          },
          {
            key: "multiLabel",
            value: multiLabel ?? "combination",
            comment: "files of several labels: combination, first, drop, majority or one:CLASS",
          },
          { key: "missing", value: missing ?? MISSING_LABELS, comment: "labels that mean none" },
          { key: "uncertain", value: uncertain ?? "zeros", comment: "findings of -1: zeros, ones or ignore" },
        ] as const)
      : []),
    ...(Object.keys(plan.perClass).some((name) => name !== "")
      ? ([
          {
            key: "classes",
            value: Object.fromEntries(Object.keys(plan.perClass).map((name) => [name, name])),
            comment: "new names; the same name merges classes, null leaves their images out",
          },
        ] as const)
      : []),
    { key: "size", value: settings.size, comment: "pixels after the crop to a square; null: the own size" },
    {
      key: "window",
      value: settings.window ?? null,
      comment:
        'values that become 0..255, {"center": 40, "width": 400} or the name of a window; null: what each file says',
    },
    { key: "skipDamaged", value: settings.skipDamaged, comment: "leave out files that are damaged" },
  ];
}

/** The mapping of a folder of DICOM as it was understood, without comments. */
export function dicomPlanOf(plan: DicomImportPlan, settings: DicomSettings): Mapping {
  return mappingOf(dicomEntries(plan, settings));
}

/** The mapping file of a folder of DICOM: what was understood and left out as comments, then as {@link planText}. */
export function dicomPlanText(plan: DicomImportPlan, settings: DicomSettings, source: string): string {
  const names = listed(Object.keys(plan.perClass).map((name) => name || "one class without a name"));
  const found = `DICOM, ${plan.images} images of ${names}; ${plan.patients} patients, ${plan.studies} studies`;
  const said = [...plan.understood, ...plan.notes].map((line) => `// ${line}`);
  const counts = new Map(Object.entries(plan.perClass));
  return mappingText(dicomEntries(plan, settings), [...mappingHead(source, found), ...said], counts);
}
