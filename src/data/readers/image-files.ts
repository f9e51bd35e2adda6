import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileError } from "../../core/files.ts";
import { hashInside, readStartInside } from "../../core/inside-folder.ts";
import { decodeGrey16Maximum, type ImageHeader, readImageBytes, readImageFile, readImageHeader } from "../image.ts";
import type { LayoutReaders } from "../layout/reading.ts";
import { readMaskFiles } from "../masks/dataset-masks.ts";
import { mapLimited } from "../parallel.ts";
import type { Dataset, SampleReader } from "../types.ts";
import { linkNote } from "./link-note.ts";

const HEADER_BYTES = 64 * 2 ** 10;

/**
 * Header of an image file of a dataset; reads the beginning of the file only, all of it where that is not enough.
 * @throws GanglionError `image` or `files`
 */
export async function readHeader({ root, links = "follow" }: Dataset, name: string): Promise<ImageHeader> {
  const start = await readStartInside(root, name, HEADER_BYTES, links);
  return readImageHeader(start, name).catch(async () => readImageHeader(await readImageBytes(root, name, links), name));
}

/** Only headers are read, and no more of them once a colour image is found. */
async function channels(dataset: Dataset): Promise<1 | 3> {
  const step = 64;
  for (let at = 0; at < dataset.samples.length; at += step) {
    const some = dataset.samples.slice(at, at + step);
    const headers = await mapLimited(some, 4, (sample) => readHeader(dataset, sample.fileName));
    if (headers.some((header) => !header.grey)) return 3;
  }
  return 1;
}

/** Looks at up to eight images: 12-bit values stored in 16 bits come out nearly black, which is said and not corrected. */
async function darkGreyNote({ root, samples, links }: Dataset): Promise<string[]> {
  const wanted = Math.min(8, samples.length);
  const picked = Array.from({ length: wanted }, (_, i) => Math.floor((i * samples.length) / wanted));
  let highest = 0;
  for (const index of picked) {
    // A damaged file is reported by whoever decodes it; here it says nothing about the range.
    const found = await decodeGrey16Maximum(root, samples[index]!.fileName, links).catch(() => null);
    if (found === null) return [];
    highest = Math.max(highest, found);
  }
  if (highest >= 4096) return [];
  return [
    `16-bit grey images reach only ${highest} of 65535 and come out nearly black; import them with --window ${Math.ceil(highest / 2)},${highest + 1}`,
  ];
}

/**
 * Reads samples that are PNG or JPEG files of their own below the dataset folder, masks too.
 * @param name Name of the layout that lists them.
 */
export function imageFiles(name: string): SampleReader {
  return { ...IMAGE_FILES, name };
}

const IMAGE_FILES: Omit<SampleReader, "name"> = {
  noun: "a folder of images",
  imageFiles: true,
  ownLayout: false,
  takesWindow: true,
  keepsNames: true,
  titleOf: (root) => basename(root),
  readImage: ({ root, links }, { fileName }, window) => readImageFile(root, fileName, { window, links }),
  readMask: readMaskFiles,
  channels,
  contentHash: ({ root, links = "follow" }, { fileName }) => hashInside(root, fileName, links),
  stamps: ({ root }, samples) =>
    mapLimited(samples, 32, async ({ fileName }) => {
      const path = join(root, fileName);
      const { size, mtimeMs } = await stat(path).catch((cause) => {
        throw fileError("read", path, cause);
      });
      return [fileName, size, mtimeMs];
    }),
  async notes(dataset) {
    const followed = dataset.links === "refuse" ? [] : await linkNote(dataset);
    return [...followed, ...(await darkGreyNote(dataset))];
  },
  release() {},
};

const LISTED = imageFiles("imagefolder");
const LISTED_PLAINLY: SampleReader = { ...LISTED, ownLayout: true };

/** Readers of the samples of folders, by what says which images there are. */
export const FOLDER_READERS: LayoutReaders = {
  table: (plain) => (plain ? LISTED_PLAINLY : LISTED),
  folders: imageFiles("class-folders"),
};
