// Annotation files as their programs write them, to classes, boxes and masks.
import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import type { ColumnOptions } from "../columns.ts";
import { readDataset } from "../dataset.ts";
import { encodePng } from "../image.ts";
import { importDataset } from "../import.ts";
import { storedPng } from "../masks/testing/stored-png.ts";
import { readMask } from "../pixels.ts";
import { pngOf, writeFiles } from "../testing/fixtures.ts";
import type { Dataset } from "../types.ts";

const folder = await temporaryFolder();
const [WIDTH, HEIGHT] = [20, 10];
let made = 0;

/** A set of images of 20 x 10 pixels and other files. */
async function read(paths: readonly string[], files: Record<string, unknown>, options: ColumnOptions = {}) {
  const images = await Promise.all(paths.map(async (path, i) => [path, await pngOf(i + 1, WIDTH, HEIGHT)] as const));
  const texts = Object.entries(files).map(([path, content]) => [
    path,
    typeof content === "string" ? content : JSON.stringify(content),
  ]);
  const root = await writeFiles(join(folder, String(made++)), Object.fromEntries([...images, ...texts]));
  return readDataset(root, options);
}

const boxesOf = ({ samples, columns }: Dataset) =>
  samples.map(({ attributes }) => (columns.box ?? []).map((name) => attributes[name]).join(" "));
const labelsOf = ({ samples }: Dataset) => samples.map(({ label }) => label);

/** Rows of a mask, `#` inside; null without one. */
async function picture(set: Dataset, i = 0): Promise<string[] | null> {
  const mask = await readMask(set, i);
  if (mask === null) return null;
  expect([mask.width, mask.height]).toEqual([WIDTH, HEIGHT]);
  return Array.from({ length: HEIGHT }, (_, y) =>
    [...mask.data.subarray(y * WIDTH, (y + 1) * WIDTH)].map((value) => (value > 0 ? "#" : ".")).join(""),
  );
}

/** Rows of a picture in which a rectangle is inside, less another one. */
function rectangle([left, top, right, bottom]: number[], hole: number[] = [0, 0, 0, 0]): string[] {
  const within = (x: number, y: number, [a, b, c, d]: number[]) => x >= a! && x < c! && y >= b! && y < d!;
  return Array.from({ length: HEIGHT }, (_, y) =>
    Array.from({ length: WIDTH }, (_, x) =>
      within(x, y, [left!, top!, right!, bottom!]) && !within(x, y, hole) ? "#" : ".",
    ).join(""),
  );
}

const coco = (annotations: unknown[], names = ["1.png", "2.png", "3.png"]) => ({
  images: names.map((file_name, i) => ({ id: i + 1, file_name, width: WIDTH, height: HEIGHT })),
  categories: [
    { id: 1, name: "polyp" },
    { id: 7, name: "ulcer" },
  ],
  annotations: annotations.map((one, i) => ({ id: i + 1, iscrowd: 0, ...(one as object) })),
});
const square = [2, 1, 6, 1, 6, 5, 2, 5];

test("COCO: polygons, boxes, several objects an image; an image without objects is negative", async () => {
  const set = await read(["images/1.png", "images/2.png", "images/3.png"], {
    "annotations/instances_default.json": coco([
      { image_id: 1, category_id: 1, bbox: [2, 1, 4, 4], segmentation: [square], area: 16 },
      { image_id: 1, category_id: 1, bbox: [10, 2, 5, 3], segmentation: [[10, 2, 15, 2, 15, 5, 10, 5]], area: 15 },
      { image_id: 2, category_id: 7, bbox: [0.5, 0, 3, 2], segmentation: [] },
    ]),
  });
  expect(labelsOf(set)).toEqual(["polyp", "ulcer", "negative"]);
  expect(boxesOf(set)).toEqual(["2;10 1;2 6;15 5;5", "0.5 0 3.5 2", "   "]);
  expect((await picture(set))!.join("").replaceAll(".", "")).toHaveLength(16 + 15);
  expect(await picture(set, 1)).toBeNull();
  expect(set.notes.join("\n")).toMatch(
    /annotations in the format of COCO.*3 boxes, regions in 1 image; the categories are the classes/,
  );
  expect(set.notes.join("\n")).toMatch(/1 annotated image holds no object; its class is "negative"/);
  const out = join(folder, "coco-out");
  await importDataset(set, out);
  const copy = await readDataset(out);
  expect(await picture(copy)).toEqual(await picture(set));
  expect(boxesOf(copy)).toEqual(boxesOf(set));
  expect(labelsOf(copy)).toEqual(labelsOf(set));
});

test("COCO: run lengths as numbers and compressed by pycocotools", async () => {
  // pycocotools.mask.encode of the square above; columns of 10 pixels.
  const counts = [21, 4, 6, 4, 6, 4, 6, 4, 145];
  const compressed = "e04600000[4";
  for (const segmentation of [
    { size: [HEIGHT, WIDTH], counts },
    { size: [HEIGHT, WIDTH], counts: compressed },
  ]) {
    const set = await read(["1.png"], { "a.json": coco([{ image_id: 1, category_id: 1, segmentation }], ["1.png"]) });
    expect(await picture(set)).toEqual(rectangle([2, 1, 6, 5]));
    expect(boxesOf(set)).toEqual(["2 1 6 5"]);
  }
});

test("COCO of Roboflow: a file in each split; several categories by the policy for several labels", async () => {
  const both = [
    { image_id: 1, category_id: 1, bbox: [2, 1, 4, 4] },
    { image_id: 1, category_id: 7, bbox: [8, 1, 4, 4] },
  ];
  const files = {
    "train/_annotations.coco.json": coco(both, ["a.png"]),
    "valid/_annotations.coco.json": coco(both, ["a.png"]),
  };
  const set = await read(["train/a.png", "valid/a.png"], files);
  expect(set.samples.map(({ fileName, split, label }) => [fileName, split, label])).toEqual([
    ["train/a.png", "train", "polyp|ulcer"],
    ["valid/a.png", "val", "polyp|ulcer"],
  ]);
  const first = await read(["train/a.png", "valid/a.png"], files, { multiLabel: "first" });
  expect(labelsOf(first)).toEqual(["polyp", "polyp"]);
});

test("COCO of captions or keypoints beside instances is left alone", async () => {
  const instances = coco([{ image_id: 1, category_id: 1, bbox: [2, 1, 4, 4] }], ["1.png"]);
  const set = await read(["val2017/1.png"], {
    "annotations/captions_val2017.json": { ...instances, annotations: [{ image_id: 1, caption: "x" }] },
    "annotations/person_keypoints_val2017.json": instances,
    "annotations/instances_val2017.json": instances,
  });
  expect(boxesOf(set)).toEqual(["2 1 6 5"]);
  expect(set.samples[0]!.split).toBeUndefined();
});

const cvat = (images: string) => `<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><name>T &amp; U</name></task></meta>${images}</annotations>`;

test("CVAT: boxes, polygons, masks, ellipses, tags; lines are left out and counted", async () => {
  const set = await read(["a.png", "b.png", "c.png"], {
    "annotations.xml": cvat(`
<image id="0" name="a.png" width="20" height="10">
  <box label="nodule" occluded="0" xtl="2.00" ytl="1.00" xbr="6.00" ybr="5.00" z_order="0"><attribute name="x">1</attribute></box>
  <polyline label="nodule" points="1,1;2,2" /></image>
<image id="1" name="sub/b.png" width="20" height="10">
  <polygon label="cyst &lt; 3" points="2.00,1.00;6.00,1.00;6.00,5.00;2.00,5.00"/>
  <mask label="cyst &lt; 3" rle="1, 2, 3, 3" left="10" top="2" width="3" height="3"/></image>
<image id="2" name="c.png" width="20" height="10"><tag label="normal" source="manual"/>
  <ellipse label="normal" cx="10" cy="5" rx="4" ry="3"/></image>`),
  });
  expect(labelsOf(set)).toEqual(["nodule", "cyst < 3", "normal"]);
  expect(boxesOf(set)[0]).toBe("2 1 6 5");
  // 1 outside, 2 inside; 3 outside, 3 inside, along rows of 3.
  const b = (await picture(set, 1))!;
  expect([b[2]!.slice(10, 13), b[3]!.slice(10, 13), b[4]!.slice(10, 13)]).toEqual([".##", "...", "###"]);
  expect(b[1]!.slice(0, 8)).toBe("..####..");
  const ellipse = (await picture(set, 2))!.join("").replaceAll(".", "").length;
  expect(Math.abs(ellipse - Math.PI * 12)).toBeLessThan(3);
  expect(set.notes.join("\n")).toMatch(/left out: polyline of CVAT \(1\)/);
});

const size = { original_width: WIDTH, original_height: HEIGHT };
const task = (image: string, result: unknown[]) => ({
  id: 1,
  data: { image },
  annotations: [{ id: 1, was_cancelled: false, result }],
});

test("Label Studio: rectangles in per cent, polygons, brushes, choices; uploads and local files by their names", async () => {
  const value = { x: 10, y: 10, width: 20, height: 40, rotation: 0 };
  const points = [
    [10, 10],
    [30, 10],
    [30, 50],
    [10, 50],
  ];
  const set = await read(["a.png", "my b.png", "c.png", "d.png"], {
    "project-1.json": [
      task("/data/upload/1/0a1b2c3d-a.png", [
        { type: "rectanglelabels", ...size, value: { ...value, rectanglelabels: ["mass"] } },
      ]),
      task("/data/local-files/?d=pics/my%20b.png", [
        { type: "polygonlabels", ...size, value: { points, polygonlabels: ["mass"] } },
      ]),
      task("s3://bucket/c.png", [
        { type: "brushlabels", ...size, value: { format: "rle", rle: BRUSH, brushlabels: ["scar"] } },
      ]),
      task("d.png", [{ type: "choices", value: { choices: ["healthy"] } }]),
    ],
  });
  expect(labelsOf(set)).toEqual(
    ["mass", "mass", "scar", "healthy"].map(
      (_, i) =>
        ["mass", "scar", "healthy", "mass"][["a.png", "c.png", "d.png", "my b.png"].indexOf(set.samples[i]!.fileName)],
    ),
  );
  const at = (name: string) => set.samples.findIndex(({ fileName }) => fileName === name);
  expect(boxesOf(set)[at("a.png")]).toBe("2 1 6 5");
  expect(await picture(set, at("a.png"))).toBeNull();
  expect(await picture(set, at("my b.png"))).toEqual(rectangle([2, 1, 6, 5]));
  expect(await picture(set, at("c.png"))).toEqual(rectangle([2, 1, 6, 5]));
  const min = await read(["a.png"], {
    "min.json": [
      {
        image: "/data/upload/1/0a1b2c3d-a.png",
        id: 3,
        annotation_id: 1,
        label: [{ ...value, ...size, rectanglelabels: ["mass"] }],
      },
    ],
  });
  expect([labelsOf(min), boxesOf(min)]).toEqual([["mass"], ["2 1 6 5"]]);
});

/** The alpha of a brush as thi.ng/rle-pack writes it, single words only. */
const BRUSH = pack(rectangle([2, 1, 6, 5]).join(""));
function pack(rows: string): number[] {
  const words = [...rows].flatMap((pixel) => [255, 0, 0, pixel === "#" ? 255 : 0]);
  const bits = (value: number, count: number) => value.toString(2).padStart(count, "0");
  // Word size 8; sizes of runs 4, 8, 8, 16 bits.
  let text = bits(words.length, 32) + bits(7, 5) + [3, 7, 7, 15].map((n) => bits(n, 4)).join("");
  for (let at = 0; at < words.length; ) {
    let n = 1;
    while (n < 16 && at + n < words.length && words[at + n] === words[at]) n++;
    text +=
      n > 1
        ? `1${bits(0, 2)}${bits(n - 1, 4)}${bits(words[at]!, 8)}`
        : `0${bits(0, 2)}${bits(0, 4)}${bits(words[at]!, 8)}`;
    at += n;
  }
  return text.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
}

test("LabelMe: a file an image, polygons, rectangles, circles, masks; paths of Windows", async () => {
  const shape = (label: string, points: unknown, shape_type: string, more = {}) => ({
    label,
    points,
    shape_type,
    group_id: null,
    flags: {},
    ...more,
  });
  const file = (imagePath: string, shapes: unknown[]) => ({
    version: "5.3.1",
    flags: {},
    shapes,
    imagePath,
    imageData: null,
    imageWidth: WIDTH,
    imageHeight: HEIGHT,
  });
  const own = Buffer.from(
    await encodePng({ width: 2, height: 2, channels: 1, data: Uint8Array.of(255, 0, 0, 255) }),
  ).toString("base64");
  const set = await read(["img/1.png", "img/2.png", "img/3.png", "img/4.png"], {
    "img/1.json": file("..\\img\\1.png", [
      shape(
        "a",
        [
          [2, 1],
          [6, 1],
          [6, 5],
          [2, 5],
        ],
        "polygon",
      ),
    ]),
    "img/2.json": file("2.png", [
      shape(
        "b",
        [
          [6, 5],
          [2, 1],
        ],
        "rectangle",
      ),
      shape("b", [[1, 1]], "point"),
    ]),
    "img/3.json": file("3.png", [
      shape(
        "a",
        [
          [10, 5],
          [13, 5],
        ],
        "circle",
      ),
    ]),
    "img/4.json": file("4.png", [
      shape(
        "a",
        [
          [4, 3],
          [5, 4],
        ],
        "mask",
        { mask: own },
      ),
    ]),
  });
  expect(labelsOf(set)).toEqual(["a", "b", "a", "a"]);
  expect(boxesOf(set).slice(0, 2)).toEqual(["2 1 6 5", "2 1 6 5"]);
  expect(await picture(set)).toEqual(rectangle([2, 1, 6, 5]));
  expect(await picture(set, 1)).toBeNull();
  expect(Math.abs((await picture(set, 2))!.join("").replaceAll(".", "").length - Math.PI * 9)).toBeLessThan(4);
  const four = (await picture(set, 3))!;
  expect([four[3]!.slice(3, 7), four[4]!.slice(3, 7)]).toEqual([".#..", "..#."]);
  expect(set.notes.join("\n")).toContain("shapes of kind point (1)");
});

const voc = (name: string, box: number[], file = `${name}.png`) => `<annotation>
	<folder>images</folder><filename>${file}</filename><path>C:\\data\\${file}</path>
	<size><width>20</width><height>10</height><depth>3</depth></size><segmented>0</segmented>
	<object><name>mass</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>
		<bndbox><xmin>${box[0]}</xmin><ymin>${box[1]}</ymin><xmax>${box[2]}</xmax><ymax>${box[3]}</ymax></bndbox></object></annotation>`;

test("PASCAL VOC: boxes from 1 with the last pixel included; from 0 where a 0 occurs", async () => {
  const set = await read(["JPEGImages/1.png", "JPEGImages/2.png"], {
    "Annotations/1.xml": voc("1", [3, 2, 6, 5]),
    "Annotations/2.xml": voc("2", [1, 1, 20, 10]),
    "ImageSets/Main/train.txt": "1\n2\n",
  });
  expect(boxesOf(set)).toEqual(["2 1 6 5", "0 0 20 10"]);
  expect(labelsOf(set)).toEqual(["mass", "mass"]);
  const zero = await read(["1.png", "2.png"], {
    "1.xml": voc("1", [2, 1, 6, 5]),
    "2.xml": voc("2", [0, 0, 20, 10], "other.png"),
  });
  expect(boxesOf(zero)).toEqual(["2 1 6 5", "0 0 20 10"]);
});

test("PASCAL VOC: masks of SegmentationClass beside boxes", async () => {
  const palette = [0, 0x800000];
  const own = Array.from({ length: WIDTH * HEIGHT }, (_, i) => (rectangle([2, 1, 6, 5]).join("")[i] === "#" ? 1 : 0));
  const root = await writeFiles(join(folder, String(made++)), {
    "JPEGImages/1.png": await pngOf(1, WIDTH, HEIGHT),
    "SegmentationClass/1.png": storedPng(own, WIDTH, 8, palette),
    "SegmentationObject/1.png": storedPng(own, WIDTH, 8, palette),
    "Annotations/1.xml": voc("1", [3, 2, 6, 5]),
  });
  const set = await readDataset(root);
  expect([labelsOf(set), boxesOf(set)]).toEqual([["mass"], ["2 1 6 5"]]);
  expect(await picture(set)).toEqual(rectangle([2, 1, 6, 5]));
});

test("CVAT's export for YOLO 1.1: lists of files beside, names in obj.names", async () => {
  const set = await read(["obj_train_data/a.png", "obj_train_data/b.png"], {
    "obj.data": "classes = 1\ntrain = data/train.txt\nnames = data/obj.names\n",
    "obj.names": "polyp\n",
    "train.txt": "data/obj_train_data/a.png\ndata/obj_train_data/b.png\n",
    "obj_train_data/a.txt": "0 0.2 0.3 0.2 0.4\n",
    "obj_train_data/b.txt": "",
  });
  expect(labelsOf(set)).toEqual(["polyp", "negative"]);
});

test("YOLO: boxes and segments in shares, names of data.yaml, splits by folder, empty label files", async () => {
  const set = await read(["images/train/1.png", "images/train/2.png", "images/val/3.png"], {
    "data.yaml":
      "path: .\ntrain: images/train\nval: images/val # here\nnc: 2\nnames:\n  0: polyp\n  1: 'ulcer, deep'\n",
    "labels/train/1.txt": "0 0.2 0.3 0.2 0.4\n",
    "labels/train/2.txt": "",
    "labels/val/3.txt": "1 0.1 0.1 0.3 0.1 0.3 0.5 0.1 0.5\n",
    "readme.txt": "hello",
  });
  expect(set.samples.map(({ label, split }) => [label, split])).toEqual([
    ["polyp", "train"],
    ["negative", "train"],
    ["ulcer, deep", "val"],
  ]);
  expect(boxesOf(set)).toEqual(["2 1 6 5", "   ", "2 1 6 5"]);
  expect(await picture(set, 2)).toEqual(rectangle([2, 1, 6, 5]));
  const list = await read(["train/images/1.png", "valid/images/1.png"], {
    "data.yaml": "names: ['a b', c]\nnc: 2",
    "train/labels/1.txt": "1 0.2 0.3 0.2 0.4 0.9\r\n",
    "valid/labels/1.txt": "0 0.2 0.3 0.2 0.4\n0 0.5 0.5 0.1 0.1",
  });
  expect(list.samples.map(({ label, split }) => [label, split])).toEqual([
    ["c", "train"],
    ["a b", "val"],
  ]);
  const without = await read(["1.png"], { "1.txt": "3 0.2 0.3 0.2 0.4" });
  expect(labelsOf(without)).toEqual(["3"]);
});

test("QuPath: GeoJSON by the name of the image, holes and several parts", async () => {
  const ring = (l: number, t: number, r: number, b: number) => [
    [l, t],
    [r, t],
    [r, b],
    [l, b],
    [l, t],
  ];
  const feature = (name: string | null, geometry: unknown) => ({
    type: "Feature",
    id: "x",
    geometry,
    properties: { objectType: "annotation", ...(name === null ? {} : { classification: { name, color: [1, 2, 3] } }) },
  });
  const set = await read(["slide 1.png", "2.png"], {
    "slide 1.geojson": {
      type: "FeatureCollection",
      features: [feature("Tumor", { type: "Polygon", coordinates: [ring(2, 1, 10, 8), ring(4, 3, 6, 5)] })],
    },
    "2.geojson": [
      feature("Stroma", { type: "MultiPolygon", coordinates: [[ring(0, 0, 3, 3)], [ring(12, 4, 15, 6)]] }),
      feature(null, { type: "Point", coordinates: [1, 1] }),
    ],
  });
  const at = (name: string) => set.samples.findIndex(({ fileName }) => fileName === name);
  expect(labelsOf(set).sort()).toEqual(["Stroma", "Tumor"]);
  expect(await picture(set, at("slide 1.png"))).toEqual(rectangle([2, 1, 10, 8], [4, 3, 6, 5]));
  expect(boxesOf(set)[at("2.png")]).toBe("0;12 0;4 3;15 3;6");
  expect(set.notes.join("\n")).toContain("Point of GeoJSON (1)");
});

const one = coco([{ image_id: 1, category_id: 1, bbox: [2, 1, 4, 4], segmentation: [square] }], ["1.png"]);

test("folders and tables say the class where they do; annotations then give boxes and masks", async () => {
  const set = await read(["benign/1.png", "malignant/2.png"], { "a.json": one });
  expect(labelsOf(set)).toEqual(["benign"]);
  const table = await read(["1.png", "2.png"], { "a.json": one, "t.csv": "image_id,dx,patient\n1,nv,p1\n2,mel,p2\n" });
  expect(table.samples).toMatchObject([
    { label: "nv", patient: "p1", attributes: { objects: "polyp", x_min: "2" } },
    { label: "mel", attributes: { objects: "", x_min: "" } },
  ]);
  expect(await picture(table)).toEqual(rectangle([2, 1, 6, 5]));
  expect(await picture(table, 1)).toBeNull();
});

test("two formats that fit are listed and none is taken; the mapping names one or none", async () => {
  const files = { "a.json": one, "1.txt": "0 0.5 0.5 0.1 0.1" };
  const set = await read(["1.png"], files);
  expect(set.columns.box).toBeUndefined();
  expect(set.notes.join("\n")).toMatch(
    /several formats fit the images, and none is taken: COCO \(a\.json\), YOLO \(1\.txt\); name a file or folder as "annotations"/,
  );
  expect(boxesOf(await read(["1.png"], files, { annotations: "a.json" }))).toEqual(["2 1 6 5"]);
  expect((await read(["1.png"], { "a.json": one }, { annotations: "" })).columns.box).toBeUndefined();
  expect((await failure(read(["1.png"], { "a.json": one }, { annotations: "b.json" }))).message).toContain(
    "no annotation file of a known format",
  );
});

test("annotations of images of another size are refused", async () => {
  const other = { ...one, images: [{ id: 1, file_name: "1.png", width: 2 * WIDTH, height: 2 * HEIGHT }] };
  expect((await failure(read(["1.png"], { "a.json": other }))).message).toMatch(
    /a\.json:1: the annotations are of 40 x 20 pixels, and 1\.png has 20 x 10; .*\[annotation-size\]/,
  );
});

test("lines that are not of YOLO are left out and counted, the others are read", async () => {
  const files = Object.fromEntries(
    [1, 2, 3, 4, 5].map((i) => [`${i}.txt`, i === 5 ? "0 0.5 x\n0 0.5 0.5 0.5 0.5" : "0 0.2 0.3 0.2 0.4"]),
  );
  const set = await read(
    [1, 2, 3, 4, 5].map((i) => `${i}.png`),
    files,
  );
  expect(boxesOf(set)).toEqual(["2 1 6 5", "2 1 6 5", "2 1 6 5", "2 1 6 5", "5 2.5 15 7.5"]);
  expect(set.notes.join("\n")).toContain("lines that are not of YOLO (1)");
});

test("JSON, XML and text of other kinds are left alone", async () => {
  const set = await read(["x/1.png", "y/2.png"], {
    "package.json": { name: "x", images: 3 },
    "list.json": [1, "a", null, { id: 3 }],
    "broken.json": "{",
    "x/1.txt": "a note",
    "feed.xml": "<rss><channel/></rss>",
    "annotations.xml": "<annotations",
    "conf.yaml": "names: [",
  });
  expect(set.classes).toEqual(["x", "y"]);
  expect(set.columns.box).toBeUndefined();
});

const oneVoc = (i: number) =>
  `<annotation><filename>${i}.png</filename><!-- < --><object><name>polyp</name><bndbox><xmin>2</xmin><ymin>1</ymin><xmax>6</xmax><ymax>5</ymax></bndbox></object></annotation>`;
const labelMe = (i: number) => ({
  imagePath: `${i}.png`,
  imageWidth: WIDTH,
  imageHeight: HEIGHT,
  shapes: [
    {
      label: "polyp",
      shape_type: "rectangle",
      points: [
        [2, 1],
        [6, 5],
      ],
    },
  ],
});
const three = ["1.png", "2.png", "3.png"];
const half = (content: unknown) => {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return text.slice(0, text.length / 2);
};

test.each<[string, string, Record<string, unknown>]>([
  ["COCO", "a.json", { "a.json": half(coco([{ image_id: 1, category_id: 1, bbox: [2, 1, 4, 4] }])) }],
  ["LabelMe", "2.json", { "1.json": labelMe(1), "2.json": half(labelMe(2)), "3.json": labelMe(3) }],
  ["PASCAL VOC", "2.xml", { "1.xml": oneVoc(1), "2.xml": half(oneVoc(2)), "3.xml": oneVoc(3) }],
  ["CVAT", "a.xml", { "a.xml": half(cvat('<image name="1.png" width="20" height="10"></image>')) }],
])("a file of %s that is cut short is refused, and left out where that is asked for", async (_, path, files) => {
  const said = await failure(read(three, files));
  expect(said.problems).toMatchObject([
    { code: "damaged-annotations", path, message: expect.stringContaining("restore") },
  ]);
  const rest = await read(three, files, { skipDamaged: true });
  expect(labelsOf(rest)).not.toContain("negative");
  expect(rest.notes.join("\n")).toMatch(/cut short or damaged are left out/);
});

test.each<[string, string, Record<string, unknown>]>([
  ["lines of YOLO", "2.txt:1", { "1.txt": "0 0.5 0.5 0.2 0.2", "2.txt": "polyp", "3.txt": "0 0.5 0.5 0.2 0.2" }],
  [
    "a box of PASCAL VOC",
    "2.xml:1",
    { "1.xml": oneVoc(1), "2.xml": oneVoc(2).replace("<xmin>2", "<xmin>9"), "3.xml": oneVoc(3) },
  ],
  [
    "lines of CVAT",
    "a.xml:2",
    {
      "a.xml": cvat(`<image name="1.png" width="20" height="10"><tag label="a"/></image>
<image name="2.png" width="20" height="10"><polyline label="a" points="1,1;2,2" /></image>`),
    },
  ],
  [
    "an object of COCO",
    "a.json:2",
    {
      "a.json": coco([
        { image_id: 1, category_id: 1, bbox: [2, 1, 4, 4] },
        { image_id: 2, category_id: 1, bbox: [2, 1, 0, 0] },
      ]),
    },
  ],
])("an image of which nothing that is drawn can be read, as %s, is of no class", async (_, path, files) => {
  // Label files of YOLO are told by most of them.
  const more = Object.keys(files)[0]!.endsWith("txt") ? [4, 5, 6, 7] : [];
  const all = { ...files, ...Object.fromEntries(more.map((i) => [`${i}.txt`, "0 0.5 0.5 0.2 0.2"])) };
  const images = [...three, ...more.map((i) => `${i}.png`)];
  const said = await failure(read(images, all));
  expect(said.problems).toMatchObject([
    { code: "annotation-objects", path, message: expect.stringContaining("correct the file") },
  ]);
  // The class is known where folders say it.
  const known = Object.fromEntries(
    Object.entries(all).map(([name, content]) => [name.endsWith("txt") ? `polyp/${name}` : name, content]),
  );
  const set = await read([...images.map((name) => `polyp/${name}`), "other/8.png"], known);
  expect(set.classes).toContain("polyp");
});
