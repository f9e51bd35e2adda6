import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { type Checkpoint, writeCheckpoint } from "../model/index.ts";
import { architectureOf, readConfig } from "./config.ts";
import { gridClasses, gridPicture, realGrid, unpackImages } from "./grid.ts";
import { initialState } from "./initial-state.ts";
import { resumeState } from "./resume-state.ts";
import { configHash } from "./run-config.ts";
import { RunFolder } from "./run-folder.ts";
import { testConfig } from "./testing/config.ts";
import { memoryStore } from "./testing/memory-store.ts";

const root = await temporaryFolder();
const config = testConfig();
const architecture = architectureOf(config);
const state = initialState(architecture, 0);
const at = (imagesSeen: number, distance: number | null = null): Checkpoint => ({
  architecture,
  classNames: config.dataset.classes,
  state,
  progress: {
    step: imagesSeen / 8,
    imagesSeen,
    seconds: 1,
    augmentProbability: 0,
    signals: {},
    best: distance === null ? null : { distance, imagesSeen },
  },
  configHash: configHash(config),
});

let count = 0;
let run: RunFolder;
beforeEach(async () => {
  run = new RunFolder(join(root, String(count++)));
  await run.create(config);
});
const files = async (folder: string) => (await readdir(join(run.path, folder))).sort();

test("a run is made once, in a folder of its own", async () => {
  expect(await readConfig(run.configPath)).toEqual(config);
  expect(await failure(run.create(config))).toMatchObject({
    code: "usage",
    message: expect.stringContaining("add --resume"),
  });
  await mkdir(join(root, "other"));
  await writeFile(join(root, "other", "notes.txt"), "mine");
  expect((await failure(new RunFolder(join(root, "other")).create(config))).message).toContain("name another folder");
  await writeFile(join(root, "file"), "");
  expect((await failure(new RunFolder(join(root, "file", "run")).create(config))).code).toBe("files");
  // What a killed `create` leaves is no reason to refuse.
  await mkdir(join(root, "killed"));
  await writeFile(join(root, "killed", ".config.json.0123456789ab.tmp"), "{");
  await new RunFolder(join(root, "killed")).create(config);
});

test("the two latest checkpoints and the best are kept, also where names grow longer", async () => {
  await run.saveBest(at(8));
  for (const images of [8, 999_999_992, 16, 1_000_000_000]) await run.saveCheckpoint(at(images));
  expect(await files("checkpoints")).toEqual(["1000000000.safetensors", "999999992.safetensors", "best.safetensors"]);
  expect((await run.latestCheckpoint())?.progress.imagesSeen).toBe(1_000_000_000);
});

test("a run is taken back while it has not learned from any image, and stays once it has", async () => {
  await run.saveCheckpoint(at(0));
  await run.writeSample("real", new Uint8Array(1));
  await run.truncateStats(0);
  await run.withdraw();
  expect(existsSync(run.path)).toBe(false);
  for (const begin of [
    () => run.saveCheckpoint(at(8)),
    () => run.appendStats({ imagesSeen: 8 }),
    () => writeFile(run.privacyPath, "{}"),
  ]) {
    run = new RunFolder(join(root, `begun ${count++}`));
    await run.create(config);
    await run.saveCheckpoint(at(0));
    await begin();
    await run.withdraw();
    expect(existsSync(run.configPath)).toBe(true);
  }
});

test("a run without checkpoints has none to go on from", async () => {
  expect(await run.latestCheckpoint()).toBeNull();
  expect(await run.bestCheckpoint()).toBeNull();
  expect(await resumeState(run, config)).toBeNull();
});

test("statistics behind the checkpoint and torn lines are cut off", async () => {
  await run.truncateStats(0);
  for (const imagesSeen of [8, 16, 24, 32]) await run.appendStats({ imagesSeen, lossG: 1 });
  await writeFile(run.statsPath, `${await readFile(run.statsPath, "utf8")}{"imagesSe`);
  await run.truncateStats(24);
  await run.appendStats({ imagesSeen: 32, lossG: 2 });
  const lines = (await readFile(run.statsPath, "utf8")).split("\n");
  expect(lines.pop()).toBe("");
  expect(lines.map((line) => JSON.parse(line).imagesSeen)).toEqual([8, 16, 24, 32]);
});

test("going on removes what a killed process left, and forgets a best state whose file is gone", async () => {
  await run.saveCheckpoint(at(16, 0.5));
  await run.saveBest(at(8));
  const left = join(run.path, "checkpoints", ".000000024.safetensors.0123456789ab.tmp");
  await writeFile(left, "half");
  await mkdir(join(run.path, "samples"));
  await writeFile(join(run.path, "samples", ".grid.png.ba9876543210.tmp"), "half");
  await writeFile(join(run.path, "samples", "notes.tmp"), "mine");
  expect((await resumeState(run, config))?.progress.best).toEqual({ distance: 0.5, imagesSeen: 16 });
  expect(await files("checkpoints")).toEqual(["000000016.safetensors", "best.safetensors"]);
  expect(await files("samples")).toEqual(["notes.tmp"]);
  const other = new RunFolder(join(root, "without best"));
  await writeCheckpoint(join(other.path, "checkpoints", "000000016.safetensors"), at(16, 0.5));
  expect((await resumeState(other, config))?.progress.best).toBeNull();
});

test("a checkpoint of another configuration is refused", async () => {
  await run.saveCheckpoint(at(8));
  expect(await failure(resumeState(run, testConfig({ recipe: { gamma: 7 } })))).toMatchObject({ code: "run" });
  expect((await failure(resumeState(run, testConfig({ resolution: 16 })))).message).toContain("for other networks");
});

test("a grid has a row of eight a class, and the real one shows images of each, small classes again", async () => {
  expect(gridClasses(2)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
  expect(gridClasses(40).length).toBe(96);
  const store = memoryStore([0, 1, 0, 0], (index) => 10 * (index + 1), {
    channels: 3,
    resolution: 2,
    classes: ["a", "b"],
  });
  const bytes = realGrid(store);
  const values = Array.from({ length: 16 }, (_, i) => bytes[i * 12]);
  expect(values).toEqual([10, 30, 40, 10, 30, 40, 10, 30, 20, 20, 20, 20, 20, 20, 20, 20]);
  const picture = gridPicture(bytes, 3, 2);
  expect(picture.width).toBeGreaterThanOrEqual(16);
  expect(picture.height).toBeGreaterThanOrEqual(4);
});

test("planes become pixels with their channels last", () => {
  const bytes = Uint8Array.from({ length: 24 }, (_, i) => i);
  const [first, second] = unpackImages(bytes, 3, 2);
  expect([...first!.data]).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
  expect(second!.data[0]).toBe(12);
});
