import { readFile, rm } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { columnValue, readDataset } from "../../data/dataset.ts";
import { decodePng, encodePng } from "../../data/image.ts";
import { packMaps } from "../../data/maps/pack-maps.ts";
import { readMask } from "../../data/pixels.ts";
import { writeFiles } from "../../data/testing/fixtures.ts";
import { writeMapTestRun } from "../../sample/testing/map-run.ts";
import { at, exists, generate, grey, HEADER, mapFile, SIZE, writeRuns, writeSkin } from "../testing/map-runs.ts";

beforeAll(writeRuns);

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
      // Where it came from, without the name of a real file: images 8 to 10 are those of nevus in split val.
      expect(map).toMatch(/^skin, image (8|9|10), moved$/);
      places.add(JSON.stringify(boxes));
      if (map.includes("image 8,")) counts.add(boxes.length);
      const sizes = boxes.map(([a, b, c, d]: number[]) => `${c! - a!}x${d! - b!}`);
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

  test("boxes of shapes whose tips fall between the pixels stay inside the image, so that the set reads back", async () => {
    // The last row and column of the shape are one pixel of twice the resolution, which the run's pixels pass by.
    const inside = (x: number, y: number) => (x >= 20 && x < 30 && y >= 20 && y < 30) || (x === 30 && y === 30);
    await writeFiles(at("tips"), {
      "a.png": await readFile(at("skin/val-nevus-0.png")),
      "shape.png": await encodePng(grey(32, inside)),
      "metadata.csv": "file_name,label,split,tone,mask\na.png,nevus,val,2,shape.png\n",
    });
    await generate("shapes", "--counts", "nevus=24", "--maps-from", at("tips"), "--out", at("c7"));
    const set = await readDataset(at("c7"));
    const { maps } = await packMaps(set, { kind: "box", resolution: SIZE });
    expect(maps.boxes.map((boxes) => boxes.length)).toEqual(Array(24).fill(1));
  });

  test("classes of another dataset are those of the run's column, where it has that column", async () => {
    const table = (column: string) => `file_name,${column},sort,split,tone,x_min,y_min,x_max,y_max\n`;
    const row = "a.png,nevus,b,val,2,4,4,12,12\na.png,nevus,c,val,2,4,4,12,12\n".replace("a.png", "b.png");
    const png = await readFile(at("skin/val-nevus-0.png"));
    await writeMapTestRun(at("kinds"), { dataset: { path: "gone", label: "kind", where: [] } });
    for (const column of ["kind", "label"]) {
      await writeFiles(at(column), { "a.png": png, "b.png": png, "metadata.csv": table(column) + row });
      const words = ["--counts", "nevus=2", "--maps-from", at(column), "--out", at(`from ${column}`)];
      const { code, err } = await generate("kinds", ...words);
      expect([err, code]).toEqual([expect.stringContaining("split val"), 0]);
    }
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
    const held = "file_name,label,split,tone,x_min,y_min,x_max,y_max\n1.png,nevus,val,2,4,4,9,9\n";
    const png = await readFile(at("skin/val-nevus-0.png"));
    await writeFiles(at("held"), { "1.png": png, "metadata.csv": held });
    const lack = await generate("run", "--counts", "melanoma=1", "--maps-from", at("held"), "--out", at("c6"));
    expect([lack.code, lack.err]).toEqual([1, expect.stringMatching(/no image with a lesion of melanoma to take/)]);
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

  test("a box that grows out of the image is left out, so that the set reads back", async () => {
    const file = await mapFile("out.csv", HEADER, "nevus,0;6;14,6;6;6,2;10;16,10;10;10,2,5");
    expect((await generate("run", "--sweep", "size", "--maps", file, "--out", at("w7"))).code).toBe(0);
    const set = await readDataset(at("w7"));
    const { maps } = await packMaps(set, { kind: "box", resolution: SIZE });
    expect(maps.boxes.map((boxes) => boxes.length)).toEqual([3, 3, 3, 3, 1, 1]);
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
    expect([small! / same!, large! / same!].map((ratio) => Math.round(4 * ratio) / 4)).toEqual([0.25, 2.25]);
    expect(new Set(await areas("w5place"))).toEqual(new Set([same]));
  });

  test("without a file, base maps are of held-out images, classes in turn", async () => {
    const { code } = await generate("run", "--sweep", "tone", "--rows", "2", "--out", at("w6"));
    expect(code).toBe(0);
    const made = await records("w6");
    expect(made.map(({ class: name }) => name)).toEqual([...Array(6).fill("melanoma"), ...Array(6).fill("nevus")]);
    expect(made[0].map).toMatch(/^skin, image [567]$/);
  });

  test("a class whose images show no lesion has no base map, and does not stand in the way of the others", async () => {
    const png = await readFile(at("skin/val-nevus-0.png"));
    const csv = (box: string) =>
      `file_name,label,tone,x_min,y_min,x_max,y_max\na.png,nevus,2,${box}\nb.png,melanoma,2,,,,\n`;
    await writeFiles(at("half"), { "a.png": png, "b.png": png, "metadata.csv": csv("4,4,12,12") });
    await writeFiles(at("bare"), { "a.png": png, "b.png": png, "metadata.csv": csv(",,,") });
    const words = ["--sweep", "tone", "--rows", "2", "--maps-from"];
    const { code, err } = await generate("run", ...words, at("half"), "--out", at("w8"));
    expect([code, err]).toEqual([0, expect.stringContaining("no image of melanoma shows a lesion")]);
    expect(new Set((await records("w8")).map(({ class: name }) => name))).toEqual(new Set(["nevus"]));
    const none = await generate("run", ...words, at("bare"), "--out", at("w9"));
    expect([none.code, none.err]).toEqual([1, expect.stringMatching(/no image with a lesion of melanoma, nevus/)]);
  });

  test.each([
    [["--sweep", "colour"], /--sweep colour: a sweep goes along one of tone, condition, size, place/],
    [["--sweep", "tone", "--steps", "3"], /--steps 3: a sweep along tone shows all six tones/],
    [["--sweep", "tone", "--per-class", "3"], /--per-class and --sweep exclude each other/],
    [["--steps", "3", "--per-class", "3"], /--steps 3 is only for a strip of images/],
    [
      ["--sampler", "best", "--per-class", "3"],
      /--sampler best:4: .* is a map-to-image run \(dermgan\).*random or truncation/,
    ],
    [["--sampler", "relabel", "--per-class", "3"], /whose maps say the class; use random or truncation/],
    [["--sampler", "truncation:0.5", "--per-class", "3"], /has no latent to truncate/],
  ])("%j is wrong usage", async (words, message) => {
    const { code, err } = await generate("run", "--out", at("x"), ...words);
    expect(err).toMatch(message);
    expect([code, await exists(at("x"))]).toEqual([2, false]);
  });
});
