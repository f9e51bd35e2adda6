import { describe, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { compile } from "./compile.ts";
import { gradient } from "./gradient.ts";
import { interpret } from "./interpreter.ts";
import * as ops from "./ops.ts";
import { perSampleGradient } from "./per-sample.ts";
import { sizeOf, type Tensor } from "./tensor.ts";
import { relativeError } from "./testing/checks.ts";

const SHAPES = { kernel: [4, 2, 3, 3], bias: [4], pointwise: [3, 4, 1, 1], weight: [5, 12], head: [1, 5], unused: [2] };
const weights = Object.entries(SHAPES).map(([name, shape]) => ops.input(name, shape));
const [kernel, bias, pointwise, weight, head] = weights;

/** A small network with every kind of layer, and a penalty on its gradient in the image: [N, 2, 4, 4] => losses [N]. */
function lossesOf(images: Tensor, penaltyWeight: number): Tensor {
  const [count] = images.shape;
  const inner = ops.leakyRelu(ops.conv2d(images, kernel!, { stride: 1, padding: 1 }, bias), 0.2);
  const pooled = ops.conv2d(ops.averagePool(inner), pointwise!, { stride: 1, padding: 0 });
  const features = ops.tanh(ops.matmul(ops.reshape(pooled, [count!, 12]), weight!, { transposeB: true }));
  const logits = ops.reshape(ops.matmul(features, head!, { transposeB: true }), [count!]);
  const losses = ops.softplus(logits);
  if (penaltyWeight === 0) return losses;
  const [slope] = gradient(ops.sumAll(logits), [images]);
  return ops.add(losses, ops.mul(ops.reduceSum(ops.square(slope!), [1, 2, 3], false), penaltyWeight));
}

const COUNT = 3;
const random = (name: string, length: number) => new Rng(name).fillNormal(new Float64Array(length));
const feeds = {
  images: random("images", COUNT * 32),
  ...Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape]) => [name, random(name, sizeOf(shape)).map((w) => w / 4)]),
  ),
};
const images = ops.input("images", [COUNT, 2, 4, 4]);

describe.each([0, 0.7])("per-sample gradients with a penalty of weight %d", (penaltyWeight) => {
  const found = perSampleGradient(lossesOf(images, penaltyWeight), weights, [images]);
  const one = ops.input("one", [1, 2, 4, 4]);
  const alone = gradient(ops.sumAll(lossesOf(one, penaltyWeight)), weights);
  const expected = weights.map((_, at) =>
    Float64Array.from(
      Array.from({ length: COUNT }, (_, n) => [
        ...interpret([alone[at]!], { ...feeds, one: feeds.images.subarray(32 * n, 32 * (n + 1)) })[0]!,
      ]).flat(),
    ),
  );

  test("equal gradients of one sample at a time", () => {
    interpret(found, feeds).forEach((values, i) => {
      expect(found[i]!.shape).toEqual([COUNT, ...weights[i]!.shape]);
      expect(relativeError(values, expected[i]!), Object.keys(SHAPES)[i]).toBeLessThan(1e-12);
    });
    for (const values of expected.slice(0, 5)) expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(1e-3);
  });

  test("and in the runtime", async () => {
    const program = await compile(Object.fromEntries(found.map((t, i) => [`g${i}`, t])), { threads: 1 });
    const given = Object.fromEntries(Object.entries(feeds).map(([name, data]) => [name, Float32Array.from(data)]));
    const results = await program.run(given);
    await program.close();
    expected.forEach((values, i) => {
      expect(relativeError(results[`g${i}`]!, values)).toBeLessThan(1e-5);
    });
  });
});

describe("what is not a loss of each sample is refused", () => {
  const losses = lossesOf(images, 0);
  const mean = ops.reduceMean(images, [0]);
  const cases: [string, Tensor, RegExp][] = [
    ["a mean over the batch", lossesOf(ops.sub(images, mean), 0), /do not keep samples apart/],
    [
      "another sample's loss",
      ops.add(losses, ops.concat([ops.slice(losses, [1], [2]), ops.slice(losses, [0], [1])], 0)),
      /do not keep/,
    ],
    ["a term that no sample has", ops.add(losses, ops.reduceSum(head!, [0, 1], false)), /cannot be undone|not a sum/],
    ["a scalar", ops.sumAll(losses), /are not one a sample/],
  ];
  test.each(cases)("%s", (_, given, message) => {
    expect(() => perSampleGradient(given, weights, [images])).toThrow(message);
  });

  test("rows of another number", () => {
    const others = ops.input("others", [4, 2, 4, 4]);
    expect(() => perSampleGradient(losses, weights, [others])).toThrow(/are not 3 rows/);
  });
});
