import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "./dataset.ts";
import { encodePng } from "./image.ts";
import { importDataset, importNames } from "./import.ts";
import { readImage, readMask } from "./pixels.ts";
import { medmnist, noiseMask, npzBytes, pngOf, writeFiles } from "./testing/fixtures.ts";
import type { RawImage } from "./types.ts";

const folder = await temporaryFolder();

/** A 12 x 8 image, white in the columns 4 to 7 and black elsewhere, and the box around the white. */
const bar: RawImage = {
  width: 12,
  height: 8,
  channels: 1,
  data: Uint8Array.from({ length: 96 }, (_, i) => (i % 12 >= 4 && i % 12 < 8 ? 255 : 0)),
};

describe("import", () => {
  test("an npz becomes an image folder with the same pixels, labels and splits", async () => {
    const root = await writeFiles(join(folder, "npz"), { "x.npz": npzBytes(medmnist(3, 3)) });
    const source = await readDataset(join(root, "x.npz"));
    const plan = await importDataset(source, join(root, "out"));
    expect(plan).toEqual({
      images: 9,
      masks: 0,
      size: undefined,
      perClass: { 0: 3, 1: 3, 2: 3 },
      columns: ["file_name", "label", "split", "source"],
    });
    const copy = await readDataset(join(root, "out"));
    expect(copy.notes).toEqual([]);
    expect(copy.samples[4]).toEqual({
      fileName: "images/000005.png",
      label: "1",
      split: "val",
      attributes: { source: "val/1" },
    });
    for (const index of source.samples.keys()) {
      expect(await readImage(copy, index)).toEqual(await readImage(source, index));
    }
  });

  test("masks and boxes move along with the crop and the size", async () => {
    const png = await encodePng(bar);
    const root = await writeFiles(join(folder, "boxes"), {
      "metadata.csv": "file_name,label,mask,x_min,y_min,x_max,y_max,age\na.png,x,m.png,4,0,8,8,50\nb.png,y,,,,,,\n",
      "a.png": png,
      "b.png": png,
      "m.png": png,
    });
    const plan = await importDataset(await readDataset(root), join(root, "out"), { size: 16 });
    const copy = await readDataset(join(root, "out"));
    expect(plan.columns).toEqual(["file_name", "mask", "label", "source", "x_min", "y_min", "x_max", "y_max", "age"]);
    expect((await readFile(join(root, "out/metadata.csv"), "utf8")).split("\n")[0]).toBe(plan.columns.join(","));
    // the crop starts at column 2, then each pixel becomes two: 4 - 2 = 2 => 4, 8 - 2 = 6 => 12
    expect(copy.samples[0]!.attributes).toMatchObject({ x_min: "4", y_min: "0", x_max: "12", y_max: "16", age: "50" });
    expect(copy.samples[1]!.attributes).toMatchObject({ x_min: "", age: "" });
    const mask = await readMask(copy, 0);
    expect([...mask!.data.subarray(0, 16)].map((v, x) => (v > 0 ? x : -1)).filter((x) => x >= 0)).toEqual([
      4, 5, 6, 7, 8, 9, 10, 11,
    ]);
    expect(await readMask(copy, 1)).toBeNull();
  });

  test("names are kept where they are safe for loaders, else images are numbered", async () => {
    const png = await pngOf(1);
    const names = async (...files: string[]) => {
      const root = join(folder, files.join().replaceAll("/", "_"));
      await writeFiles(root, Object.fromEntries(files.map((file) => [`x/${file}`, png])));
      return importNames(await readDataset(root));
    };
    expect(await names("ISIC_1.png", "b/ISIC_2.jpg")).toEqual(["ISIC_1", "ISIC_2"]);
    expect(await names("1.png", "b/1.png")).toEqual(["000001", "000002"]);
    expect(await names("test_1.png", "a.png")).toEqual(["000001", "000002"]);
  });

  test("a mask of another size and damaged images are listed, and nothing is written", async () => {
    const png = await pngOf(1);
    const root = await writeFiles(join(folder, "bad"), {
      "metadata.csv": "file_name,label,mask\na.png,x,m.png\nb.png,y,\nc.png,y,\n",
      "a.png": png,
      "b.png": png.subarray(0, 60),
      "c.png": png,
      "m.png": await encodePng(noiseMask(1, 4, 4)),
    });
    const error = await failure(importDataset(await readDataset(root), join(root, "out")));
    expect(error.code).toBe("dataset");
    expect(error.problems.map((p) => [p.code, p.path])).toEqual([
      ["mask-size", "m.png"],
      ["damaged-image", "b.png"],
    ]);
    expect((await readdir(root)).sort()).toEqual(["a.png", "b.png", "c.png", "m.png", "metadata.csv"]);
  });
});
