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
}

const isVolume = (name: string): boolean => imageKind(name)?.name === "NIfTI";

/** `_t1`, `_flair`, `_0000` (nnU-Net): sequences of one examination. */
const SEQUENCE = /[-_.](t1|t1n|t1w|t1ce|t1c|t1gd|t1post|t2|t2w|t2f|flair|pd|dwi|adc|dce|ct|pet|mr|mri|cbct|\d{4})$/i;
const MASK = /[-_. ](masks?|seg|segm|segmentations?|labels?|labelmap|gt|lesion|roi|aseg|contour)$/i;
/** `imagesTr`, `labelsTs` of the Medical Segmentation Decathlon. */
const SUBSET = /(Tr|Ts|Val)$/;

/** A path without the ends of folders that name a subset. */
export const withoutSubsets = (path: string): string =>
  path
    .split("/")
    .map((part, i, all) => (i + 1 < all.length ? part.replace(SUBSET, "") : part))
    .join("/");

/** Volumes below a folder, or one file, paired with masks by their names and folders. */
export function pairVolumes(root: string, paths: readonly string[]): FoundVolumes {
  const images: { path: string; key: string; patient: string }[] = [];
  const masks: { path: string; key: string }[] = [];
  for (const path of paths) {
    const parts = path.split("/");
    const stem = withoutImageEnding(parts.pop()!);
    const plain = withoutSubsets(path).split("/").slice(0, -1);
    const place = plain.filter((part) => maskFolder(part) === null && !isContainer(part)).join("/");
    const isMask = MASK.test(stem) || plain.some((part) => maskFolder(part) !== null);
    const patient = stem.replace(MASK, "").replace(SEQUENCE, "");
    const key = `${place}//${patient.toLowerCase()}`;
    if (isMask) masks.push({ path, key });
    else images.push({ path, key, patient: place === "" ? patient : `${place}/${patient}` });
  }
  if (images.length === 0) {
    const all = masks.map(({ path }) => ({ path, masks: [], patient: withoutImageEnding(basename(path)) }));
    return { root, volumes: all, orphans: [] };
  }
  const keys = new Set(images.map(({ key }) => key));
  return {
    root,
    volumes: images.map(({ path, key, patient }) => ({
      path,
      patient,
      masks: masks.filter((mask) => mask.key === key).map((mask) => mask.path),
    })),
    orphans: masks.filter(({ key }) => !keys.has(key)).map(({ path }) => path),
  };
}

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
