import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "../data/dataset.ts";
import { writeTestRun } from "../model/testing/run.ts";
import { drawBatch } from "./draw.ts";
import { generateDataset } from "./generate.ts";
import type { Labeller } from "./labeller.ts";
import { readProvenance, regenerate } from "./provenance.ts";
import { relabel } from "./relabel.ts";
import { openRun, type Run } from "./run-folder.ts";

const SIZE = 3 * 8 * 8;
let folder: string;
let run: Run;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTestRun(join(folder, "run"), ["a", "b"]);
  run = await openRun(join(folder, "run"), { threads: 1 });
});
afterAll(() => run.close());

const level = (image: Uint8Array) => image.reduce((sum, value) => sum + value, 0) / image.length;

/** Calls images brighter than `limit` by the second name, and counts what it was asked. */
function byLevel(limit: number, classes: readonly [string, string] = ["a", "b"]) {
  const asked: Uint8Array[] = [];
  const labeller: Labeller = {
    classes,
    label: async (images) => {
      const found = Array.from({ length: images.length / SIZE }, (_, i) => images.slice(i * SIZE, (i + 1) * SIZE));
      asked.push(...found);
      return Float32Array.from(found.flatMap((image) => (level(image) > limit ? [0.25, 0.75] : [0.875, 0.125])));
    },
    close: async () => undefined,
  };
  return { labeller, asked };
}

async function median(): Promise<number> {
  const { labeller, asked } = byLevel(0);
  for await (const _ of relabel([{ name: "b", count: 64 }], {
    generator: run.generator,
    labeller,
    seed: 1,
    tried: () => undefined,
  }));
  return asked.map(level).sort((a, b) => a - b)[32]!;
}

describe("relabel", () => {
  test("gives images the class of the classifier, as many as are wanted, and each is made again byte for byte", async () => {
    const limit = await median();
    const { labeller } = byLevel(limit);
    const out = join(folder, "set");
    const counts = [
      { name: "a", count: 30 },
      { name: "b", count: 50 },
    ];
    const made = await generateDataset(run, out, { counts, sampler: { kind: "relabel" }, seed: 3, labeller });
    expect(made.images).toBe(80);
    const dataset = await readDataset(out);
    expect(["a", "b"].map((name) => dataset.samples.filter(({ label }) => label === name).length)).toEqual([30, 50]);
    const records = await readProvenance(join(out, "provenance.jsonl"));
    expect(records.map(({ file_name: name }) => name)).toEqual(dataset.samples.map(({ fileName }) => fileName));
    expect(new Set(records.map(({ seed }) => seed)).size).toBe(80);
    // An untrained generator: classes and brightness have little to do with each other.
    expect(records.some((record) => record.class !== record.drawn_as)).toBe(true);
    for (const record of records) {
      const classIndex = ["a", "b"].indexOf(record.drawn_as!);
      const image = await drawBatch(run.generator, [{ seed: record.seed, classIndex }], 1);
      expect([record.sampler, record.class, record.probability]).toEqual(
        level(image) > limit ? ["relabel", "b", 0.75] : ["relabel", "a", 0.875],
      );
    }
    for (const record of records.filter((_, i) => i % 9 === 4)) {
      expect(Buffer.compare(await regenerate(run, record), await readFile(join(out, record.file_name)))).toBe(0);
    }
    for (const tally of made.classes) {
      const drawn = records.filter((record) => record.drawn_as === tally.name);
      expect(tally.candidates).toBeGreaterThanOrEqual(drawn.length);
      expect(tally.acceptance).toBeGreaterThan(0);
      expect(tally.acceptance).toBeLessThan(1);
    }
  });

  test("draws as classes that lack images, and as all where the classifier has other classes", async () => {
    const limit = await median();
    const drawnAs = async (names: readonly [string, string], wanted: string) => {
      const drawn = new Set<number>();
      const { labeller } = byLevel(limit, names);
      const options = { generator: run.generator, labeller, seed: 2, tried: () => undefined };
      for await (const { classIndex } of relabel([{ name: wanted, count: 40 }], options)) drawn.add(classIndex);
      return [...drawn].sort();
    };
    expect(await drawnAs(["a", "b"], "b")).toEqual([1]);
    expect(await drawnAs(["benign", "malignant"], "malignant")).toEqual([0, 1]);
  });

  test("gives up where the classifier takes hardly any image for a class, and says so", async () => {
    const { labeller, asked } = byLevel(256);
    const options = { generator: run.generator, labeller, seed: 2, tried: () => undefined };
    const all = async () => {
      for await (const _ of relabel([{ name: "b", count: 2 }], options));
    };
    const { message, exitCode } = await failure(all());
    expect([message, exitCode]).toEqual([expect.stringMatching(/took 0 of \d+ candidates for b, 2 were wanted/), 1]);
    expect(asked.length).toBeLessThan(1000);
  });
});
