import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileError } from "../../core/files.ts";
import { hashInside } from "../../core/inside-folder.ts";
import { named } from "../../core/quoted.ts";
import { depthOfRange, spread } from "../grey-range.ts";
import type { ImageHeader } from "../image.ts";
import { fileOf, readFileHeader, readImageFile } from "../image-file.ts";
import type { LayoutReaders } from "../layout/reading.ts";
import { readMaskFiles } from "../masks/dataset-masks.ts";
import { mapLimited } from "../parallel.ts";
import type { Dataset, GreyWindow, SampleReader } from "../types.ts";
import { linkNote } from "./link-note.ts";

/** Header of an image file of a dataset. @throws GanglionError `image` or `files` */
export const readHeader = ({ root, links }: Dataset, name: string): Promise<ImageHeader> =>
  readFileHeader(root, name, links);

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

/** Headers of a few images, spread over the set; without those of damaged files, which whoever decodes them reports. */
async function someHeaders(dataset: Dataset): Promise<{ fileName: string; header: ImageHeader }[]> {
  const picked = spread(dataset.samples.length).map((i) => dataset.samples[i]!.fileName);
  const found = await mapLimited(picked, 4, (fileName) =>
    readHeader(dataset, fileName).then(
      (header) => ({ fileName, header }),
      () => null,
    ),
  );
  return found.filter((one) => one !== null);
}

/** Range of 16-bit grey where the set has some by a few of its headers, else null. */
async function foundRange(dataset: Dataset, headers: readonly { header: ImageHeader }[]): Promise<GreyWindow | null> {
  const some = headers.some(({ header }) => header.grey && header.bits === 16);
  return some && dataset.greyRange !== undefined ? dataset.greyRange() : null;
}

/** Says what of a set is not taken as it stands: values of fewer than 16 bits, and pictures beyond the first. */
async function headerNotes(dataset: Dataset): Promise<string[]> {
  const headers = await someHeaders(dataset);
  const notes: string[] = [];
  const range = await foundRange(dataset, headers);
  const bits = range === null ? 16 : depthOfRange(range);
  if (bits < 16)
    notes.push(
      `16-bit grey images of this set hold values of ${bits} bits: 0 to ${2 ** bits - 1} become black to white; import with --window C,W for another range`,
    );
  const paged = headers.filter(({ header }) => header.pages > 1 && header.format !== "tiff");
  if (paged.length > 0) {
    const { fileName, header } = paged[0]!;
    notes.push(
      `${paged.length} of ${headers.length} files looked at hold several pictures (${named(fileName)} has ${header.pages}); the first of each file is read, save the others as files of their own if they are wanted`,
    );
  }
  return notes;
}

/**
 * Reads samples that are image files of their own below the dataset folder, masks too.
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
  readImage: ({ root, links, greyRange }, { fileName }, window) =>
    readImageFile(root, fileName, { window, greyRange, links }),
  readMask: readMaskFiles,
  channels,
  contentHash: ({ root, links = "follow" }, { fileName }) => hashInside(root, fileName, links),
  async stamps(dataset, samples) {
    const { root } = dataset;
    const range = await foundRange(dataset, await someHeaders(dataset));
    const files = await mapLimited(samples, 32, async ({ fileName }) => {
      const path = join(root, fileOf(fileName).file);
      const { size, mtimeMs } = await stat(path).catch((cause) => {
        throw fileError("read", path, cause);
      });
      return [fileName, size, mtimeMs];
    });
    return range === null ? files : [range, ...files];
  },
  async notes(dataset) {
    const followed = dataset.links === "refuse" ? [] : await linkNote(dataset);
    return [...followed, ...(await headerNotes(dataset))];
  },
  release() {},
};

const LISTED = imageFiles("imagefolder");
const LISTED_PLAINLY: SampleReader = { ...LISTED, ownLayout: true };

/** Some samples are pages of a TIFF, which are no files of their own. */
const withPages = (reader: SampleReader): SampleReader => ({
  ...reader,
  imageFiles: false,
  ownLayout: false,
  async contentHash({ root, links = "follow" }, { fileName }) {
    const { file, page } = fileOf(fileName);
    const whole = await hashInside(root, file, links);
    return file === fileName ? whole : createHash("sha256").update(`${whole} ${page}`).digest("hex");
  },
});

/** Readers of the samples of folders, by what says which images there are. */
export const FOLDER_READERS: LayoutReaders = {
  table: (plain) => (plain ? LISTED_PLAINLY : LISTED),
  folders: imageFiles("class-folders"),
  pages: withPages,
};
