import { basename } from "node:path";
import { counted } from "../../core/counted.ts";
import { GanglionError } from "../../core/errors.ts";
import { listed, quoted } from "../../core/quoted.ts";
import { joinLabels, type LabelTable } from "../dicom/join-labels.ts";
import { type Folders, foldersOf, levelNamed, splitAt } from "../layout/folders.ts";
import { type Level, levelText } from "../layout/levels.ts";
import { sortClasses } from "../names.ts";
import { type FoundVolume, type FoundVolumes, subsetOf, withoutSubsets } from "./find-volumes.ts";

/** Folders that somebody named for a role of volumes; empty for none. */
export interface VolumeFolders {
  /** Level of folders of the class (`folder_1`), empty for none. Defaults to what is found. */
  readonly label?: string | undefined;
  /** Level of the patient, empty for the names of the files. Defaults to what is found. */
  readonly patient?: string | undefined;
  /** Level of the split, empty for none. Defaults to what is found. */
  readonly split?: string | undefined;
  /** A table that says classes, and may say patients and splits, in place of folders; the three above are then not asked for. */
  readonly labels?: LabelTable | undefined;
  /** New name of each class, null for one whose volumes are left out; told the classes there are. Defaults to the names as they are. */
  readonly rename?: ((there: readonly string[]) => (label: string) => string | null) | undefined;
}

/** A volume with what its folders say of it. */
export interface LabelledVolume extends FoundVolume {
  /** Empty where there are no classes. */
  readonly label: string;
  readonly split: string | undefined;
}

/** What was found of a role of volumes. */
export interface VolumeRole {
  /** Level of folders that says it; null where there is none, or the names of files or `imagesTr` say it. */
  readonly level: Level | null;
  /** What says it, in words. */
  readonly how: string;
}

/** Volumes as they are understood before any is read. */
export interface UnderstoodVolumes {
  readonly root: string;
  readonly volumes: readonly LabelledVolume[];
  readonly label: VolumeRole;
  readonly patient: VolumeRole;
  readonly split: VolumeRole;
  /** Levels of folders that tell volumes apart. */
  readonly levels: readonly Level[];
  readonly notes: readonly string[];
}

/** The level that was named for a role; null for none, undefined where nobody said. @throws GanglionError `dataset` */
function asked(folders: Folders, root: string, role: string, name: string | undefined): Level | null | undefined {
  if (name === undefined) return undefined;
  if (name === "") return null;
  const level = levelNamed(folders, name);
  if (level !== null) return level;
  const there = folders.levels.length === 0 ? "there are none" : `there are ${listed(folders.levels.map(levelText))}`;
  throw new GanglionError(
    "dataset",
    `${root}: ${quoted(name)} is no level of folders of the volumes (--${role}); ${there}`,
  );
}

/** The outermost level of folders that are numbered or called after people, where each volume lies in one: ADNI, OASIS, BIDS. */
const peopleOf = ({ levels }: Folders): Level | null =>
  levels.find(({ role, values }) => role === "id" && !values.includes("")) ?? null;

/** Folders that are classes: several, with several patients each, since examinations have folders of their own too. */
function classesOf({ roles: { label } }: Folders, patients: number): Level | null {
  return label !== null && label.folders.length > 1 && patients >= 2 * label.folders.length ? label : null;
}

/** Splits by the ends of folders, as `imagesTr` and `imagesTs`; null where they are not of two splits. */
function subsetsOf(volumes: readonly FoundVolume[]): (string | undefined)[] | null {
  const found = volumes.map(({ path }) => subsetOf(path));
  return new Set(found).size > 1 && !found.includes(undefined) ? found : null;
}

/** Volumes with other names of their classes. @throws GanglionError `dataset` where none is left */
function renamed(volumes: readonly LabelledVolume[], root: string, rename: VolumeFolders["rename"]): LabelledVolume[] {
  const nameOf = rename?.(sortClasses(volumes.map(({ label }) => label)));
  if (nameOf === undefined) return [...volumes];
  const left = volumes.flatMap((volume): LabelledVolume[] => {
    const label = nameOf(volume.label);
    return label === null ? [] : [{ ...volume, label }];
  });
  if (left.length === 0 && volumes.length > 0)
    throw new GanglionError("dataset", `${root}: every class is left out (null); keep one at least`);
  return left;
}

/**
 * Says what volumes are by a table of labels, which names them by their file, folder or patient, or else by their folders.
 * @throws GanglionError `dataset` as {@link understandVolumes} and `joinLabels` do
 */
export async function labelledVolumes(found: FoundVolumes, said: VolumeFolders): Promise<UnderstoodVolumes> {
  if (said.labels === undefined) return understandVolumes(found, said);
  const { path } = said.labels;
  const plain = understandVolumes(found, { label: "" });
  const files = plain.volumes.map((volume) => ({
    ...volume,
    ...{ own: volume, patient: basename(volume.patient), instanceUid: "", series: "", study: "" },
  }));
  const { instances, notes } = await joinLabels(files, said.labels, "volumes");
  const joined = instances.map(({ own, label, patient, split }) => ({
    ...own,
    label,
    patient: patient.startsWith("\0") ? patient.slice(1) : own.patient,
    split: split ?? own.split,
  }));
  const how = `the table ${path}`;
  return {
    ...plain,
    volumes: renamed(joined, found.root, said.rename),
    label: { level: null, how },
    notes: [...plain.notes, ...notes],
  };
}

/** Says what the folders of volumes are: classes, patients and splits. @throws GanglionError `dataset` for a level that is not there */
export function understandVolumes(
  { root, volumes, orphans, replaced }: FoundVolumes,
  said: VolumeFolders,
): UnderstoodVolumes {
  const folders = foldersOf(volumes.map(({ path }) => withoutSubsets(path)));
  const notes: string[] = [];
  const people = asked(folders, root, "patient", said.patient);
  const patient = people === undefined ? peopleOf(folders) : people;
  const patientOf = (i: number) => (patient === null ? undefined : patient.values[i]) || volumes[i]!.patient;
  const patients = new Set(volumes.map((_, i) => patientOf(i))).size;
  notes.push(
    patient === null
      ? "the patients are the volumes (sequences of one examination are one), by the names of their files"
      : `the patients are the folders ${levelText(patient)}, whose volumes (visits, sequences) are of one`,
  );
  const named = asked(folders, root, "label", said.label);
  const label = named === undefined ? classesOf(folders, patients) : named;
  if (label !== null) notes.push(`the folders ${levelText(label)} are the classes`);
  const wanted = asked(folders, root, "split", said.split);
  const level = wanted === undefined ? folders.roles.split : wanted;
  const subsets = wanted === undefined && level === null ? subsetsOf(volumes) : null;
  if (level !== null) notes.push(`the folders ${levelText(level)} are the split`);
  if (subsets !== null) notes.push("the ends of the folders (Tr, Ts, Val) are the split");

  const labelled = renamed(
    volumes.map((volume, i) => ({
      ...volume,
      patient: patientOf(i),
      label: label?.values[i] ?? "",
      split: level === null ? subsets?.[i] : splitAt(level, i),
    })),
    root,
    said.rename,
  );
  if (orphans.length > 0)
    notes.push(
      `${counted(orphans.length, "mask belongs to no volume and is", "masks belong to no volume and are")} left out (${listed(orphans)})`,
    );
  if (replaced.length > 0)
    notes.push(
      `${counted(replaced.length, "mask was", "masks were")} corrected in another file, which is taken instead (${listed(replaced)})`,
    );
  return {
    root,
    volumes: labelled,
    label: { level: label, how: "folders" },
    patient: { level: patient, how: "the names of the files" },
    split: { level, how: subsets === null ? "none" : "the ends of the folders (Tr, Ts, Val)" },
    levels: folders.levels,
    notes,
  };
}
