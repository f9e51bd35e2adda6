import { deflateSync } from "node:zlib";
import { crc32 } from "../../readers/zip.ts";

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(8 + body.length);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), 4 + body.length);
  return out;
}

/**
 * A PNG that stores values exactly as they are given.
 * @param values [height * width], row by row: greys, or positions of the palette.
 * @param depth Bits a value, 1 to 16.
 * @param palette 0xRRGGBB of each position. Defaults to grey.
 */
export function storedPng(
  values: readonly number[],
  width: number,
  depth: 1 | 2 | 4 | 8 | 16,
  palette?: readonly number[],
): Uint8Array {
  const height = values.length / width;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, palette === undefined ? 0 : 3, 0, 0, 0], 8);
  const rows = Array.from({ length: height }, (_, y) => {
    const row = Buffer.alloc(1 + Math.ceil((width * depth) / 8));
    for (let x = 0; x < width; x++) {
      const value = values[y * width + x]!;
      if (depth === 16) row.writeUInt16BE(value, 1 + 2 * x);
      else row[1 + Math.floor((x * depth) / 8)]! |= value << (8 - depth - ((x * depth) % 8));
    }
    return row;
  });
  const colours = (palette ?? []).flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]);
  return new Uint8Array(
    Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk("IHDR", header),
      ...(palette === undefined ? [] : [chunk("PLTE", Uint8Array.from(colours))]),
      chunk("IDAT", deflateSync(Buffer.concat(rows))),
      chunk("IEND", new Uint8Array(0)),
    ]),
  );
}
