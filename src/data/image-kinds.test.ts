// TIFF, WebP and BMP beside PNG and JPEG: read by what they hold, in folders and tables.
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { contentHashes } from "./content-hash.ts";
import { readDataset } from "./dataset.ts";
import { decodeImage } from "./image.ts";
import { importDataset } from "./import.ts";
import { inspectDataset } from "./inspect.ts";
import { imageChannels, readImage, readMask } from "./pixels.ts";
import { groupImages } from "./split/image-groups.ts";
import { noise, pngOf, writeFiles } from "./testing/fixtures.ts";
import type { Dataset } from "./types.ts";

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

/** A TIFF of one grey value a page, uncompressed, little endian. @param sides Of each page. @param bits 8 or 16 */
function pagedTiff(values: readonly number[], sides: number | readonly number[] = 4, bits = 8): Buffer {
  const sideOf = (i: number) => (typeof sides === "number" ? sides : sides[i]!);
  const bytesOf = (i: number) => (sideOf(i) ** 2 * bits) / 8;
  const starts = [8];
  for (const i of values.keys()) starts.push(starts[i]! + 2 + 12 * 9 + 4 + bytesOf(i));
  const out = Buffer.alloc(starts.at(-1)!);
  out.write("II*\0", "latin1");
  out.writeUInt32LE(8, 4);
  values.forEach((value, i) => {
    const [at, side, pixels] = [starts[i]!, sideOf(i), bytesOf(i)];
    const data = at + 2 + 12 * 9 + 4;
    const tags = [
      [256, side],
      [257, side],
      [258, bits],
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
    out.writeUInt32LE(i + 1 < values.length ? starts[i + 1]! : 0, at + 2 + 12 * 9);
    if (bits === 8) out.fill(value, data, data + pixels);
    else for (let k = 0; k < pixels; k += 2) out.writeUInt16LE(value, data + k);
  });
  return out;
}

const namesOf = ({ samples }: Dataset) => samples.map(({ fileName }) => fileName);
const pixelOf = async (dataset: Dataset, i: number) => (await readImage(dataset, i)).data[0];

test("each page of a TIFF is an image, and the pages of a file are of one patient", async () => {
  const root = await writeFiles(join(folder, "pages"), {
    "a/1.tif": pagedTiff([10, 20, 30]),
    "b/2.tif": pagedTiff([40]),
  });
  const dataset = await readDataset(root);
  expect(namesOf(dataset)).toEqual(["a/1.tif#page 1", "a/1.tif#page 2", "a/1.tif#page 3", "b/2.tif"]);
  expect(await Promise.all([0, 1, 2, 3].map((i) => pixelOf(dataset, i)))).toEqual([10, 20, 30, 40]);
  expect(dataset.samples.map(({ label, patient }) => [label, patient])).toEqual([
    ["a", "a/1.tif"],
    ["a", "a/1.tif"],
    ["a", "a/1.tif"],
    ["b", "b/2.tif"],
  ]);
  expect(dataset.notes.join("\n")).toContain(
    "files of several pages: 1 TIFF (a/1.tif has 3); each page is an image, and the pages of a file are of one patient",
  );
  expect(new Set(await contentHashes(dataset)).size).toBe(4);
  expect(await imageChannels(dataset)).toBe(1);
  const { groups } = await groupImages(dataset, "none");
  expect([...groups]).toEqual([0, 0, 0, 1]);
});

test("pages of another size are left out and said; a pyramid is one image", async () => {
  const root = await writeFiles(join(folder, "pyramid"), {
    "a/1.tif": pagedTiff([10, 20, 30, 40], [8, 4, 8, 2]),
    "b/2.tif": pagedTiff([50, 51, 52], [16, 8, 4]),
  });
  const dataset = await readDataset(root);
  expect(namesOf(dataset)).toEqual(["a/1.tif#page 1", "a/1.tif#page 3", "b/2.tif"]);
  expect(await Promise.all([0, 1, 2].map((i) => pixelOf(dataset, i)))).toEqual([10, 30, 50]);
  expect(dataset.notes.join("\n")).toContain("pyramid and thumbnails have, are left out: 4");
});

test("pages of 16 bits have one range, found on all of them", async () => {
  const root = await writeFiles(join(folder, "wide"), { "a/1.tif": pagedTiff([0, 4095], 4, 16) });
  const dataset = await readDataset(root);
  expect(await Promise.all([0, 1].map((i) => pixelOf(dataset, i)))).toEqual([0, 255]);
});

test("masks of as many pages are those of the pages, another is of the first; a table names the file", async () => {
  const root = await writeFiles(join(folder, "page-masks"), {
    "metadata.csv": "file_name,dx,who,mask_file_name\n1.tif,x,p,m/1.tif\n2.tif,y,,m/2.tif\n",
    "1.tif": pagedTiff([10, 20]),
    "2.tif": pagedTiff([30, 40]),
    "m/1.tif": pagedTiff([0, 255]),
    "m/2.tif": pagedTiff([255]),
  });
  const dataset = await readDataset(root, { label: "dx", patient: "who" });
  expect(dataset.samples.map(({ patient, mask }) => [patient, mask])).toEqual([
    ["p", "m/1.tif#page 1"],
    ["p", "m/1.tif#page 2"],
    ["2.tif", "m/2.tif"],
    ["2.tif", undefined],
  ]);
  const masks = await Promise.all([0, 1, 2, 3].map(async (i) => (await readMask(dataset, i))?.data[0] ?? null));
  expect(masks).toEqual([0, 255, 255, null]);
  expect(dataset.notes.join("\n")).toContain("masks of another number of pages than their TIFF file");
});

test("import writes each page as an image with the page it came from", async () => {
  const root = await writeFiles(join(folder, "to-import"), {
    "a/1.tif": pagedTiff([10, 20]),
    "b/2.tif": pagedTiff([40]),
  });
  const out = join(folder, "imported");
  await importDataset(await readDataset(root), out);
  const copy = await readDataset(out);
  expect(copy.samples.map(({ patient, attributes }) => [patient, attributes.source])).toEqual([
    ["a/1.tif", "a/1.tif#page 1"],
    ["a/1.tif", "a/1.tif#page 2"],
    ["b/2.tif", "b/2.tif"],
  ]);
  expect(await Promise.all([0, 1, 2].map((i) => pixelOf(copy, i)))).toEqual([10, 20, 40]);
  expect((await inspectDataset(await readDataset(root))).images).toBe(3);
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
    "b/2.jpg": "%PDF-1.4",
  });
  const dataset = await readDataset(root);
  expect(await readImage(dataset, 0)).toEqual(image);
  expect((await failure(readImage(dataset, 1))).message).toMatch(
    /b\/2\.jpg: this is PDF by its first bytes; save its pictures/,
  );
});
