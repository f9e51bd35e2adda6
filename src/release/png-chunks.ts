import { inflateSync } from "node:zlib";
import { imageFormat } from "../data/decode/format.ts";

/** Chunks of a PNG that hold pixels, their layout and size of print; all others can hold words. */
const PIXEL_CHUNKS = new Set(["IHDR", "pHYs", "IDAT", "IEND"]);

/** Names of the chunks of a PNG that are not of {@link PIXEL_CHUNKS}, and whether bytes follow the last one. */
export function strangeChunks(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: string[] = [];
  let at = 8;
  while (at + 12 <= bytes.length) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!PIXEL_CHUNKS.has(type)) found.push(type);
    const length = view.getUint32(at);
    // The size of print is two numbers and a unit, the end has no content.
    if ((type === "IEND" && length > 0) || (type === "pHYs" && length !== 9)) found.push(`${length} bytes in ${type}`);
    at += 12 + length;
    if (type === "IEND") break;
  }
  if (at !== bytes.length) found.push("bytes after the image");
  return found;
}

/** Colour types of PNG that are pixels and nothing else: grey and RGB. Others have a palette or an alpha channel. */
const PLAIN_COLOURS = [0, 2];

/**
 * What a file holds that `generate` does not write: another format, a palette, transparency, 16 bits, chunks besides
 * {@link PIXEL_CHUNKS}, bytes after the end. Empty for a plain PNG of 8 bits.
 */
export function beyondPixels(bytes: Uint8Array): string[] {
  if (imageFormat(bytes) !== "png") return ["no PNG"];
  const [bits, colour] = [bytes[24], bytes[25]];
  const found = bits === 8 ? [] : [`${bits} bits`];
  if (!PLAIN_COLOURS.includes(colour!)) found.push(colour === 3 ? "a palette" : "transparency");
  return [...found, ...strangeChunks(bytes), ...(found.length > 0 ? [] : besideRows(bytes))];
}

/** What the compressed data of a grey or RGB PNG of 8 bits holds besides its rows; nothing that a viewer shows. */
function besideRows(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[28] !== 0) return ["interlaced rows"];
  const packed: Uint8Array[] = [];
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "IDAT") packed.push(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
    if (type === "IEND") break;
  }
  const data = Buffer.concat(packed);
  const wanted = (view.getUint32(16) * (bytes[25] === 0 ? 1 : 3) + 1) * view.getUint32(20);
  try {
    // With `info` the types of Node do not say what comes back: the rows, and how many bytes were read for them.
    const { buffer, engine } = inflateSync(data, { info: true, maxOutputLength: wanted }) as unknown as {
      readonly buffer: Uint8Array;
      readonly engine: { readonly bytesWritten: number };
    };
    return buffer.length === wanted && engine.bytesWritten === data.length ? [] : ["bytes beside the rows"];
  } catch {
    return ["bytes beside the rows"];
  }
}
