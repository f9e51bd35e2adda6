import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { datasetHash, formatCsvRow, readDataset } from "../data/index.ts";
import { pngOf, writeFiles } from "../data/testing/fixtures.ts";
import { openTraining, runTraining } from "./index.ts";

const SIZE = { resolution: 8, preset: "tiny", threads: 1, images: 16, recipe: { batch: 4 } } as const;

/** Sixty images of noise of two classes, two of each patient; no split. */
async function unsplit(folder: string, columns: Record<string, (i: number) => string> = {}): Promise<string> {
  const files: Record<string, Uint8Array> = {};
  const rows = [["file_name", "label", "patient_id", ...Object.keys(columns)]];
  for (let i = 0; i < 60; i++) {
    files[`images/${i}.png`] = await pngOf(i);
    const patient = i >> 1;
    rows.push([
      `images/${i}.png`,
      patient % 3 ? "nevus" : "scar",
      `p${patient}`,
      ...Object.values(columns).map((of) => of(i)),
    ]);
  }
  return writeFiles(folder, { ...files, "metadata.csv": rows.map(formatCsvRow).join("") });
}

async function open(dataset: string, out: string, more: Record<string, unknown> = {}, resume = false) {
  const notes: string[] = [];
  const training = await openTraining(
    { dataset, ...SIZE, ...more },
    { out, resume, onNote: (note) => notes.push(note) },
  );
  return { training, notes };
}

describe("a dataset without a split", () => {
  let root: string;
  let skin: string;
  beforeAll(async () => {
    root = await temporaryFolder();
    skin = await unsplit(join(root, "skin"));
    const { training } = await open(skin, join(root, "run"));
    await runTraining(training);
  }, 120_000);

  test("is trained on without 15 % of its images, whole patients, which one line says", async () => {
    const { training, notes } = await open(skin, join(root, "other"));
    const held = training.dataset.samples.filter(({ split }) => split === "holdout");
    expect([training.indices.length, held.length]).toEqual([52, 8]);
    expect(new Set(held.map(({ patient }) => patient)).size).toBe(4);
    expect(notes.filter((note) => note.startsWith("training on"))).toEqual([
      expect.stringMatching(
        /^training on 52 of 60 images; the other 8 are held out \(split\.csv of the run; --no-holdout/,
      ),
    ]);
  });

  test("is found again as the run divided it: from the run, from elsewhere, moved, and split otherwise since", async () => {
    const run = join(root, "run");
    const config = JSON.parse(await readFile(join(run, "config.json"), "utf8"));
    expect(config.dataset).toMatchObject({ path: skin, heldOut: { images: 8, seed: 0 } });
    const hashOf = async (path: string, from = run) => {
      const { samples, ...rest } = await readDataset(path, { run: from });
      return datasetHash({ ...rest, samples: samples.filter(({ split }) => split === "train") });
    };
    expect(await hashOf(skin)).toBe(config.dataset.hash);
    await cp(root, `${root}-moved`, { recursive: true });
    await rename(`${root}-moved/skin`, `${root}-moved/renamed`);
    expect(await hashOf(`${root}-moved/renamed`, `${root}-moved/run`)).toBe(config.dataset.hash);
    await writeFile(
      `${root}-moved/renamed/ganglion-split.csv`,
      "file_name,split\nimages/0.png,train\nimages/1.png,test\n",
    );
    expect((await readDataset(`${root}-moved/renamed`)).samples.length).toBe(2);
    await rm(`${root}-moved`, { recursive: true });
    // Other images of the same names are not divided so.
    const other = await unsplit(join(root, "others"), { note: () => "x" });
    await writeFile(join(other, "images/0.png"), await pngOf(999));
    expect((await readDataset(other, { run })).columns.split).toBeUndefined();
  });

  test("goes on with the images that the run held out, and refuses to train on them then", async () => {
    const { training, notes } = await open(skin, join(root, "run"), { images: 24 }, true);
    expect(training.indices.length).toBe(52);
    expect(notes.join("\n")).toContain("training on 52 of 60 images");
    const error = await failure(open(skin, join(root, "run"), { holdout: false }, true));
    expect([error.code, error.message]).toEqual(["usage", expect.stringMatching(/^--resume: --no-holdout differs/)]);
    // Without its table the run cannot go on: its images are others then.
    await cp(join(root, "run"), join(root, "lost"), { recursive: true });
    await rm(join(root, "lost/split.csv"));
    expect((await failure(open(skin, join(root, "lost"), {}, true))).message).toMatch(/the images of DATASET differ/);
  });

  test("is trained on whole with --no-holdout, with what is then not possible", async () => {
    const { training, notes } = await open(skin, join(root, "whole"), { holdout: false });
    expect([training.indices.length, training.heldOut]).toEqual([60, undefined]);
    expect(notes).toContain("training on all images");
    expect(notes.join("\n")).toMatch(
      /^no image is held out: `evaluate` compares .*`audit`, `release` and `study` need/m,
    );
    await runTraining(training);
    const resumed = await open(skin, join(root, "whole"), {}, true);
    expect(resumed.training.indices.length).toBe(60);
  });

  test("is divided after the filters, and options are checked before any image is read", async () => {
    const sexed = await unsplit(join(root, "sexed"), { sex: (i) => ((i >> 1) % 2 ? "f" : "m") });
    const { training } = await open(sexed, join(root, "part"), { where: ["sex=f"] });
    expect(training.dataset.samples.length).toBe(30);
    expect(training.indices.length).toBe(26);
    const stages = new Set<string>();
    const request = { dataset: sexed, ...SIZE, resolution: 9 };
    const onProgress = ({ stage }: { stage: string }) => stages.add(stage);
    const error = await failure(openTraining(request, { out: join(root, "x"), onProgress }));
    expect([error.code, [...stages]]).toEqual(["usage", []]);
  });
});

test("a dataset with a split is trained on as its split says, and nothing is kept of it", async () => {
  const root = await temporaryFolder();
  const skin = await unsplit(join(root, "skin"), { split: (i) => (i < 40 ? "train" : "test") });
  const { training, notes } = await open(skin, join(root, "run"));
  expect([training.indices.length, training.heldOut, training.config.dataset.heldOut]).toEqual([
    40,
    undefined,
    undefined,
  ]);
  expect(notes.join("\n")).toContain('training on the 40 images of split "train" of 60');
  expect(notes.join("\n")).not.toContain("held out");
});

test("a dataset whose split names train alone has nothing held out yet, unless a filter left it so", async () => {
  const root = await temporaryFolder();
  const skin = await unsplit(join(root, "skin"), { split: () => "train" });
  expect((await open(skin, join(root, "run"))).training.indices.length).toBe(52);
  const split = await unsplit(join(root, "split"), { split: (i) => (i < 40 ? "train" : "test") });
  const { training, notes } = await open(split, join(root, "part"), { where: ["split=train"] });
  expect([training.indices.length, training.heldOut]).toEqual([40, undefined]);
  expect(notes.join("\n")).not.toContain("no image is held out");
});

test("a trifle of images is trained on whole", async () => {
  const root = await temporaryFolder();
  await mkdir(join(root, "few"));
  const files = Object.fromEntries(
    await Promise.all(
      Array.from({ length: 6 }, async (_, i) => [`${i % 2 ? "a" : "b"}/${i}.png`, await pngOf(i)] as const),
    ),
  );
  const { training } = await open(await writeFiles(join(root, "few"), files), join(root, "run"));
  expect(training.indices.length).toBe(6);
});
