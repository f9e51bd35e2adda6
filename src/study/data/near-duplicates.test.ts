import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { encodePng, formatCsvRow } from "../../data/index.ts";
import { writeFiles } from "../../data/testing/fixtures.ts";
import { phantomPlan, renderPhantom } from "../../phantom/index.ts";
import { readRealSource } from "./real-source.ts";

const DATA = { label: null, patient: null, where: [], positive: null, resolution: 8, validation: 0.2, splitSeed: 0 };

let root: string;
/** Forty lesions, each of its own patient; the last two repeat the first two, lighter. */
beforeAll(async () => {
  const pictures = phantomPlan(38, 3).map((spec) => renderPhantom(spec, 48).image);
  const again = pictures.slice(0, 2).map((image) => ({ ...image, data: image.data.map((v) => Math.min(255, v + 12)) }));
  const files: Record<string, Uint8Array> = {};
  const rows = [["file_name", "label", "patient_id", "split"]];
  for (const [i, image] of [...pictures, ...again].entries()) {
    files[`images/${i}.png`] = await encodePng(image);
    rows.push([`images/${i}.png`, i % 2 ? "a" : "b", `p${i}`, i < 26 ? "train" : "test"]);
  }
  root = await writeFiles(await temporaryFolder(), { ...files, "metadata.csv": rows.map(formatCsvRow).join("") });
}, 60_000);

const read = (more: object, options = {}) =>
  readRealSource({ ...DATA, dataset: root, heldOut: null, ...more } as never, options);
const names = (images: { dataset: { samples: readonly { fileName: string }[] } } | null) =>
  images!.dataset.samples.map(({ fileName }) => fileName);

test("near duplicates across a split are named, count as one patient, and are left out where asked for", async () => {
  const found = await read({});
  expect(found.crossing).toBe(
    "2 held-out images are near duplicates of training images (images/38.png, images/39.png): they count as images of the training patient; --drop-duplicates leaves them out",
  );
  expect(found.how).toContain("2 patients are on both sides");
  const held = found.heldOut!.dataset.samples.find(({ fileName }) => fileName === "images/38.png");
  expect(held?.patient).toBe(
    found.training.dataset.samples.find(({ fileName }) => fileName === "images/0.png")?.patient,
  );
  const dropped = await read({}, { dropDuplicates: true });
  expect(names(found.heldOut).filter((name) => !names(dropped.heldOut).includes(name))).toEqual([
    "images/38.png",
    "images/39.png",
  ]);
  expect(names(dropped.training)).toEqual(names(found.training));
  expect(dropped.crossing).toMatch(/: they are left out$/);
});

test("a split that a study draws keeps them on one side", async () => {
  const path = join(root, "metadata.csv");
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace("patient_id,split", "patient_id,other"));
  for (const splitSeed of [0, 1, 2, 3]) {
    const found = await read({ heldOut: 0.4, splitSeed });
    expect(found.crossing).toBeNull();
    const held = names(found.heldOut);
    for (const i of [0, 1]) expect(held.includes(`images/${i}.png`)).toBe(held.includes(`images/${38 + i}.png`));
  }
});
