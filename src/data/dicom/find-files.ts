import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileError } from "../../core/files.ts";
import { readStartInside } from "../../core/inside-folder.ts";
import { looksLikeDicom } from "../../dicom/read/parse.ts";
import { METADATA } from "../columns.ts";
import { isImageName } from "../layout/image-kinds.ts";

/** Names that are no DICOM for certain, so that a folder of ordinary images is not read twice. */
const OTHER_NAME =
  /\.(png|jpe?g|gif|bmp|tiff?|webp|p[gpn]m|csv|tsv|json|jsonl|txt|md|html?|xml|pdf|docx?|xlsx?|np[yz]|nii|gz|zip|tar|py|js|ts|onnx)$/i;
export const DICOM_NAME = /\.(dcm|dicom|ima|dic)$/i;

const HEAD_BYTES = 4096;

/** Regular files below a folder in order of their names, hidden ones left out; paths with forward slashes. */
export async function filesBelow(root: string, folder = ""): Promise<string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(join(root, folder), { withFileTypes: true });
  } catch (cause) {
    throw fileError("list", join(root, folder), cause);
  }
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".")) continue;
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    // Links are followed to files only, so that a link to a parent cannot loop.
    if (entry.isDirectory()) for (const file of await filesBelow(root, path)) files.push(file);
    else if (entry.isFile() || entry.isSymbolicLink()) files.push(path);
  }
  return files;
}

async function headLooksLikeDicom(path: string): Promise<boolean> {
  const start = await readStartInside(dirname(path), basename(path), HEAD_BYTES, "follow").catch(() => null);
  return start !== null && looksLikeDicom(start);
}

/**
 * Files below a folder that are DICOM by their names; where none is, those whose names say nothing, if the first of them is
 * DICOM by its first bytes.
 */
export async function dicomBelow(root: string): Promise<string[]> {
  const files = await filesBelow(root);
  const called = files.filter((path) => DICOM_NAME.test(path));
  if (called.length > 0) return called;
  const unnamed = files.filter((path) => !OTHER_NAME.test(path));
  return unnamed[0] !== undefined && (await headLooksLikeDicom(join(root, unnamed[0]))) ? unnamed : [];
}

/**
 * True for a DICOM file, and for a folder that holds one and no images beside a `metadata.csv`, at any depth and under any name: files are
 * told by their first bytes.
 * @throws GanglionError `files` when the path cannot be read
 */
export async function isDicomSource(path: string): Promise<boolean> {
  const found = await stat(path).catch((cause) => {
    throw fileError("read", path, cause);
  });
  if (!found.isDirectory()) return !OTHER_NAME.test(path) && headLooksLikeDicom(path);
  const files = await filesBelow(path);
  // A table of images; TCIA writes one of this name beside DICOM.
  if (files.includes(METADATA) && files.some(isImageName)) return false;
  for (const file of files) {
    if (DICOM_NAME.test(file)) return true;
    if (!OTHER_NAME.test(file) && (await headLooksLikeDicom(join(path, file)))) return true;
  }
  return false;
}

/** Share of the other kind from which a few files are no more strays. */
const STRAYS = 0.2;

/** How many DICOM files and images a folder of DICOM holds, where neither are a few strays; null where it is of one kind. */
export async function mixedKinds(path: string): Promise<{ readonly dicom: number; readonly images: number } | null> {
  const found = await stat(path);
  if (!found.isDirectory()) return null;
  const images = (await filesBelow(path)).filter(isImageName).length;
  const dicom = (await dicomBelow(path)).length;
  return images >= STRAYS * dicom && dicom >= STRAYS * images ? { dicom, images } : null;
}

/** True when a name says that the file is not DICOM. */
export function isOtherName(path: string): boolean {
  return OTHER_NAME.test(path);
}
