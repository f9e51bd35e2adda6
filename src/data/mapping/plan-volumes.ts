import { counted } from "../../core/counted.ts";
import { listed } from "../../core/quoted.ts";
import { levelText } from "../layout/levels.ts";
import { sortClasses } from "../names.ts";
import type { Plane } from "../volumes/slices.ts";
import type { UnderstoodVolumes, VolumeRole } from "../volumes/understand-volumes.ts";
import { MAPPING_VERSION, type Mapping } from "./mapping-file.ts";
import { type Entry, mappingHead, mappingOf, mappingText } from "./plan-entries.ts";

/** What was asked of an import of volumes, for its mapping. */
export interface VolumeSettings extends Pick<Mapping, "window" | "file" | "multiLabel" | "missing" | "uncertain"> {
  readonly axis: Plane;
  /** Table of labels; undefined for none. */
  readonly labels: string | undefined;
  /** Roles that somebody named; undefined where they are found. */
  readonly label: string | null | undefined;
  readonly patient: string | null | undefined;
  readonly split: string | null | undefined;
  readonly size: number | null;
  readonly skipDamaged: boolean;
}

/** A table of labels and the rules for it that somebody named. */
function tableEntries({ labels, file, multiLabel, missing, uncertain }: VolumeSettings): Entry[] {
  const stated = (key: "multiLabel" | "missing" | "uncertain", value: Entry["value"]): Entry[] =>
    value === undefined ? [] : [{ key, value, comment: "of the table of labels" }];
  return [
    { key: "labels", value: labels, comment: "table of labels; label, patient and split are its columns" },
    ...(file === undefined
      ? []
      : [{ key: "file", value: file, comment: "its column that names the volumes" } as const]),
    ...stated("multiLabel", multiLabel),
    ...stated("missing", missing),
    ...stated("uncertain", uncertain),
  ];
}

function entriesOf(found: UnderstoodVolumes, settings: VolumeSettings): Entry[] {
  const role = (key: "label" | "patient" | "split", none: string): Entry => {
    const { level, how }: VolumeRole = found[key];
    const value = settings[key] === undefined ? level?.name : settings[key];
    const levels = found.levels.length === 0 ? "there are no folders to choose" : listed(found.levels.map(levelText));
    return { key, value, comment: `${none}; ${level === null ? `found: ${how}; ` : ""}folders: ${levels}` };
  };
  const classes = sortClasses(found.volumes.map(({ label }) => label));
  return [
    { key: "version", value: MAPPING_VERSION, comment: "of this form" },
    { key: "axis", value: settings.axis, comment: "plane of the slices: axial, coronal or sagittal" },
    ...(settings.labels === undefined ? [] : tableEntries(settings)),
    role("label", "class: a level of folders; null: none"),
    role("patient", "patient: a level of folders; null: the names of the files"),
    role("split", "split: a level of folders; null: none"),
    ...(classes.some((name) => name !== "")
      ? ([
          {
            key: "classes",
            value: Object.fromEntries(classes.map((name) => [name, name])),
            comment: "new names; the same name merges classes, null leaves their volumes out",
          },
        ] as const)
      : []),
    { key: "size", value: settings.size, comment: "pixels after the crop to a square; null: the own size" },
    {
      key: "window",
      value: settings.window ?? null,
      comment:
        'values that become 0..255, {"center": 40, "width": 400} or a window of CT by name; null: all of each volume',
    },
    { key: "skipDamaged", value: settings.skipDamaged, comment: "leave out volumes that are damaged" },
  ];
}

/** The mapping of volumes as they were understood, without comments. */
export const volumesPlanOf = (found: UnderstoodVolumes, settings: VolumeSettings): Mapping =>
  mappingOf(entriesOf(found, settings));

/** The mapping file of volumes: what was understood as comments, then a key a line. No volume is read for it. */
export function volumesPlanText(found: UnderstoodVolumes, settings: VolumeSettings, source: string): string {
  const { volumes, notes } = found;
  const masked = volumes.filter(({ masks }) => masks.length > 0).length;
  const patients = new Set(volumes.map(({ patient }) => patient)).size;
  const what = `NIfTI, ${counted(volumes.length, "volume", "volumes")} (${masked} with masks) of ${counted(patients, "patient", "patients")}`;
  const counts = new Map<string, number>();
  for (const name of sortClasses(volumes.map(({ label }) => label))) counts.set(name, 0);
  for (const { label } of volumes) counts.set(label, counts.get(label)! + 1);
  const head = [...mappingHead(source, what), ...notes.map((line) => `// ${line}`)];
  return mappingText(entriesOf(found, settings), head, counts, "volumes");
}
