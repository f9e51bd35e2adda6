import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "./dataset.ts";
import { depthOf } from "./grey-range.ts";
import { readImage } from "./pixels.ts";
import { openPackedStore } from "./store.ts";
import { pngOf, writeFiles } from "./testing/fixtures.ts";

const folder = await temporaryFolder();

/** 16-bit grey from 0 to a highest value. */
const wide = (highest: number, ending: "png" | "tif" = "png") => {
  const data = Uint16Array.from({ length: 64 }, (_, i) => Math.round((i * highest) / 63));
  const image = sharp(data, { raw: { width: 8, height: 8, channels: 1 } }).toColourspace("grey16");
  return (ending === "png" ? image.png() : image.tiff({ compression: "lzw" })).toBuffer();
};

test.each([
  [1, 8],
  [255, 8],
  [256, 10],
  [1023, 10],
  [1024, 12],
  [4095, 12],
  [4096, 14],
  [16_383, 14],
  [16_384, 16],
  [65_535, 16],
])("values up to %i are of %i bits", (highest, bits) => {
  expect(depthOf(highest)).toBe(bits);
});

describe.each(["png", "tif"] as const)("a set of 16-bit %s", (ending) => {
  test.each([
    [1000, 10, 1023],
    [4000, 12, 4095],
    [16_000, 14, 16_383],
  ])("whose values reach %i is scaled over %i bits, all images alike, and it is said", async (highest, bits, full) => {
    const root = await writeFiles(join(folder, `${ending}-${bits}`), {
      [`a/1.${ending}`]: await wide(highest, ending),
      [`a/2.${ending}`]: await wide(highest / 2, ending),
      [`b/3.${ending}`]: await wide(highest, ending),
    });
    const dataset = await readDataset(root);
    expect(dataset.notes.join("\n")).toContain(`hold values of ${bits} bits: 0 to ${full} become black to white`);
    expect((await readImage(dataset, 0)).data[63]).toBe(Math.round((255 * highest) / full));
    expect((await readImage(dataset, 1)).data[63]).toBe(Math.round((255 * Math.round(highest / 2)) / full));
    // What a filter leaves is scaled as the whole set is.
    const some = { ...dataset, samples: [dataset.samples[1]!] };
    expect(await readImage(some, 0)).toEqual(await readImage(dataset, 1));
    const store = await openPackedStore(some, { resolution: 8, folder: join(folder, "packed") });
    const packed = new Uint8Array(store.channels * 64);
    store.readInto([0], packed);
    expect([...packed.subarray(0, 64)]).toEqual([...(await readImage(some, 0)).data]);
    store.close();
  });
});

test("one image of all 16 bits is enough for the full range, wherever it lies, and nothing is said", async () => {
  const files: Record<string, Uint8Array> = {};
  for (let i = 10; i < 70; i++) files[`a/${i}.png`] = await wide(3000);
  files["a/41.png"] = await wide(60_000);
  const dataset = await readDataset(await writeFiles(join(folder, "full"), files));
  expect(dataset.notes.join("\n")).not.toContain("bits");
  expect((await readImage(dataset, 0)).data[63]).toBe(Math.round((255 * 3000) / 65_535));
});

test("8-bit images beside them stay as they are", async () => {
  const files: Record<string, Uint8Array> = { "b/9.png": await wide(4000) };
  for (let i = 10; i < 70; i++) files[`a/${i}.png`] = await pngOf(i, 8, 8, 1);
  const dataset = await readDataset(await writeFiles(join(folder, "mixed"), files));
  const at = dataset.samples.findIndex(({ fileName }) => fileName === "b/9.png");
  expect((await readImage(dataset, at)).data[63]).toBe(249);
});
