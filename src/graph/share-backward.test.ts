import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { gradient } from "./gradient.ts";
import { interpret } from "./interpreter.ts";
import * as ops from "./ops.ts";
import { shareBackward } from "./share-backward.ts";
import { simplify } from "./simplify.ts";
import { type OpName, sizeOf, type Tensor, topologicalOrder } from "./tensor.ts";
import { relativeError } from "./testing/checks.ts";
import { randomGraph } from "./testing/random-graph.ts";
import { verify } from "./verify.ts";

const SAMPLES = 3;
const images = ops.input("images", [SAMPLES, 2, 6, 6]);
const labels = ops.input("labels", [SAMPLES, 2]);
const weights = {
  first: ops.input("first", [4, 2, 3, 3]),
  bias: ops.input("bias", [4]),
  second: ops.input("second", [4, 4, 3, 3]),
  narrow: ops.input("narrow", [3, 4, 1, 1]),
  features: ops.input("features", [5, 27]),
  head: ops.input("head", [1, 5]),
  embedding: ops.input("embedding", [2, 5]),
};
const CONVOLUTIONS = 3;

/** A residual network with a class projection: one logit a sample, [SAMPLES]. */
function discriminator(): Tensor {
  const { first, bias, second, narrow, features, head, embedding } = weights;
  const same = { stride: 1, padding: 1 };
  const x = ops.conv2d(images, first, same, bias);
  const wide = ops.add(x, ops.conv2d(ops.leakyRelu(x, 0.2), second, same));
  const pooled = ops.conv2d(ops.averagePool(wide), narrow, { stride: 1, padding: 0 });
  const flat = ops.leakyRelu(ops.reshape(pooled, [SAMPLES, 27]), 0.2);
  const found = ops.leakyRelu(ops.matmul(flat, features, { transposeB: true }), 0.2);
  const projected = ops.reduceSum(ops.mul(ops.matmul(labels, embedding), found), [1]);
  return ops.reshape(ops.add(ops.matmul(found, head, { transposeB: true }), projected), [SAMPLES]);
}

/** Gradients of two losses and of a gradient penalty through the same network. */
function gradients(): Record<string, Tensor> {
  const logits = discriminator();
  const [toImages] = gradient(ops.sumAll(logits), [images]);
  const penalty = ops.meanAll(ops.square(toImages!));
  const ofWeights = ops.add(ops.meanAll(ops.softplus(logits)), penalty);
  const ofImages = ops.meanAll(ops.softplus(ops.neg(logits)));
  const names = Object.keys(weights);
  return {
    ...Object.fromEntries(gradient(ofWeights, Object.values(weights)).map((t, i) => [names[i], t])),
    toImages: gradient(ofImages, [images])[0],
    penalty,
  };
}

const feeds = Object.fromEntries(
  [images, labels, ...Object.values(weights)].map((t) => {
    const { name } = t.attributes as { name: string };
    return [name, new Rng("share", name).fillNormal(new Float64Array(sizeOf(t.shape)))];
  }),
);

const countOf = (outputs: readonly Tensor[], op: OpName): number =>
  topologicalOrder(outputs).filter((t) => t.op === op).length;

describe("shareBackward", () => {
  const before = gradients();
  const after = shareBackward(before);

  test("keeps every name, shape and value", () => {
    expect(Object.keys(after)).toEqual(Object.keys(before));
    verify(Object.values(after));
    const [expected, found] = [before, after].map((outputs) => interpret(Object.values(outputs), feeds));
    Object.entries(before).forEach(([name, t], i) => {
      expect(after[name]!.shape, name).toEqual(t.shape);
      expect(Math.hypot(...expected![i]!), name).toBeGreaterThan(1e-3);
      expect(relativeError(expected![i]!, found![i]!), name).toBeLessThan(1e-12);
    });
  });

  test("goes back through the network once for all losses, and sums each weight's gradient once", () => {
    const outputs = Object.values(after);
    expect(countOf(outputs, "conv2dInputGradient")).toBe(CONVOLUTIONS);
    expect(countOf(outputs, "conv2dWeightGradient")).toBe(CONVOLUTIONS);
    const unshared = simplify(Object.values(before));
    expect(countOf(unshared, "conv2dInputGradient")).toBe(3 * CONVOLUTIONS - 1);
    expect(countOf(unshared, "conv2dWeightGradient")).toBe(2 * CONVOLUTIONS);
  });

  test("keeps sums of unlike gradients apart", () => {
    const dy = ops.input("dy", [SAMPLES, 1, 2, 2]);
    const wide = ops.conv2dWeightGradient(ops.input("wide", [SAMPLES, 1, 4, 4]), dy, { stride: 1, padding: 0 }, [3, 3]);
    const narrow = ops.conv2dWeightGradient(
      ops.input("narrow", [SAMPLES, 1, 2, 2]),
      dy,
      { stride: 1, padding: 1 },
      [3, 3],
    );
    for (const sum of [ops.add(wide, narrow), ops.add(narrow, wide)]) {
      const numbers = (length: number) => new Rng(length).fillNormal(new Float64Array(length));
      const values = { dy: numbers(SAMPLES * 4), wide: numbers(SAMPLES * 16), narrow: numbers(SAMPLES * 4) };
      const [expected, found] = [interpret([sum], values), interpret([shareBackward({ sum }).sum!], values)];
      expect(relativeError(expected[0]!, found[0]!)).toBeLessThan(1e-12);
    }
  });

  test("ends and keeps values on graphs that have no samples (400 random graphs, 1e-10)", () => {
    const normal = (rng: Rng, length: number) => rng.fillNormal(new Float64Array(length));
    fc.assert(
      fc.property(randomGraph, fc.nat(1000), ({ inputs, outputs }, seed) => {
        const loss = ops.sumAll(ops.add(outputs[0]!, ops.tanh(outputs[1]!)));
        const all = Object.fromEntries([...outputs, ...gradient(loss, inputs)].map((t, i) => [`${i}`, t]));
        const shared = shareBackward(all);
        const rng = new Rng(seed);
        const values = { a: normal(rng, 6), b: normal(rng, 6), s: normal(rng, 1) };
        const [expected, found] = [all, shared].map((o) => interpret(Object.values(o), values));
        expected!.forEach((value, i) => {
          expect(relativeError(value, found![i]!)).toBeLessThan(1e-10);
        });
      }),
      { numRuns: 400, seed: 1 },
    );
  });
});
