import { crc32 } from "../readers/zip.ts";

/** A PNG of a palette, taken apart. */
export interface PaletteImage {
  /** The same picture as grey, whose values are the positions in the palette times {@link scale}. */
  readonly png: Uint8Array;
  /** A decoder widens positions of fewer than 8 bits to 0..255. */
  readonly scale: number;
  /** 0xRRGGBB of each position. */
  readonly palette: readonly number[];
}

const GREY = 0;
const PALETTE = 3;
const HEADER = 8;

/**
 * Reads the palette of a PNG and makes its positions visible: the header then says grey, and the palette is left out (PNG
 * specification 11.2.1 and 11.2.2; both kinds store one number a pixel). Null for any other picture.
 */
export function openPalette(bytes: Uint8Array): PaletteImage | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isPng = bytes.length > 33 && view.getUint32(0) === 0x89504e47 && bytes[25] === PALETTE;
  if (!isPng) return null;
  const parts: Uint8Array[] = [bytes.subarray(0, HEADER)];
  let palette: number[] | null = null;
  for (let at = HEADER; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length) return null;
    const chunk = bytes.subarray(at, end);
    const type = String.fromCharCode(...chunk.subarray(4, 8));
    if (type === "PLTE") {
      const data = chunk.subarray(8, 8 + length);
      palette = Array.from(
        { length: Math.floor(length / 3) },
        (_, i) => (data[3 * i]! << 16) | (data[3 * i + 1]! << 8) | data[3 * i + 2]!,
      );
    } else if (type === "IHDR") {
      const header = Uint8Array.from(chunk);
      header[8 + 9] = GREY;
      new DataView(header.buffer).setUint32(8 + length, crc32(header.subarray(4, 8 + length)));
      parts.push(header);
    } else if (type === "IDAT" || type === "IEND") parts.push(chunk);
    at = end;
  }
  if (palette === null) return null;
  return { png: new Uint8Array(Buffer.concat(parts)), scale: 255 / (2 ** bytes[24]! - 1), palette };
}
