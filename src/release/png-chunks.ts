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
    at += 12 + view.getUint32(at);
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
  return [...found, ...strangeChunks(bytes)];
}
