import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeJson } from "../../core/files.ts";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { openGenerator } from "../../model/index.ts";
import { configHash, type RunConfig } from "../run-config.ts";
import { RunFolder } from "../run-folder.ts";
import { testConfig } from "../testing/config.ts";
import { memoryStore } from "../testing/memory-store.ts";
import { train } from "../train.ts";
import type { TrainOptions } from "../train-options.ts";
import { Accountant } from "./accountant.ts";
import { type Privacy, resolvePrivacy } from "./privacy.ts";
import { readDifferentialPrivacy } from "./read-differential-privacy.ts";

const root = await temporaryFolder();
const IMAGES = 24;
const store = memoryStore(
  Array.from({ length: IMAGES }, (_, i) => i % 2),
  (index, position) => (7 * index + position) % 256,
  { channels: 1, resolution: 8, classes: ["dark", "bright"] },
);
const records = Array.from({ length: IMAGES }, (_, i) => [i]);
const privacy = resolvePrivacy({ epsilon: 3, delta: 1e-3 }, { records: IMAGES, batch: 4, images: 24 });
const configOf = (changes: Partial<Privacy> = {}): RunConfig => ({
  ...testConfig({
    images: 24,
    networks: { code: 4, embedding: 2, generatorMaps: 4, discriminatorMaps: 4, widest: 8, blocks: 1 },
    recipe: { batch: 4, balanceExponent: 1 },
    reporting: { statsImages: 8, gridImages: 32, probeImages: 8, checkpointSeconds: 1000 },
  }),
  differentialPrivacy: { ...privacy, ...changes },
});

async function trained(name: string, options: Partial<TrainOptions> = {}) {
  const config = options.config ?? configOf();
  const run = new RunFolder(join(root, name));
  await run.create(config);
  return { run, config, result: await train({ run, store, records, config, ...options }) };
}

/** Ends a training once so many images are seen. */
function stopAt(images: number): Pick<TrainOptions, "signal" | "onProgress"> {
  const stop = new AbortController();
  return { signal: stop.signal, onProgress: ({ done }) => (done >= images ? stop.abort() : undefined) };
}

const statsOf = async ({ statsPath }: RunFolder) =>
  (await readFile(statsPath, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

test("a private run spends its budget, says so live, keeps its last state, and reports nothing measured on real images", async () => {
  const { run, result } = await trained("whole");
  expect(result).toMatchObject({ outcome: "complete", imagesSeen: 24, generatorImagesSeen: 24, best: null });
  const lines = await statsOf(run);
  const accountant = new Accountant(privacy, privacy.delta);
  expect(lines.map(({ epsilon }) => epsilon)).toEqual([2, 4, 6].map((n) => Number(accountant.epsilon(n).toFixed(5))));
  const known = ["imagesSeen", "seconds", "imagesPerSecond", "lossG", "fakeSpread", "penalty", "epsilon"];
  for (const name of Object.keys(lines[0])) expect([...known, "augmentProbability", "distance"]).toContain(name);
  expect(lines.every(({ distance }) => distance === null)).toBe(true);

  const found = await readDifferentialPrivacy(run.path);
  expect(found).toMatchObject({ delta: 1e-3, unit: "image", records: IMAGES, groupSize: 1, steps: 6 });
  expect(found!.epsilon).toBeLessThanOrEqual(3);
  expect(found!.epsilon).toBeGreaterThan(2.9);
  const generator = await openGenerator(run.generatorPath, { threads: 1 });
  const { records: _, groupSize: __, ...kept } = found!;
  expect(generator.description.differentialPrivacy).toEqual(kept);
  await generator.close();

  // More is asked for than the budget has.
  const more = await train({ run, store, records, config: { ...configOf(), images: 400 }, resume: true });
  expect(more).toMatchObject({ outcome: "complete", imagesSeen: 24 });
  expect(more.ended).toBe("the privacy budget is spent: 6 steps, epsilon 3 at delta 0.001");
}, 60_000);

test("two private runs of one seed differ: records and noise follow from no seed", async () => {
  const [first, second] = [await trained("first"), await trained("second")];
  const weights = async ({ run }: typeof first) => (await run.latestCheckpoint())!.state.discriminator;
  expect(await weights(first)).not.toEqual(await weights(second));
}, 60_000);

test("what was spent survives a resume, steps that were lost with a crash included", async () => {
  const { run, config } = await trained("stopped", stopAt(8));
  expect((await readDifferentialPrivacy(run.path))?.steps).toBe(2);
  // As a process leaves it that is killed two steps after its last checkpoint.
  await run.writeConfig(config);
  await writeJson(run.privacyPath, { format: "ganglion.privacy/1", stepsBegun: 4 });
  const result = await train({ run, store, records, config, resume: true });
  expect(result).toMatchObject({ outcome: "complete", imagesSeen: 16 });
  expect(result.ended).toMatch(/^the privacy budget is spent/);
  expect(await readDifferentialPrivacy(run.path)).toMatchObject({ steps: 6 });
}, 60_000);

test("a run whose count of steps is gone, or whose settings were changed, is not gone on with", async () => {
  const { run, config } = await trained("tampered", stopAt(8));
  const less = configOf({ noiseMultiplier: privacy.noiseMultiplier / 2 });
  expect(configHash(less)).not.toBe(configHash(config));
  const changed = await failure(train({ run, store, records, config: less, resume: true }));
  expect(changed).toMatchObject({ code: "run", message: expect.stringContaining("another recipe") });
  await rm(run.privacyPath);
  const gone = await failure(train({ run, store, records, config, resume: true }));
  expect(gone.message).toMatch(/counts 0 private steps and the checkpoint has 2/);
}, 60_000);
