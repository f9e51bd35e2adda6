import { describe, expect, it } from "vitest";
import { Rng } from "../core/rng.ts";
import { gradient } from "./gradient.ts";
import { interpret } from "./interpreter.ts";
import * as ops from "./ops.ts";
import { sizeOf, type Tensor } from "./tensor.ts";
import { expectRuntimeAgrees, relativeError } from "./testing/checks.ts";

describe("gradient", () => {
  const x = ops.input("x", [2, 2]);

  it("is zeros of the right shape for what the value does not depend on", () => {
    const unused = ops.input("unused", [3, 1]);
    const [dx, du] = gradient(ops.sumAll(x), [x, unused]);
    expect(interpret([dx!, du!])).toEqual([Float64Array.of(1, 1, 1, 1), Float64Array.of(0, 0, 0)]);
    expect(du!.shape).toEqual([3, 1]);
  });

  it("is zeros behind an operation that is flat", () => {
    const [dx] = gradient(ops.sumAll(ops.leakySlope(x, 0.2)), [x]);
    expect(interpret([dx!])[0]).toEqual(new Float64Array(4));
  });

  it("of a tensor in itself is one", () => {
    expect(interpret(gradient(x, [x]))[0]).toEqual(Float64Array.of(1, 1, 1, 1));
  });

  it("takes the sum of what is not a scalar, or the cotangent that is given", () => {
    const y = ops.mul(x, 3);
    expect(Array.from(interpret(gradient(y, [x]))[0]!)).toEqual([3, 3, 3, 3]);
    const weights = ops.constant([1, 10, 100, 1000], [2, 2]);
    expect(Array.from(interpret(gradient(y, [x], weights))[0]!)).toEqual([3, 30, 300, 3000]);
  });

  it("adds up over every use of a tensor", () => {
    const y = ops.sumAll(ops.add(ops.mul(x, x), ops.mul(x, 5)));
    expect(Array.from(interpret(gradient(y, [x]), { x: [1, 2, 3, 4] })[0]!)).toEqual([7, 9, 11, 13]);
  });

  it("reaches a value in the middle of a graph as well as what lies behind it", () => {
    const middle = ops.square(x);
    const y = ops.sumAll(ops.mul(middle, middle));
    const [dm, dx] = gradient(y, [middle, x]);
    expect(Array.from(interpret([dm!], { x: [1, 2, 3, 4] })[0]!)).toEqual([2, 8, 18, 32]);
    expect(Array.from(interpret([dx!], { x: [1, 2, 3, 4] })[0]!)).toEqual([4, 32, 108, 256]);
  });

  it("handles a graph too deep for the call stack", () => {
    let y: Tensor = x;
    for (let i = 0; i < 20_000; i++) y = ops.mul(y, 1.0001);
    const [dx] = interpret(gradient(y, [x]));
    expect(dx![0]).toBeCloseTo(1.0001 ** 20_000, 8);
  });
});

/** A discriminator: two convolutions with a pool between, a class embedding and a logit for each image. */
const parameters = { w1: [3, 2, 3, 3], b1: [3], w2: [4, 3, 3, 3], w3: [3, 4] } as const;
const imageShape = [2, 2, 6, 6] as const;

function logits(image: Tensor, labels: Tensor, p: Readonly<Record<keyof typeof parameters, Tensor>>): Tensor {
  const first = ops.leakyRelu(ops.conv2d(image, p.w1, { stride: 1, padding: 1 }, p.b1), 0.2);
  const second = ops.tanh(ops.conv2d(ops.averagePool(first), p.w2, { stride: 2, padding: 1 }));
  const features = ops.reduceSum(second, [2, 3], false);
  return ops.reduceSum(ops.mul(features, ops.matmul(labels, p.w3)), [1], false);
}

/** Gradient penalty R1 (Mescheder et al. 2018, section 4.1): the squared norm of d logits / d image, a mean over images. */
function penalty(image: Tensor, labels: Tensor, p: Readonly<Record<keyof typeof parameters, Tensor>>): Tensor {
  const [slope] = gradient(ops.sumAll(logits(image, labels, p)), [image]);
  return ops.mul(ops.sumAll(ops.square(slope!)), 1 / imageShape[0]);
}

describe("the gradient of R1 in the parameters of a convolutional discriminator", () => {
  const names = Object.keys(parameters) as (keyof typeof parameters)[];
  const shapes = [imageShape, [2, 3], ...names.map((name) => parameters[name])];
  const r1 = ([image, labels, ...rest]: readonly Tensor[]) =>
    penalty(image!, labels!, Object.fromEntries(names.map((name, i) => [name, rest[i]])) as never);

  it("is what central differences of the penalty give (1e-6)", () => {
    const inputs = shapes.map((shape, i) => ops.input(`x${i}`, shape));
    const rng = new Rng(5);
    const feeds = Object.fromEntries(
      inputs.map((t, i) => [`x${i}`, rng.fillNormal(new Float64Array(sizeOf(t.shape))).map((v) => 0.5 * v)]),
    );
    const value = r1(inputs);
    const gradients = interpret(gradient(value, inputs.slice(2)), feeds);
    const step = 1e-5;
    names.forEach((name, k) => {
      const key = `x${k + 2}`;
      // Every third element: the interpreter runs twice for each.
      const chosen = Array.from(feeds[key]!.keys()).filter((i) => i % 3 === 0);
      const expected = chosen.map((i) => {
        const at = (v: number) => interpret([value], { ...feeds, [key]: feeds[key]!.with(i, v) })[0]![0]!;
        return (at(feeds[key]![i]! + step) - at(feeds[key]![i]! - step)) / (2 * step);
      });
      const found = chosen.map((i) => gradients[k]![i]!);
      expect(Math.max(...found.map(Math.abs)), name).toBeGreaterThan(1e-3);
      expect(relativeError(expected, found), name).toBeLessThan(1e-6);
    });
  });

  it("runs under ONNX Runtime with the same numbers, in float32 (2e-5) and float64 (1e-12)", async () => {
    const expression = { shapes, build: r1, domain: (v: number) => 0.5 * v, wrt: [2, 3, 4, 5] };
    await expectRuntimeAgrees(expression, 6);
    await expectRuntimeAgrees(expression, 6, 1e-12, "float64");
  });
});
