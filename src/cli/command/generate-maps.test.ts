import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { columnValue, readDataset } from "../../data/dataset.ts";
import { decodePng, encodePng } from "../../data/image.ts";
import { packMaps } from "../../data/maps/pack-maps.ts";
import { readMask } from "../../data/pixels.ts";
import { writeTestRun } from "../../model/testing/run.ts";
import { at, exists, generate, grey, HEADER, mapFile, pixel, SIZE, writeRuns } from "../testing/map-runs.ts";

beforeAll(writeRuns);

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
      "contact-sheet.html",
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
    expect(first).toMatchObject({ seed: 7, class: "nevus", tone: 3, boxes: [[2, 3, 8, 9]], map: "good.csv:2" });
  });

  test("a set that was generated is a map file itself", async () => {
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
      "nevus,12,12,16,16,3,,disc.png",
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
      [10, 'mask "text.png" cannot be read (this is not PNG, JPEG, TIFF'],
      [11, 'seed "1.5" is no whole number from 0 to 2^53 - 1; correct it or leave it empty'],
      [12, 'tone "" is no Fitzpatrick type'],
      [12, 'seed "-1" is no whole number'],
      [12, 'x_min is "2;x"; give one number of pixels'],
      [13, "the map is empty: its boxes hold no pixel; say where the lesion is"],
      [14, 'mask "disc.png" has no pixel inside the boxes; correct either'],
    ] as const) {
      expect(err).toContain(`${file}:${line}: ${said}`);
    }
    expect(err).toContain("nothing was written (15 problems)");
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
    expect(boxes.err).toContain("1 mask is used unchanged, although the model was trained on maps of boxes");
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
    expect(columnValue(set, set.samples[0]!, "tone_estimated")).toBe("1");
    expect((await packMaps(set, { kind: "mask", resolution: SIZE })).maps.tonesEstimated).toBe(true);
  });
});

describe("--provenance", () => {
  test("makes images again byte for byte, all or one, at any psi", async () => {
    const file = await mapFile("p.csv", HEADER, ...Array.from({ length: 18 }, (_, i) => `nevus,2,3,8,9,3,${i}`));
    const words = ["--maps", file, "--sampler", "truncation:0.5"];
    expect((await generate("noisy", ...words, "--out", at("p1"))).code).toBe(0);
    const provenance = at("p1/provenance.jsonl");
    const all = await generate("noisy", "--provenance", provenance, "--out", at("p2"));
    const next = `Next:     ganglion inspect ${at("p2")}\n`;
    expect(all.out).toBe(`drew 18 images of ${provenance} again, in ${at("p2")}\n${next}`);
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
    const from = await generate("noisy", "--provenance", provenance, "--maps-from", at("skin"), "--out", at("p9"));
    expect([from.code, from.err]).toEqual([
      2,
      expect.stringContaining("--provenance and --maps-from exclude each other"),
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
    expect(changed.err).toMatch(/images\/nevus\/000003.png: cannot read .*must be next to its provenance file/);
    expect(await exists(at("p9"))).toBe(false);
  });
});

test("runs of the two models are told apart", async () => {
  await writeTestRun(at("r3gan"), ["melanoma", "nevus"]);
  const words = ["--maps", "m.csv", "--out", at("x")];
  const wrong = await generate("r3gan", ...words);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/is a run of r3gan.*not from maps; use --counts/)]);
  await rm(at("run/config.json"));
  const file = await mapFile("t.csv", HEADER, "nevus,2,3,8,9,3,7");
  const dry = await generate("run", "--maps", file, "--dry-run");
  const next = `Next:     ganglion generate ${at("run")} --threads 1 --maps ${file} --out synthetic\n`;
  expect([dry.code, dry.out]).toEqual([0, `would fill 1 maps with images of 16 x 16 pixels\n${next}`]);
  expect(await exists(at("x"))).toBe(false);
});
