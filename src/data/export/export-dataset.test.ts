// What is exported is read back: the same boxes, masks, classes and splits.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../dataset.ts";
import { encodePng } from "../image.ts";
import { connectedComponents } from "../maps/components.ts";
import { readImage, readMask } from "../pixels.ts";
import { noiseMask, pngOf, writeFiles } from "../testing/fixtures.ts";
import type { Dataset, RawImage } from "../types.ts";
import { EXPORT_FORMATS, exportDataset } from "./export-dataset.ts";
import { outlineOf } from "./outline.ts";

const folder = await temporaryFolder();
const [WIDTH, HEIGHT] = [14, 9];
let made = 0;

/** A mask of 0 and 255 with a ring, parts that touch at a corner, and single pixels. */
function mask(seed: number): RawImage {
  const { data, ...size } = noiseMask(seed, WIDTH, HEIGHT);
  return { ...size, data };
}

/** A set with a split, classes, masks in some images and boxes in others. */
async function source(): Promise<Dataset> {
  const files: [string, Uint8Array | string][] = await Promise.all(
    [1, 2, 3, 4, 5].map(async (i) => [`images/${i}.png`, await pngOf(i, WIDTH, HEIGHT)] as [string, Uint8Array]),
  );
  for (const i of [1, 2]) files.push([`masks/${i}.png`, await encodePng(mask(i))]);
  const table = [
    "file_name,label,split,mask,x_min,y_min,x_max,y_max",
    "images/1.png,nv,train,masks/1.png,,,,",
    "images/2.png,mel,train,masks/2.png,2;7,1;3,6;12.5,5;8",
    'images/3.png,"a, b",val,,0,0,14,9',
    "images/4.png,nv,val,,,,,",
    "images/5.png,nv,test,,1.25,2,9,8.5",
  ];
  files.push(["metadata.csv", table.join("\n")]);
  return readDataset(await writeFiles(join(folder, String(made++)), Object.fromEntries(files)));
}

const maskOf = async (set: Dataset, i: number) => (await readMask(set, i))?.data.map((value) => (value > 0 ? 1 : 0));

/** Samples by the pixels of their image, whatever they are called. */
async function byImage(set: Dataset) {
  const found = await Promise.all(
    set.samples.map(async (sample, i) => {
      const { data } = await readImage(set, i);
      const boxes = (set.columns.box ?? []).map((name) => (sample.attributes[name] ?? "").split(";").map(Number));
      return [Buffer.from(data).toString("base64"), { ...sample, boxes, inside: await maskOf(set, i) }] as const;
    }),
  );
  return new Map(found);
}

describe.each(EXPORT_FORMATS)("%s", (format) => {
  test("is read back: images, splits, classes, boxes, masks", async () => {
    const set = await source();
    const out = join(folder, `${made++}-${format}`);
    const result = await exportDataset(set, out, format);
    expect(result).toMatchObject({ images: 5, splits: { train: 2, val: 2, test: 1 }, classes: ["a, b", "mel", "nv"] });
    const copies = await byImage(await readDataset(out));
    const sources = await byImage(set);
    expect(copies.size).toBe(5);
    for (const [pixels, { label, split, inside, fileName }] of sources) {
      const copy = copies.get(pixels)!;
      expect([copy.split, fileName], fileName).toEqual([split, fileName]);
      // An image without objects has no category.
      expect(copy.label, fileName).toBe(fileName === "images/4.png" ? "negative" : label);
      expect(copy.inside, fileName).toEqual(inside);
    }
    const boxes = (name: string, of: typeof copies) => [...of.values()].find(({ fileName }) => fileName === name)!;
    const five = [...sources].find(([, { fileName }]) => fileName === "images/5.png")![0];
    expect(copies.get(five)!.boxes).toEqual([[1.25], [2], [9], [8.5]]);
    expect(boxes("images/2.png", sources).boxes[0]).toEqual([2, 7]);
    const two = copies.get([...sources].find(([, { fileName }]) => fileName === "images/2.png")![0])!;
    if (format === "coco")
      expect(two.boxes.map((values) => values.slice(0, 2))).toEqual([
        [2, 7],
        [1, 3],
        [6, 12.5],
        [5, 8],
      ]);
  });

  test("a set without a split, with boxes alone", async () => {
    const root = await writeFiles(join(folder, String(made++)), {
      "1.png": await pngOf(1),
      "metadata.csv": "file_name,label,x_min,y_min,x_max,y_max\n1.png,a,1,1,4,4\n",
    });
    const out = join(folder, String(made++));
    const { notes } = await exportDataset(await readDataset(root), out, format);
    expect(notes.join()).toMatch(format === "yolo" ? /there is no split.*ganglion split/ : /^$/);
    expect((await readdir(out)).sort()).toEqual(
      format === "coco" ? ["annotations", "images"] : ["data.yaml", "images", "labels"],
    );
    expect((await readDataset(out)).samples).toMatchObject([{ label: "a", attributes: { x_min: "1", y_max: "4" } }]);
  });
});

test("labels of YOLO are lines of shares, and data.yaml names splits and classes", async () => {
  const out = join(folder, String(made++));
  await exportDataset(await source(), out, "yolo");
  expect(await readFile(join(out, "data.yaml"), "utf8")).toBe(
    'train: images/train\nval: images/val\ntest: images/test\nnc: 3\nnames:\n  0: "a, b"\n  1: "mel"\n  2: "nv"\n',
  );
  expect(await readFile(join(out, "labels/val/3.txt"), "utf8")).toBe("0 0.5 0.5 1 1\n");
  expect(await readFile(join(out, "labels/val/4.txt"), "utf8")).toBe("");
});

test("a set without boxes and masks, a folder that is not empty, and damaged images are refused; nothing is left", async () => {
  const root = await writeFiles(join(folder, String(made++)), { "a/1.png": await pngOf(1) });
  const set = await readDataset(root);
  expect((await failure(exportDataset(set, join(folder, "none"), "coco"))).message).toContain("no boxes and no masks");
  expect((await failure(exportDataset(await source(), root, "coco"))).message).toContain("is not empty");
  const damaged = await source();
  await writeFiles(damaged.root, { "images/3.png": (await pngOf(3)).subarray(0, 60) });
  expect((await failure(exportDataset(damaged, join(folder, "none"), "yolo"))).problems).toMatchObject([
    { path: "images/3.png" },
  ]);
  expect(await readdir(folder)).not.toContain("none");
});

test("the outline of any part of a mask goes around its pixels alone", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { data } = mask(seed);
    for (const part of connectedComponents(data, WIDTH, HEIGHT)) {
      const ring = outlineOf(part, WIDTH);
      const own = new Set(part.pixels);
      const around = Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
        const [x, y] = [(i % WIDTH) + 0.5, Math.floor(i / WIDTH) + 0.5];
        let odd = false;
        for (let k = 0, j = ring.length - 2; k < ring.length; j = k, k += 2) {
          const [xa, ya, xb, yb] = [ring[j]!, ring[j + 1]!, ring[k]!, ring[k + 1]!];
          if (ya > y !== yb > y && x < xa + ((y - ya) / (yb - ya)) * (xb - xa)) odd = !odd;
        }
        return odd;
      });
      expect(around.flatMap((inside, i) => (inside ? [i] : []))).toEqual([...own].sort((a, b) => a - b));
    }
  }
});
