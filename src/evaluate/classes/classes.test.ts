import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { imagesInMemory } from "../../features/extractor.ts";
import { TRANSFORMS, transformedImages } from "../../features/pixel-vectors.ts";
import { centred, columnMeans, type Matrix, matrix } from "../../math/linear/linear64.ts";
import { parkMillerNormal } from "../testing/samples.ts";
import { classProbabilities, shrunkCovariance, trainDiscriminant } from "./discriminant.ts";
import { imageStatistics } from "./image-statistics.ts";

/** Columns with running sums, so that they are correlated: x @ tril(ones). */
function correlated(n: number, seed: number): Matrix {
  const x = parkMillerNormal(n, 6, seed);
  const out = matrix(n, 6);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < 6; c++) for (let t = c; t < 6; t++) out.data[i * 6 + c]! += x.data[i * 6 + t]!;
  }
  return out;
}

describe("the linear discriminant", () => {
  // NumPy: x = normal(30, 6, seed 11) @ np.tril(np.ones((6, 6))), less its mean;
  // sklearn.covariance.ledoit_wolf(x, assume_centered=True) of scikit-learn 1.9.1.
  test("shrinks a covariance as scikit-learn's ledoit_wolf does", () => {
    const x = correlated(30, 11);
    const { covariance, share } = shrunkCovariance(centred(x, columnMeans(x)));
    expect(share).toBeCloseTo(0.06727291009719161, 12);
    expect(covariance[0]).toBeCloseTo(7.442792763774219, 11);
    expect(covariance[4 * 6 + 1]).toBeCloseTo(2.378958301880564, 11);
  });

  // NumPy: row i is of class k = i % 3 and has 2k added to column k; residuals r from the class means over their deviation s;
  // C = ledoit_wolf(r / s, assume_centered=True)[0] + 1e-9 I, W = solve(C, M / s), softmax(W x / s - W M / 2s) of
  // normal(4, 6, seed 12) @ tril.
  test("gives the probabilities of the same steps in NumPy", () => {
    const x = correlated(30, 11);
    const labels = Array.from({ length: 30 }, (_, i) => i % 3);
    for (const [i, k] of labels.entries()) x.data[i * 6 + k]! += 2 * k;
    const found = classProbabilities(trainDiscriminant(x, labels, 3)!, correlated(4, 12));
    const expected = [
      [0.994863444364, 0.004991015695, 0.000145539941],
      [0.523560536442, 0.476012109688, 0.00042735387],
      [0.322862850315, 0.677001083516, 0.000136066169],
      [0.056520507092, 0.943428724119, 5.0768789e-5],
    ].flat();
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 9);
  });

  test("leaves out a class of one image, needs two classes, and bears features that do not vary", () => {
    const x = correlated(7, 3);
    expect(trainDiscriminant(x, [0, 0, 0, 0, 0, 0, 1], 3)).toBeNull();
    const found = trainDiscriminant(x, [0, 0, 0, 1, 1, 1, 2], 3)!;
    expect(found.classes.map((own) => own === null)).toEqual([false, false, true]);
    const equal = matrix(6, 4, new Float64Array(24).fill(3));
    const probabilities = classProbabilities(trainDiscriminant(equal, [0, 0, 0, 1, 1, 1], 2)!, equal);
    expect([...probabilities].every(Number.isFinite)).toBe(true);
    expect(probabilities[0]).toBeCloseTo(0.5, 6);
  });
});

describe("the statistics of images", () => {
  const noise = (side: number, channels: 1 | 3, n = 3) => {
    const rng = new Rng("statistics", side, channels);
    return imagesInMemory(
      Uint8Array.from({ length: n * channels * side * side }, () => rng.integer(256)),
      side,
      channels,
    );
  };

  test.each([
    [28, 1],
    [32, 3],
    [48, 3],
  ] as const)("of %i px in %i channels stay as they are under flips and quarter turns", (side, channels) => {
    const images = noise(side, channels);
    const expected = imageStatistics(images, [0, 1, 2]);
    for (let t = 1; t < TRANSFORMS.length; t++) {
      const found = imageStatistics(transformedImages(images, t), [0, 1, 2]);
      for (const [i, value] of found.data.entries()) expect(value).toBeCloseTo(expected.data[i]!, 9);
    }
  });

  test.each([1, 2, 8, 12, 28, 31, 32, 64, 100])("of images of %i px, of one colour too, are numbers", (side) => {
    for (const channels of [1, 3] as const) {
      const flat = imagesInMemory(new Uint8Array(2 * channels * side * side).fill(77), side, channels);
      for (const images of [flat, noise(side, channels)]) {
        const { data, rows, columns } = imageStatistics(images, [1, 0]);
        expect([rows, data.length]).toEqual([2, 2 * columns]);
        expect([...data].every(Number.isFinite)).toBe(true);
      }
    }
  });
});
