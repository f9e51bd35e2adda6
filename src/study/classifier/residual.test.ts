import { beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../core/hash.ts";
import { Rng } from "../../core/rng.ts";
import { emitOnnx, input, interpret } from "../../graph/index.ts";
import { initialise, linear, splitFlat, viewWeights } from "../../model/index.ts";
import { buildFitStep } from "../../train/fit-loop.ts";
import type { LabelledImages } from "../../train/index.ts";
import { designResidual, residualFeatures, residualLayout, residualLogits } from "./residual-network.ts";
import { openResidualReader } from "./residual-reader.ts";
import { foldStandardisation, standardiseFeatures } from "./standardised-head.ts";
import { RESIDUAL_RECIPE, residualObjective, type TrainedResidual, trainResidual } from "./train-residual.ts";

const [SIZE, IMAGES] = [8, 120];

/** Grey images of noise; class 1, a quarter of them, has a bright spot of 3 x 3 pixels anywhere. */
function spots(): LabelledImages {
  const rng = new Rng(5, "spots");
  const labels = Array.from({ length: IMAGES }, (_, i) => Number(i % 4 === 0));
  const bytes = Uint8Array.from({ length: IMAGES * SIZE ** 2 }, () => 60 + rng.integer(80));
  labels.forEach((label, i) => {
    if (label === 0) return;
    const [top, left] = [rng.integer(SIZE - 2), rng.integer(SIZE - 2)];
    for (let p = 0; p < 9; p++) bytes[i * SIZE ** 2 + (top + Math.floor(p / 3)) * SIZE + left + (p % 3)] = 210;
  });
  return {
    resolution: SIZE,
    channels: 1,
    classes: ["plain", "spot"],
    labels,
    readInto(indices, out) {
      Array.from(indices).forEach((index, n) => {
        out.set(bytes.subarray(index * SIZE ** 2, (index + 1) * SIZE ** 2), n * SIZE ** 2);
      });
    },
  };
}
const images = spots();
const train = Array.from({ length: 80 }, (_, i) => i);
const validation = Array.from({ length: 40 }, (_, i) => 80 + i);

describe("training", () => {
  let trained: TrainedResidual;
  beforeAll(async () => {
    trained = await trainResidual(images, { train, validation, epochs: 25, patience: 25, seed: 1 });
  });

  test("learns what tells the classes apart, and keeps the best epoch", () => {
    expect(trained.validation[trained.best]).toBeGreaterThan(0.9);
    expect(trained.validation[trained.best]).toBe(Math.max(...trained.validation));
    expect(trained.validation).toHaveLength(25);
  });

  test("steps by the same graph, byte for byte, as kept classifiers were trained with", () => {
    const a = designResidual(16, 1, 3);
    const step = buildFitStep({
      layout: residualLayout(a),
      recipe: RESIDUAL_RECIPE,
      objective: (weights) => residualObjective(a, weights),
    });
    expect(sha256(emitOnnx(step))).toBe("3b76d5403c23d3b168e43b997378511742987930fa388ca8b1f22cf3a2324773");
  });

  test("standardises images by those that it learns from, and leaves that as it is", () => {
    const bytes = new Uint8Array(train.length * SIZE ** 2);
    images.readInto(train, bytes);
    const mean = bytes.reduce((sum, byte) => sum + byte / 127.5 - 1, 0) / bytes.length;
    const variance = bytes.reduce((sum, byte) => sum + (byte / 127.5 - 1 - mean) ** 2, 0) / bytes.length;
    const found = splitFlat(residualLayout(trained.architecture), trained.weights);
    expect(found["image.mean"]![0]).toBeCloseTo(mean, 5);
    expect(Math.exp(found["image.logDeviation"]![0]!)).toBeCloseTo(Math.sqrt(variance), 5);
  });

  test("gives the same weights again, and others from another seed", async () => {
    const short = { train, validation, epochs: 2, seed: 3 };
    const [first, second] = [await trainResidual(images, short), await trainResidual(images, short)];
    expect(second.weights).toEqual(first.weights);
    expect((await trainResidual(images, { ...short, seed: 4 })).weights).not.toEqual(first.weights);
  });

  test("stops where patience ends", async () => {
    // Labels without any relation to the images: the validation AUC stops rising soon.
    const rng = new Rng(0, "labels");
    const random = { ...images, labels: Array.from({ length: IMAGES }, () => rng.integer(2)) };
    const found = await trainResidual(random, { train, validation, epochs: 30, patience: 2, seed: 0 });
    expect(found.validation.length).toBeLessThan(30);
    expect(found.validation).toHaveLength(found.best + 1 + 2);
  });

  test("needs two classes on both sides", async () => {
    const plain = train.filter((i) => images.labels[i] === 0);
    await expect(trainResidual(images, { train: plain, validation })).rejects.toThrow("training images are of 1 class");
    await expect(trainResidual(images, { train, validation: [1, 2] })).rejects.toThrow(
      "validation images are of 1 class",
    );
  });

  test("probabilities add up to 1, and of all views do not depend on how the image lies", async () => {
    const bytes = new Uint8Array(70 * SIZE ** 2);
    images.readInto(
      Array.from({ length: 70 }, (_, i) => i),
      bytes,
    );
    const upsideDown = bytes.map((_, i) => bytes[i - (i % SIZE ** 2) + SIZE ** 2 - 1 - (i % SIZE ** 2)]!);
    const reader = await openResidualReader(trained.architecture, 1);
    const one = await reader.read(trained.weights, bytes, 1);
    const all = await reader.read(trained.weights, bytes, 8);
    const turned = await reader.read(trained.weights, upsideDown, 8);
    await reader.close();
    for (let i = 0; i < 70; i++) expect(one[2 * i]! + one[2 * i + 1]!).toBeCloseTo(1, 5);
    expect(one).not.toEqual(all);
    all.forEach((value, i) => {
      expect(turned[i]).toBeCloseTo(value, 5);
    });
  });
});

test("the reader computes what the graph says, in float64", async () => {
  const a = designResidual(SIZE, 3, 4);
  expect(a.widths).toEqual([16, 32]);
  const layout = residualLayout(a);
  const weights = initialise(layout, 0, "test").map((value, i) => value + 0.02 * Math.sin(i));
  const bytes = Uint8Array.from({ length: 2 * 3 * SIZE ** 2 }, (_, i) => (i * 37) % 256);
  const reader = await openResidualReader(a, 1);
  const found = await reader.read(weights, bytes, 1);
  await reader.close();
  const logits = residualLogits(
    a,
    viewWeights(layout, input("weights", [layout.length])),
    input("images", [2, 3, 8, 8]),
  );
  const [wanted] = interpret([logits], {
    weights: Float64Array.from(weights),
    images: Float64Array.from(bytes, (byte) => byte / 127.5 - 1),
  });
  for (let n = 0; n < 2; n++) {
    const row = Array.from(wanted!.slice(4 * n, 4 * n + 4), Math.exp);
    const sum = row.reduce((total, value) => total + value, 0);
    row.forEach((value, c) => {
      expect(found[4 * n + c]).toBeCloseTo(value / sum, 4);
    });
  }
});

test("a folded head says of features what the head says of standardised ones", () => {
  const a = designResidual(SIZE, 3, 3);
  const layout = residualLayout(a);
  const weights = initialise(layout, 1, "test").map((value, i) => value + 0.05 * Math.cos(i));
  const given = { images: Float64Array.from({ length: 5 * 3 * SIZE ** 2 }, (_, i) => Math.sin(i * i)) };
  const views = viewWeights(layout, input("weights", [layout.length]));
  const images = input("images", [5, 3, SIZE, SIZE]);
  const { features, mean, variance } = standardiseFeatures(residualFeatures(a, views, images));
  const graph = [linear(views, "head", features), features, mean, variance];
  const [wanted, standard, m, v] = interpret(graph, { weights: Float64Array.from(weights), ...given });
  const width = m!.length;
  for (let c = 0; c < width; c++) {
    const column = standard!.filter((_, at) => at % width === c);
    expect(column.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 8);
    expect(column.reduce((sum, value) => sum + value ** 2, 0) / 5).toBeCloseTo(v![c]! / (v![c]! + 1e-6), 8);
  }
  const folded = foldStandardisation(layout, weights, m!, v!);
  const [found] = interpret([residualLogits(a, views, images)], { weights: Float64Array.from(folded), ...given });
  found!.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted![i]!, 4);
  });
});
