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

/** The header of a picture of 8 bits, grey or RGB, not interlaced; null for any other. */
function plainHeader(chunk: Uint8Array): Header | null {
  if (chunk.length !== 13) return null;
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [bits, colour, compression, filter, interlace] = chunk.subarray(8);
  if (bits !== 8 || (colour !== 0 && colour !== 2) || compression !== 0 || filter !== 0 || interlace !== 0) return null;
  const channels = colour === 0 ? 1 : 3;
  const bytes = width * height * channels;
  return bytes > 0 && bytes <= MOST_BYTES ? { width, height, channels } : null;
}

/** Absolute value of a whole number. */
const size = (value: number): number => (value ^ (value >> 31)) - (value >> 31);

/** Undoes the Paeth filter of a channel of a row that has one above (PNG, section 9.4). */
function undoPaeth(raw: Uint8Array, from: number, out: Uint8Array, to: number, stride: number, channels: number): void {
  let before = 0;
  let corner = 0;
  for (let x = 0; x < stride; x += channels) {
    const above = out[to + x - stride]!;
    const byBefore = size(above - corner);
    const byAbove = size(before - corner);
    const byCorner = size(before + above - 2 * corner);
    // Masks in place of branches, which nobody can foresee: all bits are set where the later one is nearer.
    const isAbove = (byAbove - byBefore) >> 31;
    const least = byBefore ^ ((byBefore ^ byAbove) & isAbove);
    const isCorner = (byCorner - least) >> 31;
    const side = before ^ ((before ^ above) & isAbove);
    const nearest = side ^ ((side ^ corner) & isCorner);
    before = (raw[from + x]! + nearest) & 255;
    corner = above;
    out[to + x] = before;
  }
}

/** Undoes the filters of the rows (PNG, section 9) in place; null for an unknown one. @returns rows without filter bytes */
function unfiltered(raw: Uint8Array, { width, height, channels }: Header): Uint8Array | null {
  const stride = width * channels;
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const from = y * (stride + 1) + 1;
    const to = y * stride;
    const up = to - stride;
    const filter = raw[from - 1]!;
    if (filter > 4) return null;
    // Above the first row and left of the first pixel are zeros.
    const left = Math.min(stride, channels);
    if (filter === 0 || (filter === 2 && y === 0)) out.set(raw.subarray(from, from + stride), to);
    else if (filter === 1 || (filter === 4 && y === 0)) {
      for (let x = 0; x < left; x++) out[to + x] = raw[from + x]!;
      for (let x = left; x < stride; x++) out[to + x] = raw[from + x]! + out[to + x - channels]!;
    } else if (filter === 2) {
      for (let x = 0; x < stride; x++) out[to + x] = raw[from + x]! + out[up + x]!;
    } else if (filter === 3) {
      for (let x = 0; x < stride; x++) {
        const before = x < left ? 0 : out[to + x - channels]!;
        const above = y === 0 ? 0 : out[up + x]!;
        out[to + x] = raw[from + x]! + ((before + above) >> 1);
      }
    } else for (let c = 0; c < left; c++) undoPaeth(raw, from + c, out, to + c, stride, channels);
  }
  return out;
}

/**
 * Decodes the plainest kind of PNG, for which a pipeline of the image library takes several times as long: 8 bits, grey or RGB,
 * not interlaced, without transparency, profile or gamma, with right check sums. Null for any other and for a damaged one, of
 * which the image library says what is wrong.
 */
export function decodePlainPng(bytes: Uint8Array): RawImage | null {
  // Node has it from 20.15 on.
  if (typeof zlib.crc32 !== "function" || bytes.length < SIGNATURE) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a) return null;
  let header: Header | null = null;
  const parts: Uint8Array[] = [];
  for (let at = SIGNATURE; ; ) {
    if (at + 12 > bytes.length) return null;
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length || zlib.crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) return null;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const chunk = bytes.subarray(at + 8, end);
    at = end + 4;
    if (type === "IHDR") header = plainHeader(chunk);
    else if (type === "IDAT") parts.push(chunk);
    else if (type === "IEND") break;
    else if (!IGNORED.has(type)) return null;
    if (header === null) return null;
  }
  if (header === null) return null;
  const { width, height, channels } = header;
  const size = (width * channels + 1) * height;
  try {
    // One byte more than there should be, so that a longer stream is seen.
    const raw = zlib.inflateSync(parts.length === 1 ? parts[0]! : Buffer.concat(parts), {
      chunkSize: Math.max(64, size + 1),
      maxOutputLength: size,
    });
    const data = raw.length === size ? unfiltered(raw, header) : null;
    return data === null ? null : { width, height, channels, data };
  } catch {
    return null;
  }
}
