import { describe, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import {
  add,
  gradient,
  input,
  interpret,
  mul,
  reduceSum,
  reshape,
  shareBackward,
  softplus,
  square,
  sumAll,
  type Tensor,
} from "../graph/index.ts";
import {
  type Expression,
  expectGradient,
  expectRuntimeAgrees,
  expectSecondGradient,
  relativeError,
} from "../graph/testing/checks.ts";
import { groupDeviations, groupOf, withDeviations } from "./minibatch-deviation.ts";

const normal = (length: number, stream: string): Float64Array =>
  new Rng(0, stream).fillNormal(new Float64Array(length));

describe("minibatch deviation", () => {
  test("is the deviation within each group, mean over features", () => {
    const [N, C] = [6, 2];
    const x = normal(N * C * 4, "x");
    const node = input("x", [N, C, 2, 2]);
    const [means, joined] = interpret([groupDeviations(node, 3), withDeviations(node, groupDeviations(node, 3))], {
      x,
    });
    for (const group of [0, 1]) {
      let sum = 0;
      for (let feature = 0; feature < 8; feature++) {
        const values = [0, 1, 2].map((i) => x[(3 * group + i) * 8 + feature]!);
        const mean = values.reduce((a, b) => a + b) / 3;
        sum += Math.sqrt(values.reduce((all, value) => all + (value - mean) ** 2, 0) / 3 + 1e-8);
      }
      expect(means![group]).toBeCloseTo(sum / 8, 12);
      for (const image of [0, 1, 2]) expect(joined![(3 * group + image) * 12 + 8 + 3]).toBe(means![group]);
    }
    expect([16, 12, 6, 5, 2, 1].map(groupOf)).toEqual([4, 4, 3, 5, 2, 1]);
  });

  const expression: Expression = {
    shapes: [[4, 2, 2, 2]],
    build: ([x]) => withDeviations(x!, groupDeviations(x!, 2)),
  };
  test("has gradients of both orders, and the runtime agrees", async () => {
    expectGradient(expression);
    expectSecondGradient(expression);
    await expectRuntimeAgrees(expression);
  });

  test("samples meet there: no factor of a sample is moved across it when losses share a pass back", () => {
    const x = input("x", [4, 2, 2, 2]);
    const w = input("w", [12, 1]);
    const logits = reduceSum(
      mul(reshape(withDeviations(mul(x, x), groupDeviations(x, 4)), [4, 12]), reshape(w, [1, 12])),
      [1],
    );
    // Two losses, whose cotangents differ by a factor of each sample, and a penalty, as in a step of training.
    const losses = [sumAll(softplus(logits)), sumAll(mul(softplus(mul(logits, -1)), input("share", [4, 1])))];
    const penalty = sumAll(square(gradient(sumAll(logits), [x])[0]!));
    const outputs: Record<string, Tensor> = Object.fromEntries(
      [...losses, add(losses[0]!, penalty)].flatMap((loss, i) =>
        [x, w].map((t, k) => [`g${i}.${k}`, gradient(loss, [t])[0]!] as const),
      ),
    );
    const feeds = { x: normal(32, "x"), w: normal(12, "w"), share: [0.5, -2, 3, 0.1] };
    const before = interpret(Object.values(outputs), feeds);
    const after = interpret(Object.values(shareBackward(outputs)), feeds);
    before.forEach((values, i) => {
      expect(relativeError(values, after[i]!)).toBeLessThan(1e-12);
    });
  });
});
