import { GanglionError } from "../../core/errors.ts";
import { interleave, loadDecoders } from "./codec.ts";
import { jpegHeader } from "./codestream.ts";
import { PIXEL_DATA } from "./element-reader.ts";
import { dicomError } from "./elements.ts";
import { compressedFrames, frameCount } from "./fragments.ts";
import { type ImageLayout, imageLayout } from "./image-layout.ts";
import type { DicomFile } from "./parse.ts";
import { decodeRle } from "./rle.ts";
import type { Compression } from "./transfer-syntax.ts";

/** Stored values of one frame: bits of the samples alone, signed where they are, no LUT or colour conversion applied. */
export interface StoredFrame {
  readonly width: number;
  readonly height: number;
  readonly samples: 1 | 3;
  /** What the samples mean; RGB where a JPEG 2000 decoder has undone YBR_ICT or YBR_RCT; YBR_FULL where a JPEG says so. */
  readonly photometric: string;
  /** `HWC`, length height * width * samples. */
  readonly data: Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;
}

/** Frames of one file, decoded one by one. */
export interface FrameReader {
  readonly layout: ImageLayout;
  /** What was wrong with the number of frames, one line each. */
  readonly oddities: readonly string[];
  /** Looks whether all frames that are stated are there, without decoding one. @throws GanglionError `image` */
  check(): void;
  /** Decodes frame `index`, from 0. @throws GanglionError `image` when it is damaged or cut short */
  read(index: number): Promise<StoredFrame>;
}

/** Prepares to read the frames of a file. @throws GanglionError `image` when its pixels are not described as they must be */
export function openFrames(file: DicomFile): FrameReader {
  const stated = imageLayout(file);
  let fragments: Uint8Array[] | null = null;
  const { compression } = file.syntax;
  const there = compression === "native" ? nativeFrames(file, stated) : frameCount(file, stated, compression === "rle");
  const layout = there === null ? stated : { ...stated, frames: there };
  const said = stated.framesStated ? `says ${stated.frames}` : "is missing";
  const oddities =
    layout.frames === stated.frames ? [] : [`NumberOfFrames ${said} where the pixels are of ${layout.frames} frames`];
  return {
    layout,
    oddities,
    check() {
      if (compression === "native") nativeBytes(file, layout);
      else fragments ??= compressedFrames(file, layout.frames);
    },
    async read(index) {
      if (compression === "native") return storedFrame(nativeFrame(file, layout, index), layout);
      fragments ??= compressedFrames(file, layout.frames);
      let bytes: Uint8Array;
      try {
        if (compression === "rle") bytes = rleFrame(fragments[index]!, layout);
        else bytes = (await loadDecoders()).decompress(fragments[index]!, compression, layout);
      } catch (cause) {
        if (cause instanceof GanglionError) throw cause;
        const frame = layout.frames > 1 ? ` ${index + 1}` : "";
        const message = `frame${frame} (${file.syntax.name}) cannot be decoded (${oneLine(cause)}); restore the file from its source`;
        throw dicomError(file.name, "damaged-pixels", message, cause);
      }
      return storedFrame(bytes, { ...layout, photometric: decodedPhotometric(fragments[index]!, compression, layout) });
    },
  };
}

/** What decoded samples mean: decoders undo the colour transform of JPEG 2000, and leave that of JPEG to us. */
function decodedPhotometric(frame: Uint8Array, compression: Compression, { photometric }: ImageLayout): string {
  if (photometric === "YBR_ICT" || photometric === "YBR_RCT") return "RGB";
  // Makers are known to say RGB of an ordinary JPEG, whose own markers are believed then.
  if (photometric === "RGB" && compression === "jpeg" && jpegHeader(frame)?.ybr === true) return "YBR_FULL";
  return photometric;
}

function rleFrame(frame: Uint8Array, layout: ImageLayout): Uint8Array {
  const { rows, columns, samples, bitsAllocated } = layout;
  return interleave(decodeRle(frame, rows * columns, samples, bitsAllocated >> 3), layout);
}

function oneLine(cause: unknown): string {
  // A trap of the WebAssembly says no more than its own name.
  if ((cause as Error).name === "RuntimeError") return "the decoder gave up on it";
  const text = String((cause as Error).message ?? cause);
  return text.split("\n")[0]!.split("::").at(-1)?.trim().slice(0, 160) ?? "";
}

/** Bits of a pixel of uncompressed frames: YBR_FULL_422 shares one pair of colours between two pixels. */
function bitsPerPixel({ photometric, samples, bitsAllocated }: ImageLayout): number {
  return bitsAllocated * (photometric === "YBR_FULL_422" ? 2 : samples);
}

/**
 * Frames that uncompressed pixels come to, where they are of whole frames (and a byte that makes their number even); null where
 * they are not, as in a file that is cut short.
 */
function nativeFrames(file: DicomFile, layout: ImageLayout): number | null {
  const { rows, columns, bitsAllocated } = layout;
  const element = file.dataset.elements.get(PIXEL_DATA);
  if (element === undefined || element.undefinedLength || bitsAllocated === 1) return null;
  const bytes = (rows * columns * bitsPerPixel(layout)) / 8;
  const length = file.dataset.raw(PIXEL_DATA).length;
  const spare = length - layout.frames * bytes;
  if (spare === 0 || spare === 1) return null;
  const frames = Math.floor(length / bytes);
  return frames >= 1 && length - frames * bytes <= 1 ? frames : null;
}

/** Bytes of all uncompressed frames. @throws GanglionError `image` when there are fewer than stated */
function nativeBytes(file: DicomFile, layout: ImageLayout): Uint8Array {
  const { dataset, name } = file;
  if (dataset.elements.get(PIXEL_DATA)?.undefinedLength === true) {
    const message = `compressed pixels in a file that says ${file.syntax.name}; restore the file from its source`;
    throw dicomError(name, "image-layout", message);
  }
  const raw = dataset.raw(PIXEL_DATA);
  const needed = Math.ceil((layout.rows * layout.columns * bitsPerPixel(layout) * layout.frames) / 8);
  if (needed > raw.length) {
    const what = layout.frames === 1 ? "the image needs" : `${layout.frames} frames need`;
    const message = `${what} ${needed} bytes of pixels and ${raw.length} are there; the file is cut short, restore it from its source`;
    throw dicomError(name, "cut-short", message);
  }
  return raw;
}

/** Bytes of an uncompressed frame, little endian, `HWC`; of a one-bit frame a byte for each pixel. */
function nativeFrame(file: DicomFile, layout: ImageLayout, index: number): Uint8Array {
  const pixels = layout.rows * layout.columns;
  const bits = pixels * bitsPerPixel(layout);
  const from = index * bits;
  const raw = nativeBytes(file, layout);
  // Bits are counted in numbers beyond 32 bits. Whole words are taken, since an odd frame may end within one.
  const first = Math.floor(from / 32) * 4;
  const words = littleEndian(raw.subarray(first, Math.ceil((from + bits) / 32) * 4), file, layout);
  if (layout.bitsAllocated === 1) return unpackBits(words, from - 8 * first, pixels);
  const bytes = words.subarray(from / 8 - first, (from + bits) / 8 - first);
  if (layout.photometric === "YBR_FULL_422") return upsample422(bytes, layout);
  return layout.planar ? interleave(bytes, layout) : bytes;
}

/**
 * Pixels of a big endian file in little endian: words of 16 bits are swapped where the values are words (OW), whatever
 * the depth (PS3.5 section 8.1.1), so that the low word of 32 bits comes first; other kinds by their own width.
 */
function littleEndian(bytes: Uint8Array, file: DicomFile, { bitsAllocated }: ImageLayout): Uint8Array {
  if (file.dataset.encoding.littleEndian) return bytes;
  const vr = file.dataset.elements.get(PIXEL_DATA)?.vr;
  const width = vr === "OW" ? 2 : vr === "OB" || vr === "UN" ? 1 : Math.max(1, bitsAllocated >> 3);
  if (width === 1) return bytes;
  const out = Uint8Array.from(bytes);
  for (let at = 0; at + width <= bytes.length; at += width) {
    for (let b = 0; b < width; b++) out[at + b] = bytes[at + width - 1 - b]!;
  }
  return out;
}

/** Pixels of one bit lie from the lowest bit of a byte upwards, frames without a gap between them (PS3.5 section 8.1.1). */
function unpackBits(bytes: Uint8Array, from: number, pixels: number): Uint8Array {
  const out = new Uint8Array(pixels);
  for (let i = 0, bit = from; i < pixels; i++, bit++) out[i] = (bytes[bit >> 3]! >> (bit & 7)) & 1;
  return out;
}

/** `Y1 Y2 Cb Cr` for each two pixels as three samples a pixel (PS3.3 section C.7.6.3.1.2). */
function upsample422(bytes: Uint8Array, { rows, columns }: ImageLayout): Uint8Array {
  const pixels = rows * columns;
  const out = new Uint8Array(3 * pixels);
  for (let i = 0; i < pixels; i++) {
    const pair = 4 * (i >> 1);
    out[3 * i] = bytes[pair + (i & 1)]!;
    out[3 * i + 1] = bytes[pair + 2]!;
    out[3 * i + 2] = bytes[pair + 3]!;
  }
  return out;
}

/** Values from the bits that are the sample's: bits above and below may hold overlays or nothing. */
function storedFrame(bytes: Uint8Array, layout: ImageLayout): StoredFrame {
  const { rows, columns, samples, bitsAllocated, bitsStored, highBit, signed, photometric } = layout;
  const count = rows * columns * samples;
  const up = 31 - highBit;
  const down = 32 - bitsStored;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = emptySamples(count, bitsAllocated, signed);
  for (let i = 0; i < count; i++) {
    const raw =
      bitsAllocated === 32
        ? view.getUint32(4 * i, true)
        : bitsAllocated === 16
          ? view.getUint16(2 * i, true)
          : bytes[i]!;
    const top = raw << up;
    data[i] = signed ? top >> down : top >>> down;
  }
  return { width: columns, height: rows, samples, photometric, data };
}

function emptySamples(count: number, bits: number, signed: boolean): StoredFrame["data"] {
  if (bits <= 8) return signed ? new Int8Array(count) : new Uint8Array(count);
  if (bits === 16) return signed ? new Int16Array(count) : new Uint16Array(count);
  return signed ? new Int32Array(count) : new Uint32Array(count);
}
