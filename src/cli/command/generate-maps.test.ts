import { access, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { columnValue, readDataset } from "../../data/dataset.ts";
import { decodePng, encodePng } from "../../data/image.ts";
import { packMaps } from "../../data/maps/pack-maps.ts";
import { readMask } from "../../data/pixels.ts";
import { writeFiles } from "../../data/testing/fixtures.ts";
import type { RawImage } from "../../data/types.ts";
import { writeTestRun } from "../../model/testing/run.ts";
import { writeMapTestRun } from "../../sample/testing/map-run.ts";
import type { CommandEntry } from "../commands.ts";
import { runProgram } from "../program.ts";

const SIZE = 16;
const table: CommandEntry[] = [
  { name: "generate", summary: "draw", load: () => import("./generate.ts") },
  { name: "balance", summary: "fill up", load: () => import("./balance.ts") },
];

let folder: string;
const at = (name: string) => join(folder, name);

const grey = (size: number, inside: (x: number, y: number) => boolean): RawImage => ({
  width: size,
  height: size,
  channels: 1,
  data: Uint8Array.from({ length: size * size }, (_, i) => (inside(i % size, Math.floor(i / size)) ? 255 : 0)),
});

/** A dataset of skin with boxes: per split and class so many images, the first with two boxes. */
async function writeSkin(path: string, splits: Record<string, number>, mask = false) {
  const skin = Uint8Array.from({ length: 3 * 32 * 32 }, (_, i) => [226, 180, 158][i % 3]);
  const png = await encodePng({ width: 32, height: 32, channels: 3, data: skin });
  const shape = await encodePng(grey(32, (x, y) => (x - 16) ** 2 + (y - 12) ** 2 < 36));
  const files: Record<string, string | Uint8Array> = { "shape.png": shape };
  const rows = ["file_name,label,split,tone,x_min,y_min,x_max,y_max,mask"];
  for (const [split, count] of Object.entries(splits)) {
    for (const label of ["melanoma", "nevus"]) {
      for (let k = 0; k < count; k++) {
        const name = `${split}-${label}-${k}.png`;
        files[name] = png;
        const box = k === 0 ? "4;20,6;20,12;28,14;28" : `${8 + 2 * k},8,20,20`;
        rows.push(`${name},${label},${split},${1 + (k % 5)},${mask ? ",,," : box},${mask ? "shape.png" : ""}`);
      }
    }
  }
  await writeFiles(path, { ...files, "metadata.csv": `${rows.join("\n")}\n` });
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeSkin(at("skin"), { train: 2, val: 3 });
  await writeMapTestRun(at("run"), { dataset: { path: at("skin"), label: "label", where: ["split=train"] } });
  await writeMapTestRun(at("noisy"), { latent: 4 });
  await writeMapTestRun(at("shapes"), { mapKind: "mask", tonesEstimated: true });
  await writeFiles(at("maps"), {
    "disc.png": await encodePng(grey(SIZE, (x, y) => (x - 6) ** 2 + (y - 8) ** 2 < 16)),
    "small.png": await encodePng(grey(8, () => true)),
    "black.png": await encodePng(grey(SIZE, () => false)),
    "text.png": "no picture",
  });
});

/** Runs a command line as a user does. */
async function call(...argv: string[]) {
  let [out, err] = ["", ""];
  const write = (text: string) => {
    err += text;
  };
  const code = await runProgram(argv, table, {
    out: (text) => {
      out += text;
    },
    err: write,
    version: "0.0.0",
    progress: { stream: { write } },
  });
  return { code, out, err };
}

const generate = (run: string, ...words: string[]) => call("generate", at(run), "--threads", "1", ...words);
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Writes a map file beside the masks. */
async function mapFile(name: string, header: string, ...rows: string[]): Promise<string> {
  await writeFile(at(`maps/${name}`), [header, ...rows].map((row) => `${row}\n`).join(""));
  return at(`maps/${name}`);
}
const HEADER = "condition,x_min,y_min,x_max,y_max,tone,seed";
const pixel = (image: RawImage, x: number, y: number) => [
  ...image.data.slice(3 * (y * SIZE + x), 3 * (y * SIZE + x) + 3),
];

describe("--maps", () => {
  test("fills the maps of a file: image, mask, boxes, tone, provenance, COCO; the set reads back", async () => {
    const file = await mapFile("good.csv", HEADER, "nevus,2,3,8,9,iii,7", "melanoma,0;10,0;10,4;16,4;16,FST VI,");
    const { code, out, err } = await generate("run", "--maps", file, "--out", at("m1"), "--json");
    expect([code, err.match(/warning: .*/g)]).toEqual([
      0,
      [
        "warning: tone VI was in no training image (there were I, II, III, IV, V): what is drawn for it is a guess of the model",
      ],
    ]);
    expect(JSON.parse(out)).toMatchObject({
      written: true,
      images: 2,
      model: "dermgan",
      counts: { nevus: 1, melanoma: 1 },
    });
    expect((await readdir(at("m1"))).sort()).toEqual([
      "coco.json",
      "dataset.json",
      "images",
      "masks",
      "metadata.csv",
      "provenance.jsonl",
    ]);
    const set = await readDataset(at("m1"));
    expect(set.notes).toEqual([]);
    expect(set.samples.map(({ label, fileName, mask }) => [label, fileName, mask])).toEqual([
      ["nevus", "images/nevus/000001.png", "masks/nevus/000001.png"],
      ["melanoma", "images/melanoma/000001.png", "masks/melanoma/000001.png"],
    ]);
    const cells = (column: string) => set.samples.map((sample) => columnValue(set, sample, column));
    expect(["tone", "tone_estimated", "synthetic", "x_min", "y_max"].map(cells)).toEqual([
      ["3", "6"],
      ["0", "0"],
      ["1", "1"],
      ["2", "0;10"],
      ["9", "4;16"],
    ]);
    const { maps } = await packMaps(set, { kind: "box", resolution: SIZE });
    expect(maps.boxes[1]).toEqual([
      { xMin: 0, yMin: 0, xMax: 0.25, yMax: 0.25 },
      { xMin: 0.625, yMin: 0.625, xMax: 1, yMax: 1 },
    ]);
    expect((await readMask(set, 1))?.data).toEqual(maps.regions.subarray(SIZE * SIZE));
    const image = await decodePng(await readFile(at("m1/images/nevus/000001.png")));
    expect([pixel(image, 1, 3), pixel(image, 2, 3), pixel(image, 7, 8), pixel(image, 8, 8)]).toEqual([
      [128, 0, 0],
      [128, 255, 128],
      [128, 255, 128],
      [128, 0, 0],
    ]);
    const coco = JSON.parse(await readFile(at("m1/coco.json"), "utf8"));
    expect(coco.categories).toEqual([
      { id: 1, name: "melanoma" },
      { id: 2, name: "nevus" },
    ]);
    expect(coco.images[1]).toEqual({ id: 2, file_name: "images/melanoma/000001.png", width: SIZE, height: SIZE });
    expect(coco.annotations).toHaveLength(3);
    expect(coco.annotations[0]).toEqual({
      id: 1,
      image_id: 1,
      category_id: 2,
      bbox: [2, 3, 6, 6],
      area: 36,
      iscrowd: 0,
      segmentation: [[2, 3, 8, 3, 8, 9, 2, 9]],
    });
    const [first] = (await readFile(at("m1/provenance.jsonl"), "utf8"))
      .split("\n")
      .map((line) => line && JSON.parse(line));
    expect(first).toMatchObject({ seed: 7, class: "nevus", tone: 3, boxes: [[2, 3, 8, 9]], map: `${file}:2` });
  });

  test("a set that was generated is a map file itself, and its images come again", async () => {
    const file = await mapFile("again.csv", HEADER, "nevus,2,3,8,9,3,7", "melanoma,1;3,1;3,5;6,5;6,2,8");
    expect((await generate("noisy", "--maps", file, "--out", at("a1"))).code).toBe(0);
    const { code } = await generate("noisy", "--maps", at("a1/metadata.csv"), "--out", at("a2"), "--line", "3");
    expect(code).toBe(0);
    expect(await readFile(at("a2/masks/melanoma/000001.png"))).toEqual(
      await readFile(at("a1/masks/melanoma/000001.png")),
    );
  });

  test("every problem is said at once, with line, value and remedy; nothing is written", async () => {
    const file = await mapFile(
      "bad.csv",
      `${HEADER},mask_file_name`,
      "nevus,2,3,17,9,3,,",
      "nevus,8,3,8,9,3,,",
      "nevis,2,3,8,9,3,,",
      "nevus,2,3,8,9,VII,,",
      "nevus,,,,,3,,",
      "nevus,,,,,3,,small.png",
      "nevus,,,,,3,,black.png",
      "nevus,,,,,3,,gone.png",
      "nevus,,,,,3,,text.png",
      "nevus,2,3,8,9,3,1.5,",
      "nevus,2;x,3,8,9,,-1,",
      "nevus,2.1,3,2.2,9,3,,",
    );
    const { code, err } = await generate("run", "--maps", file, "--out", at("bad"));
    expect(code).toBe(1);
    for (const [line, said] of [
      [2, "box 2, 3, 17, 9 leaves the image of 16 x 16 pixels; move or cut the box"],
      [3, "box 8, 3, 8, 9 has no extent; x_min must be below x_max"],
      [4, 'there is no class "nevis"; did you mean nevus? the classes are melanoma, nevus'],
      [5, 'tone "VII" is no Fitzpatrick type; give 1 to 6 or I to VI'],
      [6, "the map is empty: x_min, y_min, x_max, y_max and mask_file_name are empty; say where the lesion is"],
      [7, 'mask "small.png" has 8 x 8 pixels; the run draws 16 x 16, resize it'],
      [8, 'mask "black.png" is black: there is no lesion; paint one'],
      [9, 'mask "gone.png" is not there; paths are relative to the folder of the csv, correct it'],
      [10, 'mask "text.png" cannot be read (this is neither PNG nor JPEG'],
      [11, 'seed "1.5" is no whole number from 0 to 2^53 - 1; correct it or leave it empty'],
      [12, 'tone "" is no Fitzpatrick type'],
      [12, 'seed "-1" is no whole number'],
      [12, 'x_min is "2;x"; give one number of pixels'],
      [13, "the map is empty: its boxes hold no pixel; say where the lesion is"],
    ] as const) {
      expect(err).toContain(`${file}:${line}: ${said}`);
    }
    expect(err).toContain("nothing was written (14 problems)");
    expect(await exists(at("bad"))).toBe(false);
  });

  test.each([
    ["tone,x_min,y_min,x_max,y_max", "1,2,3,4,5", ":1: there is no column condition"],
    [
      "condition,x_min,y_min,x_max,y_max",
      "nevus,2,3,4,5",
      ":1: there is no column tone; the columns are condition, x_min",
    ],
    [
      "condition,tone",
      "nevus,2",
      ":1: no column says where the lesion is; add x_min, y_min, x_max, y_max or mask_file_name",
    ],
    ["condition,tone,x_min,y_min", "nevus,2,3,4", ":1: there is no column x_max"],
    ["condition,tone,mask_file_name", "nevus,2", ":2: the row has 2 cells where the header has 3"],
  ])("a file of columns %j is refused", async (header, row, message) => {
    const file = await mapFile("columns.csv", header, row);
    const { code, err } = await generate("run", "--maps", file, "--out", at("bad"));
    expect(err).toContain(file + message);
    expect([code, await exists(at("bad"))]).toEqual([1, false]);
  });

  test("a file without maps, and a line that is none", async () => {
    const empty = await mapFile("empty.csv", HEADER);
    expect((await generate("run", "--maps", empty, "--out", at("bad"))).err).toMatch(/holds no map/);
    const file = await mapFile("one.csv", HEADER, "nevus,2,3,8,9,3,7");
    const { code, err } = await generate("run", "--maps", file, "--line", "1", "--out", at("bad"));
    expect([code, err]).toEqual([2, expect.stringMatching(/--line 1: the maps of .*one.csv are in the lines 2 to 2/)]);
  });

  test("masks for a model of boxes are used as they are, boxes for a model of shapes become ellipses; both are said", async () => {
    const file = await mapFile("mask.csv", "condition,tone,mask_file_name", "nevus,2,disc.png");
    const boxes = await generate("run", "--maps", file, "--out", at("k1"));
    expect(boxes.err).toContain("1 masks are used as they are, though the model was trained on maps of boxes");
    const disc = await decodePng(await readFile(at("maps/disc.png")));
    const mask = await decodePng(await readFile(at("k1/masks/nevus/000001.png")));
    expect(mask).toEqual(disc);
    const { annotations } = JSON.parse(await readFile(at("k1/coco.json"), "utf8"));
    const area = disc.data.filter((value) => value === 255).length;
    expect(annotations).toMatchObject([{ bbox: [3, 5, 7, 7], area, segmentation: { size: [SIZE, SIZE] } }]);
    const { counts } = annotations[0].segmentation as { counts: number[] };
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(SIZE * SIZE);
    expect(counts.filter((_, i) => i % 2 === 1).reduce((sum, n) => sum + n, 0)).toBe(area);
    // Runs go down the columns: the disc begins in column 3, where its rows 6 to 10 are inside.
    expect(counts.slice(0, 2)).toEqual([3 * SIZE + 6, 5]);

    const box = await mapFile("box.csv", HEADER, "nevus,4,4,12,12,2,1");
    const shapes = await generate("shapes", "--maps", box, "--out", at("k2"));
    expect(shapes.err).toContain(
      "1 maps state boxes and the model was trained on lesion shapes: the ellipses in the boxes are used",
    );
    const ellipse = await decodePng(await readFile(at("k2/masks/nevus/000001.png")));
    expect([ellipse.data[4 * SIZE + 4], ellipse.data[4 * SIZE + 7]]).toEqual([0, 255]);
    const set = await readDataset(at("k2"));
    expect(columnValue(set, set.samples[0], "tone_estimated")).toBe("1");
    expect((await packMaps(set, { kind: "mask", resolution: SIZE })).maps.tonesEstimated).toBe(true);
  });
});

describe("--counts and --per-class", () => {
  test("fill maps of held-out images, moved, inside the image and at random by seed", async () => {
    const words = ["--counts", "nevus=12", "--out"];
    const { code, err } = await generate("run", ...words, at("c1"));
    expect([code, err]).toEqual([0, expect.stringContaining("maps are those of split val")]);
    await generate("run", ...words, at("c2"));
    expect(await readFile(at("c2/provenance.jsonl"), "utf8")).toBe(await readFile(at("c1/provenance.jsonl"), "utf8"));
    await generate("run", ...words, at("c3"), "--seed", "1");
    const records = (await readFile(at("c1/provenance.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(await readFile(at("c3/metadata.csv"), "utf8")).not.toBe(await readFile(at("c1/metadata.csv"), "utf8"));
    const places = new Set<string>();
    const counts = new Set<number>();
    for (const { boxes, map, class: name } of records) {
      expect(name).toBe("nevus");
      expect(map).toMatch(/^skin val-nevus-\d\.png, moved$/);
      places.add(JSON.stringify(boxes));
      if (map.includes("-0.png")) counts.add(boxes.length);
      const sizes = boxes.map(([a, b, c, d]: number[]) => `${c - a}x${d - b}`);
      for (const [a, b, c, d] of boxes) expect(a >= 0 && b >= 0 && c <= SIZE && d <= SIZE).toBe(true);
      // Boxes of the data at half the size: 4x4 and 4x4 in the first image, 5x6 and 4x6 in the others.
      for (const size of sizes) expect(["4x4", "5x6", "4x6"]).toContain(size);
    }
    expect(places.size).toBeGreaterThan(9);
    expect(counts).toEqual(new Set([1, 2]));
    expect(new Set(records.map(({ tone }) => tone)).size).toBeGreaterThan(1);
  });

  test("a series begins with the shorter one", async () => {
    await generate("run", "--per-class", "2", "--out", at("s1"));
    await generate("run", "--per-class", "3", "--out", at("s2"));
    const lines = async (name: string) => (await readFile(at(`${name}/provenance.jsonl`), "utf8")).trim().split("\n");
    const [short, long] = [await lines("s1"), await lines("s2")];
    expect([long[0], long[1], long[3], long[4]]).toEqual(short);
  });

  test("shapes are moved as they are", async () => {
    await writeSkin(at("masks-skin"), { train: 1, test: 1 }, true);
    await generate("shapes", "--per-class", "4", "--maps-from", at("masks-skin"), "--out", at("c4"));
    const set = await readDataset(at("c4"));
    const areas = await Promise.all(
      set.samples.map(async (_, i) => (await readMask(set, i))?.data.filter((v) => v).length),
    );
    expect(new Set(areas).size).toBe(1);
    const first = set.samples.map((sample) => columnValue(set, sample, "x_min"));
    expect(new Set(first).size).toBeGreaterThan(1);
  });

  test("training maps are used where nothing is held out, with a warning; a dataset that is gone is said", async () => {
    await writeSkin(at("all"), { train: 2 });
    const all = await generate("run", "--per-class", "1", "--maps-from", at("all"), "--out", at("c5"), "--quiet");
    expect([all.code, all.err]).toEqual([0, expect.stringContaining("warning: ")]);
    expect(all.err).toContain("has no held-out image: maps of training images are used instead");
    const gone = await generate("noisy", "--per-class", "1", "--out", at("c6"));
    expect([gone.code, gone.err]).toEqual([
      1,
      expect.stringMatching(/dataset of the run cannot be read .*--maps-from DATASET/),
    ]);
    await rm(at("noisy/config.json"));
    expect((await generate("noisy", "--per-class", "1", "--out", at("c6"))).err).toMatch(/does not say which dataset/);
    await writeFiles(at("others"), {
      "cat/1.png": await readFile(at("skin/val-nevus-0.png")),
      "dog/1.png": await readFile(at("skin/val-nevus-0.png")),
    });
    const none = await generate("run", "--per-class", "1", "--maps-from", at("others"), "--out", at("c6"));
    expect([none.code, none.err]).toEqual([1, expect.stringMatching(/no image with a lesion of melanoma, nevus/)]);
    expect(await exists(at("c6"))).toBe(false);
  });
});

describe("--sweep", () => {
  const records = async (name: string) =>
    (await readFile(at(`${name}/provenance.jsonl`), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  const sweep = async (control: string, name: string, ...words: string[]) => {
    const file = await mapFile("sweep.csv", HEADER, "nevus,6,6,10,10,2,5", "melanoma,2,2,6,6,4,6");
    const result = await generate("run", "--sweep", control, "--maps", file, "--out", at(name), ...words);
    expect([result.err, result.code]).toEqual([result.err, 0]);
    return records(name);
  };

  test("tone: the six tones of each map, all else the same", async () => {
    const made = await sweep("tone", "w1");
    expect(made.map(({ tone }) => tone)).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
    expect(
      new Set(made.slice(0, 6).map(({ seed, boxes, class: name }) => JSON.stringify([seed, boxes, name]))),
    ).toEqual(new Set([JSON.stringify([5, [[6, 6, 10, 10]], "nevus"])]));
    const set = await readDataset(at("w1"));
    const cells = (column: string) => set.samples.map((sample) => columnValue(set, sample, column));
    expect(cells("step")).toEqual(["1", "2", "3", "4", "5", "6", "1", "2", "3", "4", "5", "6"]);
    expect(new Set(cells("sweep"))).toEqual(new Set(["tone"]));
    const strip = await decodePng(await readFile(at("w1/strip.png")));
    expect([strip.width, strip.height]).toEqual([6 * SIZE + 5 * 2, 4 * SIZE + 3 * 2]);
    const red = (column: number, row: number) => strip.data[3 * (row * (SIZE + 2) * strip.width + column * (SIZE + 2))];
    // Above the images their maps; this generator paints the map, so both are alike.
    expect([0, 1, 2, 3, 4, 5].map((k) => [red(k, 0), red(k, 1)])).toEqual(
      [43, 85, 128, 170, 212, 255].map((value) => [value, value]),
    );
  });

  test("condition: every condition at the same place", async () => {
    const made = await sweep("condition", "w2", "--line", "3");
    expect(made.map(({ class: name, boxes }) => [name, boxes[0]])).toEqual([
      ["melanoma", [2, 2, 6, 6]],
      ["nevus", [2, 2, 6, 6]],
    ]);
  });

  test("size: about the same centre; place: from corner to corner", async () => {
    const sizes = await sweep("size", "w3", "--steps", "3", "--line", "2");
    expect(sizes.map(({ boxes }) => boxes[0])).toEqual([
      [7, 7, 9, 9],
      [6, 6, 10, 10],
      [5, 5, 11, 11],
    ]);
    const places = await sweep("place", "w4", "--steps", "3", "--line", "2");
    expect(places.map(({ boxes }) => boxes[0])).toEqual([
      [0, 0, 4, 4],
      [6, 6, 10, 10],
      [12, 12, 16, 16],
    ]);
  });

  test("shapes are scaled and moved as shapes", async () => {
    const file = await mapFile("shape.csv", "condition,tone,mask_file_name,seed", "nevus,2,disc.png,1");
    for (const control of ["size", "place"]) {
      const { code } = await generate(
        "shapes",
        "--sweep",
        control,
        "--maps",
        file,
        "--steps",
        "3",
        "--out",
        at(`w5${control}`),
      );
      expect(code).toBe(0);
    }
    const areas = async (name: string) => {
      const set = await readDataset(at(name));
      return Promise.all(set.samples.map(async (_, i) => (await readMask(set, i))?.data.filter((v) => v).length ?? 0));
    };
    const [small, same, large] = await areas("w5size");
    const { data } = await decodePng(await readFile(at("maps/disc.png")));
    expect(same).toBe(data.filter((value) => value).length);
    expect([small / same, large / same].map((ratio) => Math.round(4 * ratio) / 4)).toEqual([0.25, 2.25]);
    expect(new Set(await areas("w5place"))).toEqual(new Set([same]));
  });

  test("without a file, base maps are of held-out images, classes in turn", async () => {
    const { code } = await generate("run", "--sweep", "tone", "--rows", "2", "--out", at("w6"));
    expect(code).toBe(0);
    const made = await records("w6");
    expect(made.map(({ class: name }) => name)).toEqual([...Array(6).fill("melanoma"), ...Array(6).fill("nevus")]);
    expect(made[0].map).toMatch(/^skin val-melanoma-\d.png$/);
  });

  test.each([
    [["--sweep", "colour"], /--sweep colour: a sweep goes along one of tone, condition, size, place/],
    [["--sweep", "tone", "--steps", "3"], /--steps 3: a sweep along tone shows all six tones/],
    [["--sweep", "tone", "--per-class", "3"], /--per-class and --sweep exclude each other/],
    [["--steps", "3", "--per-class", "3"], /--steps 3 is about a strip of images/],
    [
      ["--sampler", "best", "--per-class", "3"],
      /--sampler best:4: .* is a map-to-image run \(dermgan\).*random or truncation/,
    ],
    [["--sampler", "truncation:0.5", "--per-class", "3"], /has no latent that could be truncated/],
  ])("%j is wrong usage", async (words, message) => {
    const { code, err } = await generate("run", "--out", at("x"), ...words);
    expect(err).toMatch(message);
    expect([code, await exists(at("x"))]).toEqual([2, false]);
  });
});

describe("--provenance", () => {
  test("makes images again byte for byte, all or one, at any psi", async () => {
    const file = await mapFile("p.csv", HEADER, ...Array.from({ length: 18 }, (_, i) => `nevus,2,3,8,9,3,${i}`));
    const words = ["--maps", file, "--sampler", "truncation:0.5"];
    expect((await generate("noisy", ...words, "--out", at("p1"))).code).toBe(0);
    const provenance = at("p1/provenance.jsonl");
    const all = await generate("noisy", "--provenance", provenance, "--out", at("p2"));
    expect(all.out).toBe(`made 18 images of ${provenance} again, in ${at("p2")}\n`);
    for (const name of ["images/nevus/000018.png", "metadata.csv", "coco.json", "provenance.jsonl"]) {
      expect(Buffer.compare(await readFile(at(`p2/${name}`)), await readFile(at(`p1/${name}`)))).toBe(0);
    }
    await generate("noisy", "--provenance", provenance, "--line", "17", "--out", at("p3"));
    const name = "images/nevus/000017.png";
    expect(Buffer.compare(await readFile(at(`p3/${name}`)), await readFile(at(`p1/${name}`)))).toBe(0);
    const other = await readFile(at("p1/images/nevus/000016.png"));
    expect(Buffer.compare(await readFile(at(`p3/${name}`)), other)).not.toBe(0);
    const first = await generate("noisy", "--maps", file, "--out", at("p4"));
    expect(first.code).toBe(0);
    expect(Buffer.compare(await readFile(at(`p4/${name}`)), await readFile(at(`p1/${name}`)))).not.toBe(0);
  });

  test("refuses what another generator made, lines there are not, and masks that were changed", async () => {
    const provenance = at("p1/provenance.jsonl");
    const other = await generate("run", "--provenance", provenance, "--out", at("p9"));
    expect([other.code, other.err]).toEqual([
      1,
      expect.stringMatching(/was made by the generator .*give the run that made it/),
    ]);
    const line = await generate("noisy", "--provenance", provenance, "--line", "19", "--out", at("p9"));
    expect([line.code, line.err]).toEqual([2, expect.stringContaining("has the lines 1 to 18")]);
    await writeFile(at("p1/masks/nevus/000002.png"), await encodePng(grey(SIZE, () => true)));
    await rm(at("p1/masks/nevus/000003.png"));
    const changed = await generate("noisy", "--provenance", provenance, "--out", at("p9"));
    expect(changed.code).toBe(1);
    expect(changed.err).toContain(
      "images/nevus/000002.png: the mask masks/nevus/000002.png is not the one that was filled",
    );
    expect(changed.err).toMatch(/images\/nevus\/000003.png: cannot read .*must lie beside its provenance file/);
    expect(await exists(at("p9"))).toBe(false);
  });
});

test("runs of the two models are told apart", async () => {
  await writeTestRun(at("r3gan"), ["melanoma", "nevus"]);
  const words = ["--maps", "m.csv", "--out", at("x")];
  const wrong = await generate("r3gan", ...words);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/is a run of r3gan.*take no maps; use --counts/)]);
  const balance = await call("balance", at("skin"), "--run", at("run"), "--out", at("x"));
  expect([balance.code, balance.err]).toEqual([
    1,
    expect.stringMatching(/fills semantic maps \(dermgan\), one that draws from noise/),
  ]);
  await rm(at("run/config.json"));
  const file = await mapFile("t.csv", HEADER, "nevus,2,3,8,9,3,7");
  const dry = await generate("run", "--maps", file, "--dry-run");
  expect([dry.code, dry.out]).toEqual([0, "would fill 1 maps with images of 16 x 16 pixels\n"]);
  expect(await exists(at("x"))).toBe(false);
});
