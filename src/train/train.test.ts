import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { openGenerator } from "../model/index.ts";
import type { QualityMonitor } from "./quality-monitor.ts";
import { RunFolder } from "./run-folder.ts";
import { testConfig } from "./testing/config.ts";
import { memoryStore } from "./testing/memory-store.ts";
import { train } from "./train.ts";
import type { TrainOptions } from "./train-options.ts";

const root = await temporaryFolder();

/** Squares of 4 pixels on a middle grey: dark ones in one class, bright ones in the other, each of its own shade. */
const squares = memoryStore(
  Array.from({ length: 16 }, (_, i) => i % 2),
  (index, position) => {
    const [row, column] = [Math.floor(position / 8), position % 8];
    const inside = row >= 2 && row < 6 && column >= 2 && column < 6;
    return inside ? (index % 2 === 0 ? 20 : 220) + index : 120 + index;
  },
  { channels: 1, resolution: 8, classes: ["dark", "bright"] },
);

async function trained(name: string, options: Partial<TrainOptions> & Pick<TrainOptions, "config">) {
  const run = new RunFolder(join(root, name));
  await run.create(options.config);
  return { run, result: await train({ run, store: squares, ...options }) };
}

/** A monitor whose quality gets worse by one with every measurement. */
function worsening(): QualityMonitor & { measured: number } {
  return {
    measured: 0,
    labels: Uint16Array.from({ length: 16 }, (_, i) => i % 2),
    compared: 16,
    measure() {
      const distance = ++this.measured;
      return Promise.resolve({ distance, score: distance, figures: { coverage: 1 / distance, "coverage/dark": 0.5 } });
    },
    close: () => Promise.resolve(),
  };
}

/** Means over the square and over the rest of images drawn of a class. */
async function drawn(run: RunFolder, label: number) {
  const generator = await openGenerator(run.generatorPath, { threads: 1 });
  const { latent } = generator.description;
  const latents = Float32Array.from({ length: 16 * latent }, (_, i) => Math.sin(i * i));
  const images = await generator.draw(latents, new Array(16).fill(label));
  await generator.close();
  const sums = { inside: 0, outside: 0 };
  images.forEach((byte, i) => {
    const [row, column] = [Math.floor((i % 64) / 8), i % 8];
    const inside = row >= 2 && row < 6 && column >= 2 && column < 6;
    sums[inside ? "inside" : "outside"] += byte / (16 * (inside ? 16 : 48));
  });
  return sums;
}

test("learns what it is shown: squares of each class with their own brightness, on the same ground", async () => {
  const config = testConfig({
    images: 1600,
    threads: 2,
    recipe: { warmUpImages: 400, averageHalfLife: 200, generatorRate: 4e-3, discriminatorRate: 4e-3, gamma: 1 },
  });
  const { run, result } = await trained("squares", { config });
  expect(result).toMatchObject({ outcome: "complete", imagesSeen: 1600, generatorImagesSeen: 1600, best: null });
  const [dark, bright] = [await drawn(run, 0), await drawn(run, 1)];
  // Real squares are 27 and 228 on average, the ground 127.
  expect(dark.inside, JSON.stringify({ dark, bright })).toBeLessThan(dark.outside - 40);
  expect(bright.inside).toBeGreaterThan(bright.outside + 40);
  expect(Math.abs(bright.outside - dark.outside)).toBeLessThan(40);
  const lines = (await readFile(run.statsPath, "utf8")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).imagesSeen)).toEqual(Array.from({ length: 100 }, (_, i) => 16 * (i + 1)));
}, 240_000);

test("the best state leaves as the generator, not the last one", async () => {
  const { result, run } = await trained("worsening", { config: testConfig(), monitor: worsening() });
  expect(result).toMatchObject({ imagesSeen: 64, generatorImagesSeen: 32, best: { distance: 1, imagesSeen: 32 } });
  const lines = (await readFile(run.statsPath, "utf8")).trim().split("\n");
  const measured = lines.map((line) => JSON.parse(line)).filter(({ distance }) => distance !== null);
  expect(measured).toMatchObject([
    { imagesSeen: 32, distance: 1, coverage: 1, "coverage/dark": 0.5 },
    { imagesSeen: 64, distance: 2, coverage: 0.5, "coverage/dark": 0.5 },
  ]);
  const generator = await openGenerator(run.generatorPath, { threads: 1 });
  expect(generator.description.imagesSeen).toBe(32);
  await generator.close();
});

/** The first step leaves numbers, the second none. */
const absurd = {
  updates: "simultaneous",
  generatorRate: 1e12,
  discriminatorRate: 1e12,
  warmUpImages: 0,
} as const;

test("a training that fails says so and leaves the best state it reached", async () => {
  const config = testConfig({
    recipe: absurd,
    reporting: { ...testConfig().reporting, probeImages: 8 },
    images: 4000,
  });
  const { result, run } = await trained("diverged", { config, monitor: worsening() });
  expect(result).toMatchObject({ outcome: "failed", generatorImagesSeen: 8, best: { distance: 1, imagesSeen: 8 } });
  expect(result.ended).toMatch(/^diverged: .*; lower the learning rates or raise gamma$/);
  expect(result.imagesSeen).toBeLessThan(4000);
  expect(existsSync(run.generatorPath)).toBe(true);
});

test("a training that fails before any good state is an error", async () => {
  const config = testConfig({ recipe: absurd, images: 4000 });
  const error = await failure(trained("never", { config }));
  expect(error).toMatchObject({ code: "training", message: expect.stringContaining("no good checkpoint was reached") });
});

test("a run that is stopped and resumed equals one that was not, and is told from one that is complete", async () => {
  const config = testConfig({ images: 96 });
  const stop = new AbortController();
  const onProgress = ({ done }: { done: number }) => {
    if (done >= 40) stop.abort();
  };
  const { run, result } = await trained("stopped", { config, onProgress, signal: stop.signal, monitor: worsening() });
  expect(result).toMatchObject({ outcome: "interrupted", imagesSeen: 40, ended: "stopped on request" });
  const resumed = await train({ config, run, store: squares, resume: true, monitor: worsening() });
  expect(resumed).toMatchObject({ outcome: "complete", imagesSeen: 96 });
  const whole = await trained("whole", { config, monitor: worsening() });
  const [found, expected] = [await run.latestCheckpoint(), await whole.run.latestCheckpoint()];
  expect(found?.state).toEqual(expected?.state);
  expect({ ...found?.progress, seconds: 0, best: null }).toEqual({ ...expected?.progress, seconds: 0, best: null });
  const lines = async ({ statsPath }: RunFolder) =>
    (await readFile(statsPath, "utf8"))
      .trim()
      .split("\n")
      .map((line) => ({ ...JSON.parse(line), seconds: 0, imagesPerSecond: 0, distance: 0, score: 0, coverage: 0 }));
  expect(await lines(run)).toEqual(await lines(whole.run));
});

test("another seed gives other weights, the same seed the same", async () => {
  const config = (seed: number) => testConfig({ seed, images: 16 });
  const weights = async (name: string, seed: number) =>
    (await (await trained(name, { config: config(seed) })).run.latestCheckpoint())?.state.average;
  const first = await weights("seed 1", 1);
  expect(await weights("seed 1 again", 1)).toEqual(first);
  expect(await weights("seed 2", 2)).not.toEqual(first);
});

const fall = { from: 0, until: 1, first: 1, last: 0, shape: "linear" } as const;
const level = { ...fall, last: 1 };
const scheduled = {
  schedule: { rates: fall, gamma: { ...level, first: 10, last: 1 }, augment: { ...level, first: 0, last: 0.5 } },
  conditioning: { startImages: 16, endImages: 64 },
  augment: { ...testConfig().recipe.augment, target: -1, speedImages: 100 },
};

test("with rates, gamma, augmentation and classes on a schedule, too, a stopped run goes on as if it had not been", async () => {
  const config = testConfig({ images: 96, recipe: scheduled });
  const stop = new AbortController();
  const onProgress = ({ done }: { done: number }) => {
    if (done >= 40) stop.abort();
  };
  const { run } = await trained("scheduled, stopped", { config, onProgress, signal: stop.signal });
  expect(await train({ config, run, store: squares, resume: true })).toMatchObject({ imagesSeen: 96 });
  const whole = await trained("scheduled, whole", { config });
  const [found, expected] = [await run.latestCheckpoint(), await whole.run.latestCheckpoint()];
  expect(found?.state).toEqual(expected?.state);
  const lines = (await readFile(run.statsPath, "utf8")).trim().split("\n");
  const shares = lines.map((line) => JSON.parse(line).budgetShare);
  expect(shares.map((share) => Math.round(share * 96))).toEqual([16, 32, 48, 64, 80, 96]);
  // The limit of the augmentation rises with the budget, and the probability, which would be at 1 long since, with it.
  const probabilities = lines.map((line) => JSON.parse(line).augmentProbability);
  expect(probabilities.at(-1)).toBeLessThanOrEqual(0.5);
  expect(probabilities.at(-1)).toBeGreaterThan(probabilities[1]);
  // A raised budget takes the rates up again to where a run of that length has them.
  const more = await train({ config: { ...config, images: 192 }, run, store: squares, resume: true });
  expect(more).toMatchObject({ outcome: "complete", imagesSeen: 192 });
  const last = (await readFile(run.statsPath, "utf8")).trim().split("\n")[6]!;
  expect(JSON.parse(last).budgetShare).toBeCloseTo(112 / 192, 4);
});

test("a budget of minutes: checkpoints keep the pace, and a run with one of images goes on by its mean pace", async () => {
  const config = testConfig({ images: 64, recipe: scheduled });
  const { run } = await trained("paced", { config });
  const byImages = await run.latestCheckpoint();
  expect(byImages?.progress.pace).toBeUndefined();
  const minutes = (byImages!.progress.seconds + 2) / 60;
  const timed = { ...config, images: 160, minutes: 60 * minutes };
  await train({ config: timed, run, store: squares, resume: true });
  const { pace } = (await run.latestCheckpoint())!.progress;
  // Every 16 steps of 8 images.
  expect(pace?.imagesSeen).toBe(128);
  expect(pace?.secondsPerImage).toBeGreaterThan(0);
});

test("copies are counted where no quality is followed, too: images of the classes that the training has", async () => {
  const seen: number[] = [];
  const copyMonitor = {
    count: (images: Uint8Array) => Promise.resolve({ found: 5 + 0 * seen.push(images.length), of: 64 }),
    close: () => Promise.resolve(),
  };
  const warnings: string[] = [];
  const onWarning = (line: string) => warnings.push(line);
  const { run, result } = await trained("copying", { config: testConfig(), copyMonitor, onWarning });
  expect(seen).toEqual([64 * 64, 64 * 64]);
  expect(result.copies).toEqual({ found: 5, of: 64, imagesSeen: 64 });
  expect(warnings.filter((line) => line.includes("repeat training images"))).toHaveLength(1);
  const lines = (await readFile(run.statsPath, "utf8")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).copies)).toEqual([undefined, 5 / 64, undefined, 5 / 64]);
});
