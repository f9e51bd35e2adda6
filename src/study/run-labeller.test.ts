import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { writePhantom } from "../phantom/index.ts";
import { openRun } from "../sample/index.ts";
import { prepareRun, RunFolder, type TrainRequest } from "../train/index.ts";
import { checkRunLabeller, openRunLabeller } from "./run-labeller.ts";
import { trainedRun } from "./testing/trained-run.ts";

let folder: string;
let skin: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  skin = join(folder, "skin");
  await writePhantom(skin, { count: 90, size: 16, seed: 0 });
});

/** Folder of a run of a few steps. */
const trained = (name: string, options: Partial<TrainRequest> = {}) =>
  trainedRun(join(folder, name), { dataset: skin, ...options });

/** Probabilities that the labeller of a run gives 70 drawn bytes of images, and the lines that it said. */
async function labelled(path: string) {
  const run = await openRun(path, { threads: 1 });
  const lines: string[] = [];
  const onNote = (line: string) => lines.push(line);
  try {
    const before = await checkRunLabeller(run);
    const labeller = await openRunLabeller(run, { threads: 1, onNote, onWarning: onNote });
    const images = Uint8Array.from({ length: 70 * 3 * 8 * 8 }, (_, i) => (i * 37) % 256);
    const p = await labeller.label(images);
    const { classes } = labeller;
    await labeller.close();
    return { p, classes, lines, kept: before.kept };
  } finally {
    await run.close();
  }
}

describe("the classifier of a run", () => {
  test("learns from its training images once, and is kept; what is damaged or of other images is trained anew", async () => {
    const path = await trained("run");
    const first = await labelled(path);
    expect(first.kept).toBe(false);
    expect(first.classes).toEqual(JSON.parse(readFileSync(join(path, "config.json"), "utf8")).dataset.classes);
    expect(first.p).toHaveLength(70 * first.classes.length);
    const row = [...first.p.slice(0, first.classes.length)];
    expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
    expect(first.lines[0]).toMatch(
      /mean AUC of [01]\.\d{3} on held-back training images; trained and kept in .*labeller/,
    );

    const weights = join(path, "labeller", "weights.f32");
    const written = statSync(weights).mtimeMs;
    const again = await labelled(path);
    expect([again.kept, statSync(weights).mtimeMs]).toEqual([true, written]);
    expect(again.p).toEqual(first.p);

    const bytes = readFileSync(weights);
    bytes[100]! ^= 1;
    writeFileSync(weights, bytes);
    const anew = await labelled(path);
    expect([anew.kept, anew.p]).toEqual([false, first.p]);
    writeFileSync(weights, bytes.subarray(0, 1001));
    const cut = await labelled(path);
    expect([cut.kept, cut.p]).toEqual([false, first.p]);
  }, 120_000);

  test("is refused where its training images are not there, or are others", async () => {
    const path = await trained("moved");
    const away = join(folder, "away");
    renameSync(skin, away);
    const gone = await failure(labelled(path));
    renameSync(away, skin);
    expect([gone.message, gone.exitCode]).toEqual([
      expect.stringMatching(/relabel.*skin is not there; put it back/),
      1,
    ]);
    const table = join(skin, "metadata.csv");
    const before = readFileSync(table, "utf8");
    const [head, one, ...rest] = before.split("\n");
    writeFileSync(table, [head, ...rest].join("\n"));
    expect(one).toBeTruthy();
    const other = await failure(labelled(path));
    writeFileSync(table, before);
    expect(other.message).toMatch(/no longer those that .*moved was trained on; put them back/);
    expect(existsSync(join(path, "labeller"))).toBe(false);
  });

  test("warns of classes of one patient, by whom it cannot be judged, and is refused where others are not two", async () => {
    const few = join(folder, "few");
    await writePhantom(few, { count: 60, size: 16, seed: 0 });
    const table = join(few, "metadata.csv");
    const [head, ...rows] = readFileSync(table, "utf8").trim().split("\n");
    const column = head!.split(",").indexOf("label");
    const config = JSON.parse(readFileSync(join(few, "dataset.json"), "utf8"));
    writeFileSync(join(few, "dataset.json"), JSON.stringify({ ...config, patient: "who" }));
    const withPatients = (alone: (label: string) => boolean) => {
      const who = (row: string, i: number) => (alone(row.split(",")[column]!) ? row.split(",")[column]! : `p${i}`);
      writeFileSync(table, [`${head},who`, ...rows.map((row, i) => `${row},${who(row, i)}`)].join("\n"));
    };
    withPatients((label) => label === "melanoma");
    const path = await trained("of few", { dataset: few, holdout: false });
    expect((await labelled(path)).lines.join("\n")).toMatch(/of .*melanoma.* there are images of one patient alone/);
    withPatients((label) => label !== "nevus");
    const others = await trained("of fewer", { dataset: few, holdout: false });
    expect((await failure(labelled(others))).message).toMatch(
      /relabel: but for nevus, the classes in .*few have images/,
    );
  });

  test("is refused of a private run, and of one class", async () => {
    const one = await trained("one", { where: ["label=nevus"] });
    expect(await failure(labelled(one))).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/images of one class/),
    });
    const differentialPrivacy = { epsilon: 50, delta: 1e-3 };
    const asked = { dataset: skin, resolution: 8, images: 16, threads: 1, differentialPrivacy, recipe: { batch: 4 } };
    const run = new RunFolder(join(folder, "private"));
    await run.create((await prepareRun(asked)).config);
    const described = { folder: run.path, generator: { description: { resolution: 8, channels: 3 as const } } };
    expect(await failure(openRunLabeller(described, {}))).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/relabel.*private was trained with differential privacy/),
    });
  });
});
