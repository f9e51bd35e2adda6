// TIFF, WebP and BMP beside PNG and JPEG: read by what they hold, in folders and tables.
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "./dataset.ts";
import { decodeImage } from "./image.ts";
import { imageChannels, readImage, readMask } from "./pixels.ts";
import { noise, pngOf, writeFiles } from "./testing/fixtures.ts";

const folder = await temporaryFolder();
const image = noise(1, 12, 10, 3);
const raw = () => sharp(image.data, { raw: { width: 12, height: 10, channels: 3 } });

test.each([
  ["TIFF, LZW", () => raw().tiff({ compression: "lzw" })],
  ["TIFF, deflate", () => raw().tiff({ compression: "deflate" })],
  ["TIFF, plain", () => raw().tiff({ compression: "none" })],
  ["WebP, lossless", () => raw().webp({ lossless: true })],
])("%s comes back exactly", async (_, made) => {
  expect(await decodeImage(await made().toBuffer())).toEqual(image);
});

test("grey TIFF stays grey, of one bit too; TIFF and WebP cut short are refused", async () => {
  const grey = noise(2, 9, 7, 1);
  const one = sharp(grey.data, { raw: { width: 9, height: 7, channels: 1 } });
  expect(await decodeImage(await one.clone().toColourspace("b-w").tiff({ compression: "lzw" }).toBuffer())).toEqual(
    grey,
  );
  const bits = await decodeImage(await one.clone().toColourspace("b-w").tiff({ bitdepth: 1 }).toBuffer());
  expect([bits.channels, ...new Set(bits.data)].sort()).toEqual([0, 1, 255]);
  for (const bytes of [await raw().tiff({ compression: "lzw" }).toBuffer(), await raw().webp().toBuffer()]) {
    const error = await failure(decodeImage(bytes.subarray(0, bytes.length - 40)));
    expect(error.problems[0]!.code).toBe("damaged-image");
  }
});

/** A TIFF of one grey value a page, uncompressed, little endian. */
function pagedTiff(values: readonly number[], side = 4): Buffer {
  const pixels = side * side;
  const page = 2 + 12 * 9 + 4 + pixels;
  const out = Buffer.alloc(8 + values.length * page);
  out.write("II*\0", "latin1");
  out.writeUInt32LE(8, 4);
  values.forEach((value, i) => {
    const at = 8 + i * page;
    const data = at + 2 + 12 * 9 + 4;
    const tags = [
      [256, side],
      [257, side],
      [258, 8],
      [259, 1],
      [262, 1],
      [273, data],
      [277, 1],
      [278, side],
      [279, pixels],
    ] as const;
    out.writeUInt16LE(tags.length, at);
    tags.forEach(([tag, number], k) => {
      const entry = at + 2 + 12 * k;
      out.writeUInt16LE(tag, entry);
      out.writeUInt16LE(4, entry + 2);
      out.writeUInt32LE(1, entry + 4);
      out.writeUInt32LE(number, entry + 8);
    });
    out.writeUInt32LE(i + 1 < values.length ? at + page : 0, at + 2 + 12 * 9);
    out.fill(value, data, data + pixels);
  });
  return out;
}

test("of a TIFF of several pages the first is read, and it is said", async () => {
  const root = await writeFiles(join(folder, "pages"), {
    "a/1.tif": pagedTiff([10, 20, 30]),
    "b/2.tif": pagedTiff([40]),
  });
  const dataset = await readDataset(root);
  expect((await readImage(dataset, 0)).data[0]).toBe(10);
  expect(dataset.notes.join("\n")).toMatch(
    /1 of 2 files looked at hold several pages .*\(a\/1\.tif has 3\); the first/,
  );
});

test("kinds are mixed in a set, masks too, and a table names them without their ending", async () => {
  const root = await writeFiles(join(folder, "mixed"), {
    "list.csv": "id,dx,split\n1,a,train\n2,b,train\n3,a,test\n4,b,test\n",
    "pics/1.tif": await raw().tiff().toBuffer(),
    "pics/2.webp": await raw().webp({ lossless: true }).toBuffer(),
    "pics/3.bmp": bmpOf(),
    "pics/4.png": await pngOf(4, 12, 10),
    "masks/1.tif": await raw().toColourspace("b-w").tiff().toBuffer(),
  });
  const dataset = await readDataset(root);
  expect(dataset.samples.map(({ fileName, label }) => [fileName, label])).toEqual([
    ["pics/1.tif", "a"],
    ["pics/2.webp", "b"],
    ["pics/3.bmp", "a"],
    ["pics/4.png", "b"],
  ]);
  expect(await readImage(dataset, 1)).toEqual(image);
  expect([...(await readImage(dataset, 2)).data]).toEqual([3, 2, 1]);
  expect((await readMask(dataset, 0))?.channels).toBe(1);
  expect(await imageChannels(dataset)).toBe(3);
});

/** One pixel of 24 bits, B G R 1 2 3. */
function bmpOf(): Buffer {
  const out = Buffer.alloc(58);
  out.write("BM");
  out.writeUInt32LE(54, 10);
  out.writeUInt32LE(40, 14);
  out.writeInt32LE(1, 18);
  out.writeInt32LE(1, 22);
  out.writeUInt16LE(24, 28);
  out.set([1, 2, 3], 54);
  return out;
}

test("another kind under the name of an image is read where it is one that is read, else named", async () => {
  const root = await writeFiles(join(folder, "names"), {
    "a/1.png": await raw().webp({ lossless: true }).toBuffer(),
    "b/2.jpg": "GIF89a",
  });
  const dataset = await readDataset(root);
  expect(await readImage(dataset, 0)).toEqual(image);
  expect((await failure(readImage(dataset, 1))).message).toMatch(
    /b\/2\.jpg: this is GIF by its first bytes; convert it/,
  );
});
