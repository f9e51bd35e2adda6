import * as zlib from "node:zlib";
import type { RawImage } from "../types.ts";

const SIGNATURE = 8;
/** Longest picture, in bytes of pixels, that is decoded here: the thread does nothing else meanwhile. */
const MOST_BYTES = 16 * 2 ** 20;
/** Chunks that leave the pixels as they are: they are only text, times and physical sizes. */
const IGNORED = new Set(["tEXt", "zTXt", "iTXt", "tIME", "pHYs", "sRGB"]);

interface Header {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/**
 * Longest picture, in bytes of pixels, that a thread with other work decodes itself: it takes less time than handing it to
 * the image library.
 */
export const SMALL_PICTURE = 64 * 2 ** 10;

/** The header of a picture of 8 bits, grey or RGB, not interlaced; null for any other. */
function plainHeader(chunk: Uint8Array, most: number): Header | null {
  if (chunk.length !== 13) return null;
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [bits, colour, compression, filter, interlace] = chunk.subarray(8);
  if (bits !== 8 || (colour !== 0 && colour !== 2) || compression !== 0 || filter !== 0 || interlace !== 0) return null;
  const channels = colour === 0 ? 1 : 3;
  const bytes = width * height * channels;
  return bytes > 0 && bytes <= most ? { width, height, channels } : null;
}

/** Absolute value of a whole number. */
const size = (value: number): number => (value ^ (value >> 31)) - (value >> 31);

/** The one of three neighbours that is nearest to left + above - corner (PNG, section 9.4); the earlier one of equals. */
function nearestOf(left: number, above: number, corner: number): number {
  const byLeft = size(above - corner);
  const byAbove = size(left - corner);
  const byCorner = size(left + above - 2 * corner);
  // Masks in place of branches, which nobody can foresee: all bits are set where the later one is nearer.
  const isAbove = (byAbove - byLeft) >> 31;
  const least = byLeft ^ ((byLeft ^ byAbove) & isAbove);
  const side = left ^ ((left ^ above) & isAbove);
  return side ^ ((side ^ corner) & ((byCorner - least) >> 31));
}

/** Undoes the Paeth filter of a grey row that has one above, from `from` to `to`. */
function undoGreyPaeth(raw: Uint8Array, from: number, to: number, stride: number): void {
  let left = 0;
  let corner = 0;
  for (let x = 0; x < stride; x++) {
    const above = raw[to + x - stride]!;
    left = (raw[from + x]! + nearestOf(left, above, corner)) & 255;
    corner = above;
    raw[to + x] = left;
  }
}

/** The same of a row of RGB: its three channels do not wait for each other. */
function undoColourPaeth(raw: Uint8Array, from: number, to: number, stride: number): void {
  let [red, green, blue, red2, green2, blue2] = [0, 0, 0, 0, 0, 0];
  for (let x = 0; x < stride; x += 3) {
    const up = to + x - stride;
    const above = raw[up]!;
    const above1 = raw[up + 1]!;
    const above2 = raw[up + 2]!;
    red = (raw[from + x]! + nearestOf(red, above, red2)) & 255;
    green = (raw[from + x + 1]! + nearestOf(green, above1, green2)) & 255;
    blue = (raw[from + x + 2]! + nearestOf(blue, above2, blue2)) & 255;
    raw[to + x] = red;
    raw[to + x + 1] = green;
    raw[to + x + 2] = blue;
    red2 = above;
    green2 = above1;
    blue2 = above2;
  }
}

/** Undoes the average filter of a row of RGB that has one above. */
function undoColourAverage(raw: Uint8Array, from: number, to: number, stride: number): void {
  let [red, green, blue] = [0, 0, 0];
  for (let x = 0; x < stride; x += 3) {
    const up = to + x - stride;
    red = (raw[from + x]! + ((red + raw[up]!) >> 1)) & 255;
    green = (raw[from + x + 1]! + ((green + raw[up + 1]!) >> 1)) & 255;
    blue = (raw[from + x + 2]! + ((blue + raw[up + 2]!) >> 1)) & 255;
    raw[to + x] = red;
    raw[to + x + 1] = green;
    raw[to + x + 2] = blue;
  }
}

/**
 * Undoes the filters of the rows (PNG, section 9) in place: a row moves up by the filter bytes before it, so that nothing is written
 * over that is still to be read. Null for an unknown filter. @returns rows without filter bytes, in the memory of `raw`
 */
function unfiltered(raw: Uint8Array, { width, height, channels }: Header): Uint8Array | null {
  const stride = width * channels;
  for (let y = 0; y < height; y++) {
    const from = y * (stride + 1) + 1;
    const to = y * stride;
    const up = to - stride;
    const filter = raw[from - 1]!;
    if (filter > 4) return null;
    // Above the first row and left of the first pixel are zeros.
    const left = Math.min(stride, channels);
    if (filter === 0 || (filter === 2 && y === 0)) raw.copyWithin(to, from, from + stride);
    else if (filter === 1 || (filter === 4 && y === 0)) {
      for (let x = 0; x < left; x++) raw[to + x] = raw[from + x]!;
      for (let x = left; x < stride; x++) raw[to + x] = raw[from + x]! + raw[to + x - channels]!;
    } else if (filter === 2) {
      for (let x = 0; x < stride; x++) raw[to + x] = raw[from + x]! + raw[up + x]!;
    } else if (filter === 3 && (channels === 1 || y === 0)) {
      for (let x = 0; x < stride; x++) {
        const before = x < left ? 0 : raw[to + x - channels]!;
        const above = y === 0 ? 0 : raw[up + x]!;
        raw[to + x] = raw[from + x]! + ((before + above) >> 1);
      }
    } else if (filter === 3) undoColourAverage(raw, from, to, stride);
    else if (channels === 1) undoGreyPaeth(raw, from, to, stride);
    else undoColourPaeth(raw, from, to, stride);
  }
  return new Uint8Array(raw.buffer, raw.byteOffset, stride * height);
}

/** What a plain PNG consists of. */
interface PlainParts {
  readonly header: Header;
  /** Contents of the chunks with pixels. */
  readonly pixels: readonly Uint8Array[];
  /** Signature and the whole chunks that a decoder needs, in their order. */
  readonly needed: readonly Uint8Array[];
}

/** Null for any other PNG, for one whose check sums are wrong or that is cut short, and for other files. */
function plainParts(bytes: Uint8Array, most: number): PlainParts | null {
  // Node has it from 20.15 on.
  if (typeof zlib.crc32 !== "function" || bytes.length < SIGNATURE) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a) return null;
  let header: Header | null = null;
  const pixels: Uint8Array[] = [];
  const needed = [bytes.subarray(0, SIGNATURE)];
  for (let at = SIGNATURE; ; ) {
    if (at + 12 > bytes.length) return null;
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length || zlib.crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) return null;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const chunk = bytes.subarray(at + 8, end);
    if (!IGNORED.has(type)) needed.push(bytes.subarray(at, end + 4));
    at = end + 4;
    if (type === "IHDR") header = plainHeader(chunk, most);
    else if (type === "IDAT") pixels.push(chunk);
    else if (type === "IEND") break;
    else if (!IGNORED.has(type)) return null;
    if (header === null) return null;
  }
  return header === null ? null : { header, pixels, needed };
}

/**
 * Decodes the plainest kind of PNG, for which a pipeline of the image library takes several times as long: 8 bits, grey or RGB,
 * not interlaced, without transparency, profile or gamma, with right check sums. Null for any other and for a damaged one, of
 * which the image library says what is wrong.
 * @param most Longest picture that is decoded, in bytes of pixels. Defaults to 16 MiB.
 */
export function decodePlainPng(bytes: Uint8Array, most = MOST_BYTES): RawImage | null {
  const parts = plainParts(bytes, most);
  return parts === null ? null : decodeParts(parts);
}

function decodeParts({ header, pixels }: PlainParts): RawImage | null {
  const { width, height, channels } = header;
  const size = (width * channels + 1) * height;
  try {
    // One byte more than there should be, so that a longer stream is seen.
    const raw = zlib.inflateSync(pixels.length === 1 ? pixels[0]! : Buffer.concat(pixels), {
      chunkSize: Math.max(64, size + 1),
      maxOutputLength: size,
    });
    const data = raw.length === size ? unfiltered(raw, header) : null;
    return data === null ? null : { width, height, channels, data };
  } catch {
    return null;
  }
}

/**
 * A plain PNG, see {@link decodePlainPng}, without its texts, times and physical sizes and whatever follows its end: the same
 * pixels, which are decoded to see that they are whole. Null as there.
 */
export function barePlainPng(
  bytes: Uint8Array,
  most = MOST_BYTES,
): { readonly width: number; readonly height: number; readonly png: Uint8Array } | null {
  const parts = plainParts(bytes, most);
  const image = parts === null ? null : decodeParts(parts);
  return image === null ? null : { width: image.width, height: image.height, png: Buffer.concat(parts!.needed) };
}
