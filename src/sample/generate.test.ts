import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "../data/dataset.ts";
import { decodePng } from "../data/image.ts";
import { writeTestRun } from "../model/testing/run.ts";
import { drawBatch } from "./draw.ts";
import { generateDataset, regenerateDataset } from "./generate.ts";
import { candidateSeed } from "./latent.ts";
import { readProvenance, regenerate } from "./provenance.ts";
import { openRun, type Run } from "./run-folder.ts";
import { parseSampler } from "./sampler.ts";

const CLASSES = ["a", "b test", "c/d"];
let folder: string;
let runFolder: string;
const runs: Run[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  runFolder = join(folder, "run");
  await writeTestRun(runFolder, CLASSES, { resolution: 16 });
  return async () => {
    for (const run of new Set(runs)) await run.close();
  };
});

const opened = new Map<number, Promise<Run>>();
async function open(threads = 1): Promise<Run> {
  if (!opened.has(threads)) opened.set(threads, openRun(runFolder, { threads }));
  const run = await opened.get(threads)!;
  runs.push(run);
  return run;
}

const counts = (...numbers: number[]) => numbers.map((count, i) => ({ name: CLASSES[i]!, count }));

describe("a generated dataset", () => {
  test.each(["random", "truncation:0.5", "reject:50", "best:2", "worst:3", "diverse:2"])(
    "has the exact counts, names each image's making, and each image is made again byte for byte: %s",
    async (text) => {
      const run = await open(1);
      const out = join(folder, `set-${text.replace(":", "-")}`);
      const written = await generateDataset(run, out, {
        counts: counts(21, 0, 18),
        sampler: parseSampler(text),
        seed: 5,
      });
      expect(written.images).toBe(39);
      const dataset = await readDataset(out);
      expect(dataset.notes).toEqual([]);
      expect(dataset.license).toBe("CC0-1.0");
      const found = CLASSES.map((name) => dataset.samples.filter(({ label }) => label === name).length);
      expect(found).toEqual([21, 0, 18]);
      expect(dataset.samples.every(({ attributes }) => attributes.synthetic === "1")).toBe(true);

      const records = await readProvenance(join(out, "provenance.jsonl"));
      expect(records.map((record) => record.file_name)).toEqual(dataset.samples.map(({ fileName }) => fileName));
      expect(new Set(records.map(({ seed }) => seed)).size).toBe(39);
      // An image alone (row 0 of its batch) on two threads, against the file, drawn with others on one thread.
      const other = await open(2);
      for (const record of records.filter((_, i) => i % 5 === 3)) {
        const bytes = await regenerate(other, record);
        expect(Buffer.compare(bytes, await readFile(join(out, record.file_name)))).toBe(0);
      }
    },
    20_000,
  );

  test("is the same for the same seed and another for another, and a longer one begins with the shorter", async () => {
    const run = await open();
    const make = async (name: string, seed: number, n: number) => {
      const out = join(folder, name);
      await generateDataset(run, out, { counts: counts(n), sampler: { kind: "random" }, seed });
      const files = (await readdir(join(out, "images/a"))).sort();
      return Promise.all(files.map(async (file) => (await readFile(join(out, "images/a", file))).toString("base64")));
    };
    const first = await make("s1", 1, 20);
    expect(await make("s2", 1, 20)).toEqual(first);
    expect((await make("s3", 1, 33)).slice(0, 20)).toEqual(first);
    const other = await make("s4", 2, 20);
    expect(other.filter((image) => first.includes(image))).toEqual([]);
  });

  test("of a run whose images have no labels has none either, and reads as its real images do", async () => {
    const unnamed = join(folder, "unnamed");
    await writeTestRun(unnamed, [""], { resolution: 8 });
    const run = await openRun(unnamed, { threads: 1 });
    runs.push(run);
    const out = join(folder, "without-labels");
    await generateDataset(run, out, { counts: [{ name: "", count: 2 }], sampler: parseSampler("random"), seed: 0 });
    expect((await readFile(join(out, "metadata.csv"), "utf8")).split("\n")[0]).toBe("file_name,synthetic");
    const { classes, samples } = await readDataset(out);
    expect([classes, samples.map(({ label }) => label)]).toEqual([[""], ["", ""]]);
  });

  test("can be made again whole from its provenance, files and all", async () => {
    const run = await open();
    const out = join(folder, "original");
    await generateDataset(run, out, { counts: counts(3, 4, 2), sampler: parseSampler("truncation:0.3"), seed: 3 });
    const records = await readProvenance(join(out, "provenance.jsonl"));
    const again = join(folder, "again");
    await regenerateDataset(run, again, records);
    for (const name of [...records.map((record) => record.file_name), "provenance.jsonl", "metadata.csv"]) {
      expect(Buffer.compare(await readFile(join(again, name)), await readFile(join(out, name)))).toBe(0);
    }
    // The contact sheet is a page, so that the images of the set are those of its table.
    expect((await readdir(out)).sort()).toEqual([
      "contact-sheet.html",
      "dataset.json",
      "images",
      "metadata.csv",
      "provenance.jsonl",
    ]);
    const sheet = await readFile(join(out, "contact-sheet.html"), "utf8");
    expect(sheet.match(/<img /g)).toHaveLength(9);
    expect(sheet.replace(/.*(<body>)/s, "$1").match(/<h2>[^<]+/g)).toEqual(CLASSES.map((name) => `<h2>${name}`));
  });

  test("is whole or not there: an abort leaves nothing", async () => {
    const run = await open();
    const abort = new AbortController();
    const out = join(folder, "parts", "stopped");
    const onProgress = () => abort.abort();
    const options = { counts: counts(100), sampler: parseSampler("random"), seed: 0, onProgress, signal: abort.signal };
    expect((await failure(generateDataset(run, out, options))).message).toMatch(
      /stopped at 64 of 100.*nothing was written/,
    );
    expect(await readdir(join(folder, "parts"))).toEqual([]);
  });
});

describe("an image", () => {
  test("has the same pixels in every place of a batch, with any neighbours, on one to four threads", async () => {
    const rng = new Rng(11, "places");
    const wanted = Array.from({ length: 6 }, (_, i) => ({
      seed: candidateSeed(9, CLASSES[i % 3]!, i),
      classIndex: i % 3,
    }));
    const reference = new Map<number, string>();
    for (const threads of [1, 2, 3, 4]) {
      const { generator } = await open(threads);
      const size = generator.description.channels * generator.description.resolution ** 2;
      for (let round = 0; round < 12; round++) {
        const batch = Array.from({ length: 1 + rng.integer(16) }, () => ({
          seed: rng.uint32(),
          classIndex: rng.integer(3),
        }));
        const place = rng.integer(batch.length);
        const image = wanted[round % wanted.length]!;
        batch[place] = image;
        const planes = await drawBatch(generator, batch, 1);
        const found = Buffer.from(planes.subarray(place * size, (place + 1) * size)).toString("base64");
        expect(found).toBe(reference.get(image.seed) ?? found);
        reference.set(image.seed, found);
      }
    }
    expect(new Set(reference.values()).size).toBe(6);
  });

  test("comes closer to the image of the zero latent as psi shrinks", async () => {
    const { generator } = await open();
    const draws = Array.from({ length: 16 }, (_, i) => ({ seed: i, classIndex: 0 }));
    const variation = async (psi: number) => {
      const planes = await drawBatch(generator, draws, psi);
      const size = planes.length / 16;
      let sum = 0;
      for (let j = 0; j < size; j++) {
        const column = Array.from({ length: 16 }, (_, i) => planes[i * size + j]!);
        const mean = column.reduce((a, b) => a! + b!) / 16;
        sum += column.reduce((a, b) => a! + (b! - mean) ** 2, 0);
      }
      return sum;
    };
    const variations = [await variation(1), await variation(0.6), await variation(0.2)];
    expect(variations[0]).toBeGreaterThan(1.2 * variations[1]!);
    expect(variations[1]).toBeGreaterThan(1.2 * variations[2]!);
    expect(variations[2]).toBeGreaterThan(0);
  });

  test("is grey where the generator is", async () => {
    const grey = join(folder, "grey");
    await writeTestRun(grey, ["x"], { channels: 1 });
    const run = await openRun(grey);
    runs.push(run);
    await generateDataset(run, join(folder, "greys"), {
      counts: [{ name: "x", count: 1 }],
      sampler: parseSampler("random"),
      seed: 0,
    });
    const image = await decodePng(await readFile(join(folder, "greys/images/x/000001.png")));
    expect(image).toMatchObject({ width: 8, height: 8, channels: 1 });
  });
});
