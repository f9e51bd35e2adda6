import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { shellWord } from "../../core/quoted.ts";
import { filesBelow } from "../dicom/find-files.ts";
import { isContainer, maskFolder } from "../layout/folder-words.ts";
import { imageKind, isImageName, withoutImageEnding } from "../layout/image-kinds.ts";

/** One volume of a source, with its masks. */
export interface FoundVolume {
  readonly path: string;
  readonly masks: readonly string[];
  /** Name of the volume, without what tells sequences of one examination apart. */
  readonly patient: string;
}

/** Files of a source that are volumes of pictures, and masks that belong to none. */
export interface FoundVolumes {
  /** Folder that paths are relative to. */
  readonly root: string;
  readonly volumes: readonly FoundVolume[];
  readonly orphans: readonly string[];
  /** Masks that somebody corrected in another file, which stands for them. */
  readonly replaced: readonly string[];
}

const isVolume = (name: string): boolean => imageKind(name)?.name === "NIfTI";

const SEQUENCE_WORD = "t1|t1n|t1w|t1ce|t1c|t1gd|t1post|t2|t2w|t2f|flair|pd|dwi|adc|dce|ct|pet|mr|mri|cbct";
/** `_t1`, `_flair`: sequences of one examination. */
const SEQUENCE = new RegExp(`[-_.](${SEQUENCE_WORD})$`, "i");
/** `FLAIR.nii.gz` and `T1.nii.gz` in the folder of an examination. */
const SEQUENCE_ALONE = new RegExp(`^(${SEQUENCE_WORD})$`, "i");
/** `_0000`, `_0001`: channels of one case in nnU-Net, which begin with `_0000`. */
const CHANNEL = /[-_.](\d{4})$/;
const MASK_WORD = "masks?|msk|seg|segm|segmentations?|labels?|labelmap|gt|lesions?|roi|aseg|contour|wmh|glistrboost";
const MASK = new RegExp(`[-_. ](${MASK_WORD})$`, "i");
/** `segmentation.nii.gz` beside `imaging.nii.gz`. */
const MASK_ALONE = new RegExp(`^(${MASK_WORD})$`, "i");
/** `_GlistrBoost_ManuallyCorrected` of TCGA, beside the mask that it corrects. */
const CORRECTED = /[-_.](manually)?[-_.]?corrected$/i;
/** `segmentation-0`, `label0001`: the number of the volume behind a word for masks. */
const MASK_NUMBER = /^(masks?|seg|segmentations?|labels?|labelmap|gt)[-_ ]?(\d+)$/i;
/** `imagesTr`, `labelsTs` of the Medical Segmentation Decathlon. */
const SUBSET = /(Tr|Ts|Val)$/;

const SPLITS: Readonly<Record<string, string>> = { Tr: "train", Ts: "test", Val: "val" };

/** Split that the end of a folder on a path names, as `imagesTr`; undefined where none does. */
export const subsetOf = (path: string): string | undefined =>
  path
    .split("/")
    .slice(0, -1)
    .flatMap((part) => SPLITS[SUBSET.exec(part)?.[1] ?? ""] ?? [])[0];

/** A path without the ends of folders that name a subset. */
export const withoutSubsets = (path: string): string =>
  path
    .split("/")
    .map((part, i, all) => (i + 1 < all.length ? part.replace(SUBSET, "") : part))
    .join("/");

/** A file of a source by its names. */
interface Named {
  readonly path: string;
  /** Folders that tell patients or examinations apart, those of masks, of images alone and ends of sequences left out. */
  readonly place: string;
  /** Name without its ending, and without what says that it is a mask. */
  readonly stem: string;
  readonly isMask: boolean;
}

const nameOf = (path: string): string => withoutImageEnding(path.slice(path.lastIndexOf("/") + 1));

function namedOf(path: string): Named {
  const stem = nameOf(path).replace(CORRECTED, "");
  const folders = withoutSubsets(path).split("/").slice(0, -1);
  const place = folders
    .filter((part) => maskFolder(part) === null && !isContainer(part))
    .map((part) => part.replace(SEQUENCE, ""))
    .join("/");
  const isMask =
    MASK.test(stem) ||
    MASK_ALONE.test(stem) ||
    MASK_NUMBER.test(stem) ||
    folders.some((part) => maskFolder(part) !== null);
  return { path, place, stem: stem.replace(MASK, ""), isMask };
}

/** Names of cases whose channels are files of their own: several of them, or one that is numbered itself. */
function casesOf(images: readonly Named[]): ReadonlySet<string> {
  const first = images.flatMap(({ stem }) => (CHANNEL.exec(stem)?.[1] === "0000" ? [stem.replace(CHANNEL, "")] : []));
  const cases = new Set(first);
  return cases.size > 1 || first.some((name) => /\d/.test(name)) ? cases : new Set();
}

/** The examination that a name is of: without its sequence, and without its channel where cases have some. */
function examinationOf(stem: string, cases: ReadonlySet<string>): string {
  const plain = stem.replace(SEQUENCE, "");
  const base = plain.replace(CHANNEL, "");
  return cases.has(base) ? base : plain;
}

/** The first word of a name with its last numbers, one after the other: all of them first. */
function numbersOf(name: string): string[] {
  const word = /\p{L}+/u.exec(name)?.[0] ?? "";
  const numbers = name.match(/\d+/g) ?? [];
  return numbers.map((_, i) => `${lower(word)} ${numbers.slice(i).join(" ")}`);
}

/** The values that one key has alone; a key that has several of them has none. */
function single<T>(entries: readonly (readonly [key: string, value: T])[]): (key: string) => T | undefined {
  const found = new Map<string, T | null>();
  for (const [key, value] of entries) found.set(key, found.has(key) && found.get(key) !== value ? null : value);
  return (key) => found.get(key) ?? undefined;
}

/** Where a file is and how it is called, without what says that it is a corrected one. */
const placedStem = (path: string): string => `${dirname(path)}//${nameOf(path).replace(CORRECTED, "")}`;

/** Volumes below a folder, or one file, paired with masks by their names and folders. */
export function pairVolumes(root: string, paths: readonly string[]): FoundVolumes {
  const corrected = new Set(paths.filter((path) => CORRECTED.test(nameOf(path))).map(placedStem));
  const replaced = paths.filter((path) => !CORRECTED.test(nameOf(path)) && corrected.has(placedStem(path)));
  const files = paths.filter((path) => !replaced.includes(path)).map(namedOf);
  const images = files.filter(({ isMask }) => !isMask);
  const masks = files.filter(({ isMask }) => isMask);
  if (images.length === 0) {
    const all = masks.map(({ path }) => ({ path, masks: [], patient: withoutImageEnding(basename(path)) }));
    return { root, volumes: all, orphans: [], replaced };
  }
  const cases = casesOf(images);
  const volumes = images.map(({ path, place, stem }) => {
    const name = place !== "" && SEQUENCE_ALONE.test(stem) ? "" : examinationOf(stem, cases);
    return { path, place, name, patient: [place, name].filter((part) => part !== "").join("/") };
  });
  // One examination by a place and a name, by a name alone, by the number at its end, by a place alone, or by
  // its first word and its numbers (`coronacases_org_001` and `coronacases_001`).
  const byPlace = single(volumes.map((volume) => [`${volume.place}//${lower(volume.name)}`, volume.patient]));
  const byName = single(volumes.map((volume) => [lower(volume.name), volume.patient]));
  const byNumber = single(
    volumes.flatMap(({ name, patient }) => {
      const number = /\d+$/.exec(name)?.[0];
      return number === undefined ? [] : [[number, patient] as const];
    }),
  );
  const ofPlace = single(
    volumes.flatMap(({ place, patient }) => around(place).map((outer) => [outer, patient] as const)),
  );
  const byNumbers = single(
    volumes.flatMap(({ name, patient }) => numbersOf(name).map((key) => [key, patient] as const)),
  );
  const patientOf = ({ place, stem }: Named): string | undefined => {
    const name = lower(examinationOf(stem, cases));
    const number = MASK_NUMBER.exec(stem)?.[2];
    return (
      byPlace(`${place}//${name}`) ??
      byName(name) ??
      (number === undefined ? undefined : byNumber(number)) ??
      (place === "" ? undefined : ofPlace(place)) ??
      byNumbers(numbersOf(stem)[0] ?? "")
    );
  };
  const masksOf = new Map<string, string[]>();
  const orphans: string[] = [];
  for (const mask of masks) {
    const patient = patientOf(mask);
    if (patient === undefined) orphans.push(mask.path);
    else masksOf.set(patient, [...(masksOf.get(patient) ?? []), mask.path]);
  }
  return {
    root,
    volumes: volumes.map(({ path, patient }) => ({ path, patient, masks: masksOf.get(patient) ?? [] })),
    orphans,
    replaced,
  };
}

/** A folder and those around it. */
function around(place: string): string[] {
  const parts = place.split("/");
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

const lower = (text: string): string => text.toLowerCase();

/** The volumes of a path; null where it is no volume and no folder that holds some and no images. @throws GanglionError `files` */
export async function findVolumes(path: string): Promise<FoundVolumes | null> {
  const whole = resolve(path);
  const found = await stat(whole).catch(() => null);
  if (found === null) return null;
  if (!found.isDirectory()) return isVolume(whole) ? pairVolumes(dirname(whole), [basename(whole)]) : null;
  const files = await filesBelow(whole);
  const volumes = files.filter(isVolume);
  return volumes.length === 0 || files.some(isImageName) ? null : pairVolumes(whole, volumes);
}

/** The command that makes slices of the volumes of a folder. */
export const volumeImportCommand = (folder: string): string =>
  `ganglion import ${shellWord(resolve(folder))} ${shellWord(`${resolve(folder)}-dataset`)}`;
