import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { input, interpret } from "../graph/index.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { toBytes } from "./generator-file.ts";
import { openScorer } from "./image-scorer.ts";
import { splitFlat } from "./parameters.ts";
import { discriminate, discriminatorFeatures, discriminatorLayout, featureLength } from "./r3gan/discriminator.ts";
import { writeTestRun } from "./testing/run.ts";

const CLASSES = ["a", "b", "c"];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganglion-scorer-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The first `n` images of a fixed series of 8 x 8 noise. */
function noiseImages(n: number): Uint8Array {
  const rng = new Rng(3, "images");
  return Uint8Array.from({ length: n * 3 * 64 }, () => rng.integer(256));
}

test("gives the discriminator's logits and features as the float64 interpreter computes them", async () => {
  const a = await writeTestRun(folder, CLASSES);
  const path = join(folder, "checkpoints", "best.safetensors");
  const scorer = await openScorer(path, { threads: 1 });
  const images = noiseImages(2);
  const layout = discriminatorLayout(a);
  const named = Object.fromEntries(layout.parameters.map(({ name, shape }) => [name, input(name, shape)]));
  const nodes = [input("images", [2, 3, 8, 8]), input("classes", [2, 3])];
  const { state } = await readCheckpoint(path);
  const feeds = {
    ...Object.fromEntries(
      Object.entries(splitFlat(layout, state.discriminator)).map(([k, v]) => [k, Float64Array.from(v)]),
    ),
    images: Float64Array.from(images, (v) => v / 127.5 - 1),
    classes: Float64Array.from([0, 0, 1, 1, 0, 0]),
  };
  const [logits, features] = interpret(
    [discriminate(a, named, nodes[0]!, nodes[1]!), discriminatorFeatures(a, named, nodes[0]!)],
    feeds,
  );
  const close = (found: Float32Array, wanted: ArrayLike<number>) => {
    expect(found.length).toBe(wanted.length);
    found.forEach((v, i) => {
      expect(Math.abs(v - wanted[i]!)).toBeLessThan(1e-4 * (1 + Math.abs(wanted[i]!)));
    });
  };
  close(await scorer.logits(images, [2, 0]), logits!);
  close(await scorer.features(images), features!);
  expect(scorer.featureLength).toBe(featureLength(a));
  expect(scorer.classNames).toEqual(CLASSES);
  // The class counts: another one, another logit.
  expect([...(await scorer.logits(images, [1, 1]))]).not.toEqual([...(await scorer.logits(images, [2, 0]))]);
  await scorer.close();
});

test("scores an image alike in every place, on any number of threads, and any number of images", async () => {
  await writeTestRun(folder, CLASSES);
  const path = join(folder, "checkpoints", "best.safetensors");
  const images = noiseImages(37);
  const classes = Array.from({ length: 37 }, (_, i) => i % 3);
  const one = await openScorer(path, { threads: 1 });
  const two = await openScorer(path, { threads: 2 });
  const all = await one.logits(images, classes);
  expect(new Set(all).size).toBe(37);
  for (const i of [0, 15, 16, 36]) {
    const alone = images.slice(i * 192, (i + 1) * 192);
    expect([...(await two.logits(alone, [i % 3]))]).toEqual([all[i]]);
    const features = await one.features(images);
    expect([...(await two.features(alone))]).toEqual([...features.subarray(i * 64, (i + 1) * 64)]);
  }
  await one.close();
  await two.close();
});

test("reads bytes as the inverse of how the generator writes them", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(toBytes(Float32Array.from(bytes, (v) => v / 127.5 - 1))).toEqual(bytes);
});
