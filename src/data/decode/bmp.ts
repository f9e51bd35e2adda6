import type { RawImage } from "../types.ts";

/** What the headers of a BMP say (BITMAPFILEHEADER and BITMAPCOREHEADER, INFOHEADER or later, as documented by Microsoft). */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Rows from the top; else from the bottom, as usual. */
  readonly topDown: boolean;
  readonly bits: 1 | 4 | 8 | 16 | 24 | 32;
  readonly compression: "none" | "rle8" | "rle4" | "masks";
  /** Place of the pixels. */
  readonly pixelsAt: number;
  /** Colours of up to 8 bits, RGB each; empty for deeper images. */
  readonly palette: Uint8Array;
  /** Bits of red, green, blue and alpha in pixels of 16 and 32 bits. */
  readonly masks: readonly number[];
  /** True where every colour of the palette is a grey. */
  readonly grey: boolean;
}

const FILE_HEADER = 14;
const COMPRESSIONS: Readonly<Record<number, BmpHeader["compression"]>> = {
  0: "none",
  1: "rle8",
  2: "rle4",
  3: "masks",
  6: "masks",
};
/** Without masks of their own. */
const MASKS_16 = [0x7c00, 0x03e0, 0x001f, 0];
const MASKS_32 = [0xff0000, 0xff00, 0xff, 0];

/** @throws Error with what is wrong, for bytes that end within the header or say what cannot be */
export function bmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FILE_HEADER + 12) throw new Error("the BMP ends within its header");
  const pixelsAt = view.getUint32(10, true);
  const size = view.getUint32(FILE_HEADER, true);
  const core = size === 12;
  if (!core && size < 40) throw new Error(`the BMP header has ${size} bytes`);
  if (bytes.length < FILE_HEADER + size) throw new Error("the BMP ends within its header");
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const stated = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(core ? 24 : 28, true);
  const code = core ? 0 : view.getUint32(30, true);
  const compression = COMPRESSIONS[code];
  if (width < 1 || stated === 0) throw new Error(`the BMP has ${width} x ${Math.abs(stated)} pixels`);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw new Error(`a BMP of ${bits} bits a pixel is not read`);
  if (compression === undefined) throw new Error(`compression ${code} of a BMP is not read`);
  const fits = { none: true, rle8: bits === 8, rle4: bits === 4, masks: bits === 16 || bits === 32 };
  if (!fits[compression]) throw new Error(`compression ${code} does not go with ${bits} bits a pixel`);
  const count = compression === "masks" ? (code === 6 || size >= 56 ? 4 : 3) : 0;
  const masksAt = FILE_HEADER + 40;
  if (bytes.length < masksAt + 4 * count) throw new Error("the BMP ends within its header");
  const masks =
    count === 0
      ? bits === 16
        ? MASKS_16
        : MASKS_32
      : [0, 1, 2, 3].map((i) => (i < count ? view.getUint32(masksAt + 4 * i, true) : 0));
  const palette = bits > 8 ? new Uint8Array(0) : readPalette(bytes, view, bits, size);
  const grey = bits <= 8 && isGrey(palette);
  return {
    width,
    height: Math.abs(stated),
    topDown: stated < 0,
    bits: bits as BmpHeader["bits"],
    compression,
    pixelsAt,
    palette,
    masks,
    grey,
  };
}

function readPalette(bytes: Uint8Array, view: DataView, bits: number, size: number): Uint8Array {
  const core = size === 12;
  const most = 2 ** bits;
  const stated = core ? most : view.getUint32(46, true);
  const colours = stated === 0 || stated > most ? most : stated;
  const step = core ? 3 : 4;
  const from = FILE_HEADER + size;
  if (from + colours * step > bytes.length) throw new Error("the BMP ends within its palette");
  const palette = new Uint8Array(3 * most);
  for (let i = 0; i < colours; i++) {
    for (let c = 0; c < 3; c++) palette[3 * i + c] = bytes[from + step * i + 2 - c]!;
  }
  return palette;
}

function isGrey(palette: Uint8Array): boolean {
  for (let i = 0; i < palette.length; i += 3) {
    if (palette[i] !== palette[i + 1] || palette[i] !== palette[i + 2]) return false;
  }
  return true;
}

/**
 * Decodes a BMP of 1, 4, 8 (palette, plain or run-length), 16, 24 or 32 bits a pixel, rows from the bottom or the top, to 8
 * bits: one channel where its palette is grey, else RGB. An alpha channel is composited over black, unless it is zero
 * everywhere, as programs leave it that mean none.
 * @throws Error with what is wrong
 */
export function decodeBmp(bytes: Uint8Array): RawImage {
  const header = bmpHeader(bytes);
  const { width, height, bits, compression, topDown, palette, grey } = header;
  const channels = grey ? 1 : 3;
  const data = new Uint8Array(width * height * channels);
  if (bits > 8) readDeep(bytes, header, data);
  else {
    const indices = compression === "none" ? plainIndices(bytes, header) : runIndices(bytes, header);
    for (let i = 0; i < indices.length; i++) {
      const at = 3 * indices[i]!;
      for (let c = 0; c < channels; c++) data[channels * i + c] = palette[at + c]!;
    }
  }
  return { width, height, channels, data: topDown ? data : turned(data, width * channels, height) };
}

/** Rows in reverse. */
function turned(data: Uint8Array, stride: number, height: number): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) out.set(data.subarray(y * stride, (y + 1) * stride), (height - 1 - y) * stride);
  return out;
}

/** Bytes of a row: whole words of 32 bits. */
const rowBytes = ({ width, bits }: BmpHeader): number => Math.ceil((width * bits) / 32) * 4;

function checkLength(bytes: Uint8Array, header: BmpHeader): void {
  // The padding of the last row is often left out.
  const last = Math.ceil((header.width * header.bits) / 8);
  const needed = header.pixelsAt + rowBytes(header) * (header.height - 1) + last;
  if (bytes.length < needed) throw new Error(`the BMP needs ${needed} bytes and has ${bytes.length}`);
}

/** Palette indices in the order of the rows in the file. */
function plainIndices(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  checkLength(bytes, header);
  const { width, height, bits, pixelsAt } = header;
  const out = new Uint8Array(width * height);
  const mask = 2 ** bits - 1;
  for (let y = 0, i = 0; y < height; y++) {
    const row = pixelsAt + y * rowBytes(header);
    for (let x = 0; x < width; x++, i++) {
      const bit = x * bits;
      out[i] = (bytes[row + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask;
    }
  }
  return out;
}

/** Palette indices of run-length coded pixels; those that are skipped are 0. */
function runIndices(bytes: Uint8Array, { width, height, bits, pixelsAt }: BmpHeader): Uint8Array {
  const out = new Uint8Array(width * height);
  let [x, y] = [0, 0];
  const put = (index: number) => {
    if (x < width && y < height) out[y * width + x] = index;
    x++;
  };
  const nth = (value: number, i: number) => (bits === 8 ? value : i % 2 === 0 ? value >> 4 : value & 15);
  for (let at = pixelsAt; at + 1 < bytes.length && y < height; ) {
    const [count, value] = [bytes[at]!, bytes[at + 1]!];
    at += 2;
    if (count > 0) for (let i = 0; i < count; i++) put(nth(value, i));
    else if (value === 0) [x, y] = [0, y + 1];
    else if (value === 1) return out;
    else if (value === 2) {
      x += bytes[at] ?? 0;
      y += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      for (let i = 0; i < value; i++) put(nth(bytes[at + ((i * bits) >> 3)] ?? 0, i));
      at += Math.ceil((value * bits) / 16) * 2;
    }
  }
  if (y < height && !(y === height - 1 && x >= width)) throw new Error("the runs of the BMP end before its last row");
  return out;
}

/** A channel of a pixel, from its bits to 0..255. */
function channelOf(mask: number): (pixel: number) => number {
  if (mask === 0) return () => 0;
  const down = 31 - Math.clz32(mask & -mask);
  const most = mask >>> down;
  return (pixel) => Math.round((((pixel & mask) >>> down) * 255) / most);
}

/** Pixels of 16, 24 and 32 bits as RGB, in the order of the rows in the file. */
function readDeep(bytes: Uint8Array, header: BmpHeader, out: Uint8Array): void {
  checkLength(bytes, header);
  const { width, height, bits, pixelsAt, masks } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = masks.map(channelOf);
  const alpha = masks[3] === 0 || bits === 24 ? null : new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const row = pixelsAt + y * rowBytes(header);
    for (let x = 0; x < width; x++, i++) {
      if (bits === 24) {
        for (let c = 0; c < 3; c++) out[3 * i + c] = bytes[row + 3 * x + 2 - c]!;
        continue;
      }
      const pixel = bits === 16 ? view.getUint16(row + 2 * x, true) : view.getUint32(row + 4 * x, true);
      for (let c = 0; c < 3; c++) out[3 * i + c] = read[c]!(pixel);
      if (alpha !== null) alpha[i] = read[3]!(pixel);
    }
  }
  if (alpha === null || alpha.every((value) => value === 0)) return;
  for (let i = 0; i < out.length; i++) out[i] = Math.round((out[i]! * alpha[Math.floor(i / 3)]!) / 255);
}
