import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../core/testing/fixtures.ts";
import { datasetHash, readDataset } from "../data/dataset.ts";
import { readImage, readMask } from "../data/pixels.ts";
import { splitDataset } from "../data/splits.ts";
import { PHANTOM_CLASSES } from "./classes.ts";
import { phantomPlan } from "./plan.ts";
import { renderPhantom } from "./render.ts";
import { writePhantom } from "./write.ts";

const folder = await temporaryFolder();

test("writes a dataset that reads back as planned: pixels, masks, boxes, splits, no guess needed", async () => {
  const out = join(folder, "skin");
  const steps: number[] = [];
  const written = await writePhantom(out, { count: 40, size: 32, seed: 5, onProgress: ({ done }) => steps.push(done) });
  expect(written).toMatchObject({ images: 40, masks: 40 });
  expect(Object.values(written.counts).reduce((a, b) => a + b, 0)).toBe(40);
  expect(steps).toHaveLength(40);
  const dataset = await readDataset(out);
  expect(dataset.notes).toEqual([]);
  expect(dataset.classes).toEqual([...PHANTOM_CLASSES].sort());
  expect(dataset.columns).toEqual({
    label: "label",
    patient: "patient_id",
    split: "split",
    mask: "mask_file_name",
    box: ["x_min", "y_min", "x_max", "y_max"],
    tone: "tone",
  });
  const plan = phantomPlan(40, 5);
  for (const [n, spec] of plan.entries()) {
    const sample = dataset.samples[n]!;
    expect(sample).toMatchObject({ label: spec.label, patient: spec.patient, split: spec.split });
    const { image, mask, box } = renderPhantom(spec, 32);
    expect(await readImage(dataset, n)).toEqual(image);
    expect(await readMask(dataset, n)).toEqual(mask);
    expect(["x_min", "y_min", "x_max", "y_max"].map((edge) => Number(sample.attributes[edge]))).toEqual([...box]);
  }
  const { train, how } = splitDataset(dataset, { seed: 0 });
  expect(train.length).toBe(plan.filter(({ split }) => split === "train").length);
  expect(how).toBe('split by the dataset\'s column "split": train against test, val');
});

test("the same seed writes the same dataset, another seed another one", async () => {
  const hashes: string[] = [];
  for (const [n, seed] of [1, 1, 2].entries()) {
    const out = join(folder, `again-${n}`);
    await writePhantom(out, { count: 10, size: 16, seed });
    hashes.push((await datasetHash(await readDataset(out))) + (await readFile(join(out, "metadata.csv"), "utf8")));
  }
  expect(hashes[1]).toBe(hashes[0]);
  expect(hashes[2]).not.toBe(hashes[0]);
});

test("refuses a folder that is not empty before it draws, and numbers out of range", async () => {
  await expect(writePhantom(folder, { count: 10 })).rejects.toThrow(/is not empty/);
  await expect(writePhantom(join(folder, "new"), { count: 3 })).rejects.toThrow(/phantom count/);
  await expect(writePhantom(join(folder, "new"), { size: 4 })).rejects.toThrow(/phantom size/);
});
