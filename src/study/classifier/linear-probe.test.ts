import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { choleskySolver } from "../../math/linear/cholesky-solver.ts";
import { type ProbeOptions, readProbe, STRENGTHS, trainProbe } from "./linear-probe.ts";
import { minimiseConvex } from "./minimise-convex.ts";

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** Three overlapping clouds of 240 images, 12, 4 and 2 in 18; the third feature is 1000 times as large and one is constant. */
function clouds(): ProbeOptions {
  const rng = new Rng(3, "clouds");
  const labels = Array.from({ length: 240 }, (_, i) => [0, 0, 0, 0, 0, 0, 1, 1, 2][i % 9]!);
  const features = Float64Array.from(
    labels.flatMap((label) => {
      const [a, b] = [rng.normal() + Number(label === 1), rng.normal() + Number(label === 2)];
      return [a, b, 1000 * (rng.normal() + 0.7 * a) + 50, 0.1, rng.normal() - 0.5 * label];
    }),
  );
  return {
    features,
    labels,
    classes: ["a", "b", "c"],
    train: [...range(0, 150), 5, 5, 8],
    validation: range(150, 240),
  };
}

/** Greatest entry of the gradient of the objective at a probe, from its definition. */
function gradientAt(options: ProbeOptions, balanced: boolean): number {
  const { features, labels, train, classes } = options;
  const { mean, deviation, weights, bias, strength } = trainProbe({ ...options, balanced });
  const d = mean.length;
  const share = classes.map((_, c) => train.filter((i) => labels[i] === c).length);
  const byWeight = weights.map((w) => strength * w);
  const byBias = new Float64Array(classes.length);
  for (const i of train) {
    const x = range(0, d).map((c) => (features[i * d + c]! - mean[c]!) / deviation[c]!);
    const z = classes.map((_, k) => bias[k]! + x.reduce((sum, value, c) => sum + value * weights[k * d + c]!, 0));
    const sum = z.reduce((total, value) => total + Math.exp(value), 0);
    const counts = balanced ? 1 / (classes.length * share[labels[i]!]!) : 1 / train.length;
    z.forEach((value, k) => {
      const residual = counts * (Math.exp(value) / sum - Number(k === labels[i]));
      byBias[k]! += residual;
      x.forEach((at, c) => {
        byWeight[k * d + c]! += residual * at;
      });
    });
  }
  return Math.max(...[...byWeight, ...byBias].map(Math.abs));
}

describe("a linear probe", () => {
  test("is the optimum of its objective, with classes or images counting alike", () => {
    expect(gradientAt(clouds(), true)).toBeLessThan(2e-7);
    expect(gradientAt(clouds(), false)).toBeLessThan(2e-7);
  });

  test("standardises by the training images alone, repeated ones included, and leaves what does not vary", () => {
    const options = clouds();
    const probe = trainProbe(options);
    const third = options.train.map((i) => options.features[5 * i + 2]!);
    const mean = third.reduce((a, b) => a! + b!) / third.length;
    expect(probe.mean[2]).toBeCloseTo(mean, 8);
    expect(probe.deviation[2]! ** 2).toBeCloseTo(
      third.reduce((sum, v) => sum! + (v! - mean) ** 2, 0) / third.length,
      4,
    );
    expect(probe.deviation[3]).toBe(1);
    for (let k = 0; k < 3; k++) expect(Math.abs(probe.weights[5 * k + 3]!)).toBeLessThan(1e-9);
  });

  test("counts an image that is there twice as two images", () => {
    const options = clouds();
    const kept = [...options.train, ...options.validation];
    const copied = {
      ...options,
      features: Float64Array.from(kept.flatMap((i) => Array.from(options.features.subarray(5 * i, 5 * i + 5)))),
      labels: kept.map((i) => options.labels[i]!),
      train: range(0, options.train.length),
      validation: range(options.train.length, kept.length),
    };
    const [once, twice] = [trainProbe(copied), trainProbe(options)];
    once.weights.forEach((w, i) => {
      expect(twice.weights[i]).toBeCloseTo(w, 5);
    });
    expect(twice.strength).toBe(once.strength);
  });

  test("chooses the strength by the validation AUC, and of equal ones the strongest", () => {
    const options = clouds();
    expect(STRENGTHS).toContain(trainProbe(options).strength);
    // Apart by far: every strength ranks all images rightly.
    const features = Float32Array.from(options.labels as number[], (label, i) => 10 * label + (i % 7) / 7);
    const labels = Array.from(options.labels, (label) => Number(label === 2));
    const probe = trainProbe({ ...options, features, labels, classes: ["rest", "c"] });
    expect(probe).toMatchObject({ strength: STRENGTHS[0], validation: 1 });
    // One feature under 60 of noise.
    const rng = new Rng(1, "noise");
    const noise = new Float64Array(240 * 60).map(() => rng.normal());
    labels.forEach((label, i) => {
      noise[60 * i]! += label;
    });
    const noisy = { ...options, features: noise, labels, classes: ["rest", "c"] };
    const alone = STRENGTHS.map((strength) => trainProbe({ ...noisy, strengths: [strength] }).validation);
    const chosen = trainProbe(noisy);
    expect(new Set(alone).size).toBeGreaterThan(3);
    expect(chosen.strength).toBe(STRENGTHS[alone.indexOf(Math.max(...alone))]);
  });

  test("reads probabilities of images; more features than images are no obstacle", () => {
    const rng = new Rng(2, "wide");
    const labels = range(0, 40).map((i) => i % 2);
    const features = Float32Array.from(labels.flatMap((label) => range(0, 90).map(() => rng.normal() + label)));
    const probe = trainProbe({ features, labels, classes: ["a", "b"], train: range(0, 30), validation: range(30, 40) });
    const p = readProbe(probe, features);
    expect(p).toHaveLength(80);
    labels.forEach((label, i) => {
      expect(p[2 * i]! + p[2 * i + 1]!).toBeCloseTo(1, 6);
      expect(p[2 * i + label]).toBeGreaterThan(0.5);
    });
    expect(
      readProbe(
        trainProbe({ features, labels, classes: ["a", "b"], train: range(0, 30), validation: range(30, 40) }),
        features,
      ),
    ).toEqual(p);
  });

  test("gives a class without a training image no probability", () => {
    const options = clouds();
    const probe = trainProbe({ ...options, train: options.train.filter((i) => options.labels[i] !== 1) });
    const p = readProbe(probe, options.features);
    expect(p.filter((_, at) => at % 3 === 1).every((value) => value === 0)).toBe(true);
    expect(p.filter((_, at) => at % 3 === 2).some((value) => value > 0.5)).toBe(true);
  });

  test("names all that is wrong with what it is given", () => {
    const options = clouds();
    const features = options.features.slice();
    features[5 * 7 + 1] = Number.NaN;
    expect(() => trainProbe({ ...options, features, validation: [0, 1] })).toThrow(
      /2 problems.*features of image 7 are not finite.*the validation images are of 1 class/s,
    );
  });
});

test("the solver solves", () => {
  const a = Float64Array.from([4, 0, 0, 2, 5, 0, 1, 3, 6]);
  const x = Float64Array.from([4 + 4 + 3, 2 + 10 + 9, 1 + 6 + 18]);
  choleskySolver(a, 3)(x);
  [1, 2, 3].forEach((value, i) => {
    expect(x[i]).toBeCloseTo(value, 12);
  });
  expect(() => choleskySolver(Float64Array.from([1, 0, 2, 1]), 2)).toThrow("not positive definite");
});

test("the minimiser finds the minimum of a badly scaled function, in few steps where it is told the scale", () => {
  const scales = [1, 1e3, 1e-3];
  let calls = 0;
  const bowl = (x: Float64Array, gradient: Float64Array) => {
    calls++;
    return scales.reduce((sum, s, i) => {
      gradient[i] = s * (Math.sinh(x[i]! - i) + x[i]! - i);
      return sum + s * (Math.cosh(x[i]! - i) + (x[i]! - i) ** 2 / 2);
    }, 0);
  };
  const x = new Float64Array(3);
  const precondition = (v: Float64Array) => {
    for (let i = 0; i < 3; i++) v[i]! /= 2 * scales[i]!;
  };
  expect(minimiseConvex(bowl, x, { precondition, tolerance: 1e-6 })).toBeLessThan(1e-6);
  [0, 1, 2].forEach((at, i) => {
    expect(x[i]).toBeCloseTo(at, 5);
  });
  expect(calls).toBeLessThan(25);
});
