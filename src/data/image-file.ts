import { type Links, readFollowedNow, readInside, readStartInside } from "../core/inside-folder.ts";
import { decodePlainPng, SMALL_PICTURE } from "./decode/plain-png.ts";
import {
  type DecodeOptions,
  decodeImage,
  grey16Maximum,
  type ImageHeader,
  imageError,
  readImageHeader,
} from "./image.ts";
import type { RawImage } from "./types.ts";

/** Longest file that is read as an image, in bytes. */
const MAX_FILE_BYTES = 512 * 2 ** 20;
/** Bytes at the beginning of a file in which its header lies as a rule. */
const HEADER_BYTES = 64 * 2 ** 10;

/** The whole bytes of a file, unless it is too long. */
function checkedLength(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes.length > MAX_FILE_BYTES) throw imageError(name, `the file is longer than 512 MiB; make the image smaller`);
  return bytes;
}

/** Name of page k of a TIFF of several pages, k from 0; people count from 1. */
export const pageName = (file: string, page: number): string => `${file}#page ${page + 1}`;

/** The file and the page that a name stands for. */
export function fileOf(name: string): { readonly file: string; readonly page: number } {
  const [, file, page] = /^(.+\.tiff?)#page (\d{1,6})$/i.exec(name) ?? [];
  return file === undefined ? { file: name, page: 0 } : { file, page: Number(page) - 1 };
}

/** Bytes of an image file of a dataset, refused when longer than an image can reasonably be. */
export async function readImageBytes(root: string, name: string, links: Links = "follow"): Promise<Uint8Array> {
  return checkedLength(await readInside(root, fileOf(name).file, links), name);
}

/** Reads and decodes an image file; `name` is what errors call it. @throws GanglionError `image` or `files` */
export async function readImageFile(
  root: string,
  name: string,
  { links, ...options }: Omit<DecodeOptions, "name"> & { readonly links?: Links | undefined } = {},
): Promise<RawImage> {
  const bytes = await readImageBytes(root, name, links);
  // A window is refused for what is not 16-bit grey.
  const plain = options.window === undefined ? decodePlainPng(bytes, SMALL_PICTURE) : null;
  return plain ?? decodeImage(bytes, { ...options, name, page: fileOf(name).page });
}

/**
 * The same as {@link readImageFile} for a thread that decodes and does nothing else: reads the file at once, and what is a
 * plain PNG itself. @throws GanglionError `image` or `files`
 */
export async function readImageFileInThread(
  root: string,
  name: string,
  { links = "follow", greyRange }: Pick<DecodeOptions, "greyRange"> & { readonly links?: Links | undefined },
): Promise<RawImage> {
  const bytes =
    links === "follow" ? checkedLength(readFollowedNow(root, name), name) : await readImageBytes(root, name, links);
  return decodePlainPng(bytes) ?? decodeImage(bytes, { name, greyRange });
}

/**
 * Header of an image file; reads the beginning of the file only, all of it where that is not enough.
 * @throws GanglionError `image` or `files`
 */
export async function readFileHeader(root: string, name: string, links: Links = "follow"): Promise<ImageHeader> {
  const { file, page } = fileOf(name);
  const start = await readStartInside(root, file, HEADER_BYTES, links);
  return readImageHeader(start, name, page).catch(async () =>
    readImageHeader(await readImageBytes(root, name, links), name, page),
  );
}

/** Highest value of a file of 16-bit grey; null for any other image. @throws GanglionError `image` or `files` */
export async function readGrey16Maximum(root: string, name: string, links?: Links): Promise<number | null> {
  const { grey, bits } = await readFileHeader(root, name, links);
  return grey && bits === 16 ? grey16Maximum(await readImageBytes(root, name, links), name, fileOf(name).page) : null;
}
