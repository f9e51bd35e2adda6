/** PNG files with text beside the pixels, written by hand (PNG Specification, third edition, W3C 2025, section 5 and 11). */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const COLOUR_TYPE = { 1: 0, 3: 2 } as const;

/** CRC-32 of a chunk (section 5.5): polynomial 0xEDB88320, reflected, ones before and after. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) {
    crc ^= bytes[i]!;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Length, type, data and CRC of type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)));
  return out;
}

/** The same text in ASCII, as `tEXt` (Latin-1) asks: other characters of a JSON string become their escapes. */
const toAscii = (json: string) =>
  json.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** A `tEXt` chunk: a keyword and JSON. */
function textChunk(keyword: string, value: unknown): Uint8Array {
  const text = `${keyword}\0${toAscii(JSON.stringify(value))}`;
  return chunk(
    "tEXt",
    Uint8Array.from(text, (character) => character.charCodeAt(0)),
  );
}

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export interface PngPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** uint8 [height, width, channels]. */
  readonly pixels: Uint8Array;
}

/**
 * A PNG of 8 bits a channel, grey or RGB.
 * @param text JSON by keyword, each in a `tEXt` chunk. Defaults to none.
 */
export async function encodePng(
  picture: PngPicture,
  text: Readonly<Record<string, unknown>> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, channels, pixels } = picture;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  header[9] = COLOUR_TYPE[channels];
  const row = width * channels;
  // Each row begins with its filter, 0: none.
  const rows = new Uint8Array(height * (row + 1));
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  const parts = [
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header),
    ...Object.entries(text).map(([keyword, value]) => textChunk(keyword, value)),
    chunk("IDAT", await deflated(rows)),
    chunk("IEND", new Uint8Array(0)),
  ];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Base64 of bytes. */
export const toBase64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
