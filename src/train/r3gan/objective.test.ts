import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { conv2d, gradient, input, interpret, leakyRelu, mul, reduceSum, sumAll, tanh } from "../../graph/index.ts";
import { adamUpdate, averageUpdate, momentumUpdate } from "../adam.ts";
import { gradientPenalty } from "../gradient-penalty.ts";
import { discriminatorLoss, generatorLoss, splitPairs } from "./objective.ts";

const normal = (key: string, length: number) => new Rng(key).fillNormal(new Float64Array(length));

describe("the relativistic losses", () => {
  const logits = input("logits", [6]);
  const values = [2, -1, 0.5, /* generated: */ 1, 3, 0.5];
  const softplus = (x: number) => Math.log(1 + Math.exp(x));

  test("are means of softplus over pairs, real first", () => {
    const pairs = splitPairs(logits);
    const [lossD, lossG] = interpret([discriminatorLoss(pairs), generatorLoss(pairs)], { logits: values });
    expect(lossD![0]).toBeCloseTo((softplus(1 - 2) + softplus(3 + 1) + softplus(0)) / 3, 12);
    expect(lossG![0]).toBeCloseTo((softplus(2 - 1) + softplus(-1 - 3) + softplus(0)) / 3, 12);
  });

  test("pull D and G in opposite directions, and a constant added to all logits changes nothing", () => {
    const pairs = splitPairs(logits);
    const [gD] = gradient(discriminatorLoss(pairs), [logits]);
    const [gG] = gradient(generatorLoss(pairs), [logits]);
    const [d, g] = interpret([gD!, gG!], { logits: values });
    for (let i = 0; i < 3; i++) {
      expect(d![i]).toBeLessThan(0);
      expect(d![i + 3]).toBeGreaterThan(0);
      expect(g![i]).toBeGreaterThan(0);
      expect(g![i + 3]).toBeLessThan(0);
    }
    const [moved] = interpret([gD!], { logits: values.map((x) => x + 40) });
    for (let i = 0; i < 6; i++) expect(moved![i]).toBeCloseTo(d![i]!, 12);
  });
});

describe("the gradient penalty", () => {
  const [count, channels, size] = [3, 2, 4];
  const images = input("images", [count, channels, size, size]);
  const kernel = input("kernel", [2, channels, 3, 3]);
  const maps = tanh(leakyRelu(conv2d(images, kernel, { stride: 1, padding: 1 }), 0.2));
  const logits = reduceSum(mul(maps, maps), [1, 2, 3], false);
  const penalty = gradientPenalty(logits, images);
  const feeds = { images: normal("images", count * channels * size * size), kernel: normal("kernel", 36) };

  test("is the squared length of d logit / d image of each image, as central differences say", () => {
    const [found] = interpret([penalty], feeds);
    const pixels = channels * size * size;
    const step = 1e-4;
    for (let n = 0; n < count; n++) {
      let squared = 0;
      for (let i = n * pixels; i < (n + 1) * pixels; i++) {
        const at = (value: number) => interpret([logits], { ...feeds, images: feeds.images.with(i, value) })[0]![n]!;
        squared += ((at(feeds.images[i]! + step) - at(feeds.images[i]! - step)) / (2 * step)) ** 2;
      }
      expect(Math.abs(found![n]! - squared) / squared).toBeLessThan(1e-6);
    }
  });

  test("can be learned from: its gradient in the weights equals central differences", () => {
    const total = sumAll(penalty);
    const [g] = interpret(gradient(total, [kernel]), feeds);
    const step = 1e-5;
    for (let i = 0; i < 36; i += 5) {
      const at = (value: number) => interpret([total], { ...feeds, kernel: feeds.kernel.with(i, value) })[0]![0]!;
      const expected = (at(feeds.kernel[i]! + step) - at(feeds.kernel[i]! - step)) / (2 * step);
      expect(Math.abs(g![i]! - expected) / Math.max(1, Math.abs(expected))).toBeLessThan(1e-6);
    }
  });
});

test("Adam with beta1 = 0 takes the steps of the written rule, with a rate for each weight", () => {
  const options = { beta2: 0.9, epsilon: 1e-3 };
  const rates = [0.1, 0.02];
  let found = { weights: [1, -2], second: [0, 0] };
  const expected = { weights: [1, -2], second: [0, 0] };
  const [weights, second, g] = [input("weights", [2]), input("second", [2]), input("gradient", [2])];
  const next = adamUpdate({ weights, second }, g, input("rates", [2]), input("correction", []), options);
  for (let t = 1; t <= 20; t++) {
    const gradients = [Math.sin(t), 100 * Math.cos(3 * t)];
    const correction = 1 / (1 - options.beta2 ** t);
    const values = interpret([next.weights, next.second], {
      ...found,
      gradient: gradients,
      rates,
      correction: [correction],
    });
    found = { weights: [...values[0]!], second: [...values[1]!] };
    for (const i of [0, 1]) {
      expected.second[i] = 0.9 * expected.second[i]! + 0.1 * gradients[i]! ** 2;
      const corrected = expected.second[i] / (1 - 0.9 ** t);
      expected.weights[i]! -= (rates[i]! * gradients[i]!) / (Math.sqrt(corrected) + 1e-3);
    }
    for (const i of [0, 1]) {
      expect(found.weights[i]).toBeCloseTo(expected.weights[i]!, 10);
      expect(found.second[i]).toBeCloseTo(expected.second[i]!, 8);
    }
  }
  // The first step is one rate long whatever the size of the gradient.
  const [first] = interpret([next.weights], {
    weights: [0, 0],
    second: [0, 0],
    gradient: [5, -5000],
    rates,
    correction: [10],
  });
  expect(first![0]).toBeCloseTo(-0.1, 3);
  expect(first![1]).toBeCloseTo(0.02, 5);
});

test("a moving average keeps the stated share of the old", () => {
  const average = averageUpdate(input("average", [2]), input("weights", [2]), input("decay", []));
  const at = (decay: number) => [...interpret([average], { average: [1, 4], weights: [3, 0], decay: [decay] })[0]!];
  expect(at(0)).toEqual([3, 0]);
  expect(at(1)).toEqual([1, 4]);
  expect(at(0.75)).toEqual([1.5, 3]);
});

test("Adam with momentum takes the steps of the written rule (Kingma and Ba 2015, algorithm 1)", () => {
  const options = { beta2: 0.9, epsilon: 1e-3 };
  const [weights, first, second, g] = ["weights", "first", "second", "gradient"].map((name) => input(name, [1]));
  const momentum = { first: first!, beta1: 0.6, correction: input("firstCorrection", []) };
  const correction = input("correction", []);
  const next = momentumUpdate(
    { weights: weights!, second: second! },
    momentum,
    g!,
    input("rates", [1]),
    correction,
    options,
  );
  let found: ArrayLike<number>[] = [[1], [0], [0]];
  let [w, m, v] = [1, 0, 0];
  for (let t = 1; t <= 20; t++) {
    const gradient = 3 * Math.sin(t);
    found = interpret([next.weights, next.first, next.second], {
      weights: found[0]!,
      first: found[1]!,
      second: found[2]!,
      gradient: [gradient],
      rates: [0.1],
      firstCorrection: [1 / (1 - 0.6 ** t)],
      correction: [1 / (1 - options.beta2 ** t)],
    });
    m = 0.6 * m + 0.4 * gradient;
    v = 0.9 * v + 0.1 * gradient ** 2;
    w -= (0.1 * (m / (1 - 0.6 ** t))) / (Math.sqrt(v / (1 - 0.9 ** t)) + 1e-3);
    [w, m, v].forEach((value, i) => {
      expect(found[i]![0]).toBeCloseTo(value, 10);
    });
  }
});
