import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "../data/dataset.ts";
import { withChannels } from "../data/image.ts";
import { readImage } from "../data/pixels.ts";
import { resizeSquare } from "../data/square.ts";
import { medmnist, npzBytes, pngOf, writeFiles } from "../data/testing/fixtures.ts";
import type { Dataset } from "../data/types.ts";
import { writeTestRun } from "../model/testing/run.ts";
import { balanceDataset, balanceNotes } from "./balance.ts";
import { balancePlan } from "./balance-plan.ts";
import { readProvenance, regenerate } from "./provenance.ts";
import { openRun, type Run } from "./run-folder.ts";
import { parseSampler } from "./sampler.ts";

let folder: string;
let run: Run;

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTestRun(join(folder, "run"), ["a", "b"]);
  run = await openRun(join(folder, "run"), { threads: 1 });
  return () => run.close();
});

/** Six images with a split, a patient, a further column, masks and boxes; one is not square. */
async function realSet(name: string): Promise<Dataset> {
  const rows = ["a,train,p1", "a,train,p1", "a,train,p2", "b,train,p3", "a,val,p4", "b,test,p5"];
  const csv = ["file_name,dx,split,patient_id,sex,source,mask,x_min,y_min,x_max,y_max"];
  const files: Record<string, string | Uint8Array> = {};
  for (const [i, row] of rows.entries()) {
    files[`${i}.png`] = await pngOf(i, i === 2 ? 12 : 8, 8);
    files[`m${i}.png`] = await pngOf(i, i === 2 ? 12 : 8, 8, 1);
    csv.push(`${i}.png,${row},f,clinic ${i},m${i}.png,0,0,4,4`);
  }
  await writeFiles(join(folder, name), { ...files, "metadata.csv": `${csv.join("\n")}\n` });
  return readDataset(join(folder, name));
}

const balance = (dataset: Dataset, out: string, sampler = "random", seed = 1) =>
  balanceDataset(dataset, run, join(folder, out), {
    plan: balancePlan(dataset, ["a", "b"]),
    sampler: parseSampler(sampler),
    seed,
  });

describe("a balanced dataset", () => {
  test("holds every real image and the synthetic ones, marked, with split, patient and provenance", async () => {
    const dataset = await realSet("real");
    const made = await balance(dataset, "balanced", "best:2");
    expect([made.images, made.real]).toEqual([8, 6]);
    const result = await readDataset(made.folder);
    expect(result.columns).toEqual({ label: "dx", patient: "patient_id", split: "split" });
    const rows = result.samples.map(({ fileName, label, split, patient, attributes }) => [
      fileName,
      label,
      split,
      patient,
      attributes.synthetic,
      attributes.source,
      attributes.sex,
    ]);
    expect(rows).toEqual([
      ["real/a/000001.png", "a", "train", "p1", "0", "0.png", "f"],
      ["real/a/000002.png", "a", "train", "p1", "0", "1.png", "f"],
      ["real/a/000003.png", "a", "train", "p2", "0", "2.png", "f"],
      ["real/b/000001.png", "b", "train", "p3", "0", "3.png", "f"],
      ["real/a/000004.png", "a", "val", "p4", "0", "4.png", "f"],
      ["real/b/000002.png", "b", "test", "p5", "0", "5.png", "f"],
      ["synthetic/b/000001.png", "b", "train", undefined, "1", "", ""],
      ["synthetic/b/000002.png", "b", "train", undefined, "1", "", ""],
    ]);
    expect(result.samples[0]!.attributes.source_before).toBe("clinic 0");
    expect(Object.keys(result.samples[0]!.attributes)).not.toContain("x_min");
    expect(balanceNotes(dataset, run).join()).toMatch(/masks and boxes are left out/);
    for (const i of [0, 2]) {
      const wanted = withChannels(await resizeSquare(await readImage(dataset, i), 8), 3);
      expect(await readImage(result, i)).toEqual(wanted);
    }
    const records = await readProvenance(join(made.folder, "provenance.jsonl"));
    expect(records.map(({ file_name, class: name, pool }) => [file_name, name, pool])).toEqual([
      ["synthetic/b/000001.png", "b", 4],
      ["synthetic/b/000002.png", "b", 4],
    ]);
    for (const record of records) {
      const file = await readFile(join(made.folder, record.file_name));
      expect(Buffer.compare(await regenerate(run, record), file)).toBe(0);
    }
    const said = JSON.parse(await readFile(join(made.folder, "dataset.json"), "utf8"));
    expect(said.notes.join(" ")).toMatch(
      /best:2 --seed 1.*resized \(Lanczos\) to 8 x 8.*synthetic images get split train/,
    );
  });

  test("comes of an .npz and of class folders too, grey turned into the generator's colours", async () => {
    await writeFile(join(folder, "set.npz"), npzBytes(medmnist(4)));
    await writeTestRun(join(folder, "numbers"), ["0", "1", "2"]);
    const numbers = await openRun(join(folder, "numbers"), { threads: 1 });
    const npz = await readDataset(join(folder, "set.npz"));
    const plan = balancePlan(npz, ["0", "1", "2"]);
    expect(plan.classes.map(({ real, synthetic }) => [real, synthetic])).toEqual([
      [2, 0],
      [1, 1],
      [1, 1],
    ]);
    const options = { plan, sampler: parseSampler("random"), seed: 0 };
    const made = await balanceDataset(npz, numbers, join(folder, "from-npz"), options);
    const result = await readDataset(made.folder);
    expect(result.samples.length).toBe(14);
    expect(await readImage(result, 0)).toMatchObject({ width: 8, height: 8, channels: 3 });
    expect(result.samples.filter(({ split }) => split === "train").length).toBe(6);
    await numbers.close();

    await writeFiles(join(folder, "classes"), {
      "a/1.png": await pngOf(1),
      "a/2.png": await pngOf(2),
      "b/1.png": await pngOf(3),
    });
    const classes = await readDataset(join(folder, "classes"));
    const again = await readDataset((await balance(classes, "from-classes")).folder);
    expect(again.samples.map(({ label }) => label)).toEqual(["a", "a", "b", "b"]);
    // Balancing what is balanced already: only the real rows may be asked for.
    expect((await failure(balance(again, "twice"))).message).toMatch(
      /1 images are synthetic already.*--where synthetic=0/,
    );
    const real = await readDataset(join(folder, "from-classes"), { where: ["synthetic=0"] });
    expect((await balance(real, "thrice")).images).toBe(4);
  });

  test("without anything to add is the real images, and still whole", async () => {
    await writeFiles(join(folder, "even"), { "a/1.png": await pngOf(1), "b/1.png": await pngOf(3) });
    const made = await balance(await readDataset(join(folder, "even")), "even-out", "diverse");
    expect(made.images).toBe(2);
    expect(await readFile(join(made.folder, "provenance.jsonl"), "utf8")).toBe("");
  });

  test("is not written when a real image is damaged: all of them are named and nothing is left", async () => {
    const dataset = await realSet("broken");
    const whole = await readFile(join(folder, "broken", "4.png"));
    await writeFile(join(folder, "broken", "4.png"), whole.subarray(0, 60));
    await writeFile(join(folder, "broken", "1.png"), "no image");
    const before = await readdir(folder);
    const error = await failure(balance(dataset, "broken-out"));
    expect(error.problems.map(({ path }) => path)).toEqual(["1.png", "4.png"]);
    expect(await readdir(folder)).toEqual(before);
  });

  test("needs classes", async () => {
    await writeFiles(join(folder, "bare"), { "1.png": await pngOf(1), "metadata.csv": "file_name\n1.png\n" });
    const dataset = await readDataset(join(folder, "bare"));
    const options = { plan: balancePlan(dataset, [""]), sampler: parseSampler("random"), seed: 0 };
    const error = await failure(balanceDataset(dataset, run, join(folder, "bare-out"), options));
    expect(error.message).toMatch(/has no classes; name the column that holds them with --label/);
  });
});
