import { counted } from "../../core/counted.ts";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { listed, named, quoted } from "../../core/quoted.ts";
import { DERIVED_LABEL, listColumns, METADATA } from "../columns.ts";
import { checkClasses, sortClasses } from "../names.ts";
import { mapLimited } from "../parallel.ts";
import { IMPORT_FIRST } from "../readers/reader.ts";
import type { Columns, Sample } from "../types.ts";
import { type FolderRoles, folderRoles } from "./folder-roles.ts";
import { type Folders, foldersOf, levelNamed, splitAt } from "./folders.ts";
import { READ_KINDS } from "./image-kinds.ts";
import { type Level, levelText } from "./levels.ts";
import { Locator } from "./locate.ts";
import { type LayoutReaders, otherImages, type Read, type Reading } from "./reading.ts";
import { rulesOf, sourcesOf } from "./role-sources.ts";
import type { Role } from "./understood.ts";
import { leftOutNote } from "./walk.ts";

/** Throws the readings between which nobody has chosen. */
function refuseReadings({ root }: Reading, { readings }: FolderRoles): void {
  if (readings.length === 0) return;
  const lines = readings.map((line) => `  ${line}`);
  const message = `${root}: the folders can be read in ${readings.length === 1 ? "a way that is doubtful" : "several ways"}, and none is chosen by itself; say which (with inspect or import, or "label" in dataset.json):`;
  throw new GanglionError("dataset", [message, ...lines].join("\n"), {
    problems: [{ code: "several-readings", path: root, message: readings.join("; or ") }],
  });
}

/** Reads images whose folders are the splits, classes and patients. */
export async function readFolders(reading: Reading, readers: LayoutReaders): Promise<Read> {
  const { root, options, description, look, notes, problems, headline } = reading;
  const { images, tree, masksOf, notes: maskNotes } = await look();
  if (images.length === 0) {
    const { text, canBeImported } = await otherImages(reading);
    const advice =
      "give a folder with metadata.csv, a folder with one sub-folder of images for each class, or an .npz file";
    if (canBeImported) problems.push({ code: IMPORT_FIRST, path: root, message: text.replace(/^; /, "") });
    else
      problems.push({ code: "no-images", path: root, message: `no ${READ_KINDS} image was found; ${advice}${text}` });
  }
  const folders = foldersOf(images);
  const { levels } = folders;
  const taken = [
    options.label,
    options.patient,
    options.split,
    description.label,
    description.patient,
    description.split,
  ];
  // What is said of some levels leaves the others to be understood.
  const roles = folderRoles({ ...folders, levels: levels.filter(({ name }) => !taken.includes(name)) });
  const asked: { -readonly [K in "label" | "patient" | "split"]?: Level | null } = {};
  for (const role of ["label", "patient", "split", "file", "mask", "boxes"] as const) {
    const wanted = role === "boxes" ? options.boxes : (options[role] ?? description[role]);
    if (wanted === undefined || (wanted.length === 0 && role === "boxes")) continue;
    if (wanted === "" && role !== "file" && role !== "boxes") {
      if (role !== "mask") asked[role] = null;
      continue;
    }
    const level = typeof wanted === "string" ? levelNamed(folders, wanted) : null;
    if (role !== "file" && role !== "mask" && role !== "boxes" && (level !== null || wanted === role)) {
      asked[role] = level ?? roles[role];
      continue;
    }
    const message = `there is no column ${quoted(wanted)} (${options.origin ?? `--${role}`}): the folder has no ${METADATA}, its sub-folders are the classes; ${listColumns(["label", "split", ...levels.map(({ name }) => name)])}`;
    problems.push({ code: "missing-column", path: root, message });
  }
  throwIfProblems("dataset", headline, problems);
  const chosen = { ...roles, ...asked };
  if (asked.label == null && options.label !== "") refuseReadings(reading, roles);
  // A level has one role; what was asked for comes first.
  const label = chosen.label === asked.patient || chosen.label === asked.split ? (asked.label ?? null) : chosen.label;
  const split = chosen.split === label ? null : chosen.split;
  const patient = chosen.patient === label || chosen.patient === split ? null : chosen.patient;
  const ofLabel = asked.label?.name === options.label ? options.label : undefined;
  const columns: Columns = {
    ...(label === null ? {} : { label: ofLabel ?? DERIVED_LABEL }),
    ...(split === null ? {} : { split: "split" }),
    ...(patient === null ? {} : { patient: "patient" }),
    ...(masksOf.size === 0 || options.mask === "" ? {} : { mask: "mask_file_name" }),
  };
  const others = levels.filter((level) => level !== label && level !== split && level !== patient);
  const without: string[] = [];
  const samples: Sample[] = [];
  for (const fileName of images) {
    const at = folders.at(fileName);
    const value = label === null ? "" : label.values[at]!;
    if (label !== null && value === "") {
      without.push(fileName);
      continue;
    }
    const ofSplit = split === null ? undefined : splitAt(split, at);
    const ofPatient = patient?.values[at] || undefined;
    const [mask, ...moreMasks] = options.mask === "" ? [] : (masksOf.get(fileName) ?? []);
    samples.push({
      fileName,
      label: value,
      ...(ofPatient === undefined ? {} : { patient: ofPatient }),
      ...(ofSplit === undefined ? {} : { split: ofSplit }),
      ...(mask === undefined ? {} : { mask }),
      ...(moreMasks.length === 0 ? {} : { moreMasks }),
      attributes: Object.fromEntries(others.map((level) => [level.name, level.values[at]!])),
    });
  }
  checkWithoutClass(reading, without, samples, split, folders);
  const checked = await checkFiles(reading, samples);
  const classes = sortClasses(checked.map((sample) => sample.label));
  problems.push(...checkClasses(classes, root));
  throwIfProblems("dataset", headline, problems);
  if (label === null)
    notes.push(`no ${METADATA} and no folders of classes: all images are of one class without a name`);
  else notes.push(`no ${METADATA}: the sub-folders are the classes${split === null ? "" : ", within the splits"}`);
  if (levels.length > 1 && label !== null) notes.push(rolesText(label, split, patient));
  if (classes.length === 1 && label !== null) notes.push(`there is only one class, ${named(classes[0]!)}`);
  notes.push(...(asked.label == null ? roles.notes : []), ...maskNotes);
  const left = leftOutNote(tree.others);
  if (left !== null) notes.push(left);
  const levelOf = { label, split, patient };
  const derived = (role: Role): string => {
    if (role === "mask") return "masks by their names";
    const level = levelOf[role];
    return level === null ? "the folders" : `the folders ${levelText(level)}`;
  };
  const understood = {
    table: null,
    file: null,
    roles: sourcesOf([], options, description, columns, derived),
    boxes: null,
    comment: levels.length === 0 ? "all images are in one folder" : `folders: ${levels.map(levelText).join("; ")}`,
    rules: rulesOf(options, description),
  };
  return { reader: readers.folders, columns, classes, samples: checked, understood };
}

function rolesText(label: Level, split: Level | null, patient: Level | null): string {
  const parts = [`${levelText(label)} is the class`];
  if (split !== null) parts.push(`${levelText(split)} the split`);
  if (patient !== null) parts.push(`${levelText(patient)} the patient`);
  return `of the folders ${parts.join(", ")}`;
}

/** Images that lie beside the folders of classes: left out where they are whole splits without classes, else a problem. */
function checkWithoutClass(
  { root, notes, problems }: Reading,
  without: readonly string[],
  samples: readonly Sample[],
  split: Level | null,
  folders: Folders,
): void {
  if (without.length === 0) return;
  const splits = new Set(without.map((path) => (split === null ? undefined : splitAt(split, folders.at(path)))));
  if (!splits.has(undefined) && samples.length > 0 && !samples.some((sample) => splits.has(sample.split))) {
    notes.push(
      `${counted(without.length, "image", "images")} of ${listed([...splits] as string[])} ${without.length === 1 ? "has no class (no folder of one) and is" : "have no class (no folder of one) and are"} left out`,
    );
    return;
  }
  const message = `${counted(without.length, "image is", "images are")} next to the class folders, without a class (${named(without[0]!)}); move ${without.length === 1 ? "it" : "them"} into one, or write a ${METADATA}`;
  problems.push({ code: "no-label", path: root, message });
}

/** Looks at each image: one that is empty is a problem, or left out where that is asked for. */
async function checkFiles(
  { root, options, look, notes, problems }: Reading,
  samples: readonly Sample[],
): Promise<Sample[]> {
  const locator = new Locator(root, async () => (await look()).images);
  const found = await mapLimited(samples, 32, ({ fileName }) => locator.locate(fileName, "", "image"));
  const bad = found.flatMap((located, i) => ("path" in located ? [] : [{ ...located, path: samples[i]!.fileName }]));
  if (options.skipDamaged !== true) {
    problems.push(
      ...bad.map(({ code, path }): Problem => {
        const message = code === "empty-file" ? "the file is empty (0 bytes)" : "this is not a file that can be read";
        return {
          code: "empty-file",
          path,
          message: `${message}; restore or remove it (inspect and import: --skip-damaged leaves it out)`,
        };
      }),
    );
    return [...samples];
  }
  if (bad.length > 0)
    notes.push(
      `${counted(bad.length, "file is empty or cannot be read and is", "files are empty or cannot be read and are")} left out (${listed(bad.map(({ path }) => path))})`,
    );
  return samples.filter((_, i) => "path" in found[i]!);
}
