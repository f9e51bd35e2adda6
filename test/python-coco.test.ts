// Exported COCO as pycocotools reads it: see scripts/python-readers.mjs.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { readDataset } from "../src/data/dataset.ts";
import { exportDataset } from "../src/data/export/export-dataset.ts";
import { encodePng } from "../src/data/image.ts";
import { readMask } from "../src/data/pixels.ts";
import { noiseMask, pngOf, writeFiles } from "../src/data/testing/fixtures.ts";
import { missingPython, readByPython } from "./testing/python.ts";

const missing = missingPython("exported COCO is not opened by pycocotools");
const folder = await temporaryFolder();

interface Found {
  readonly boxes: readonly (readonly number[])[];
  readonly categories: readonly string[];
  readonly sha256: string;
}

test.skipIf(missing)("pycocotools reads the boxes, categories and pixels of an export", async () => {
  const [width, height] = [13, 8];
  const root = await writeFiles(join(folder, "set"), {
    "images/1.png": await pngOf(1, width, height),
    "images/2.png": await pngOf(2, width, height),
    "images/3.png": await pngOf(3, width, height),
    "masks/1.png": await encodePng(noiseMask(4, width, height)),
    "metadata.csv":
      "file_name,label,mask,x_min,y_min,x_max,y_max\nimages/1.png,nv,masks/1.png,,,,\nimages/2.png,mel,,1;2.5,1;3,5;9,4;7\nimages/3.png,mel,,,,,\n",
  });
  const set = await readDataset(root);
  await exportDataset(set, join(folder, "out"), "coco");
  const [found] = await readByPython<Record<string, Found>[]>(
    "current",
    "coco",
    [join(folder, "out/annotations/instances.json")],
    folder,
  );
  const empty = createHash("sha256")
    .update(new Uint8Array(width * height))
    .digest("hex");
  expect(found!["1.png"]!.sha256).toBe(
    createHash("sha256")
      .update((await readMask(set, 0))!.data)
      .digest("hex"),
  );
  expect(new Set(found!["1.png"]!.categories)).toEqual(new Set(["nv"]));
  expect(found!["2.png"]).toEqual({
    boxes: [
      [1, 1, 4, 3],
      [2.5, 3, 6.5, 4],
    ],
    categories: ["mel", "mel"],
    sha256: empty,
  });
  expect(found!["3.png"]).toEqual({ boxes: [], categories: [], sha256: empty });
});
