import { expect, test } from "vitest";
import {
  add,
  input,
  interpret,
  matmul,
  mul,
  reduceSum,
  reshape,
  square,
  sumAll,
  type Tensor,
  tanh,
} from "../../graph/index.ts";
import { type Expression, expectGradient, expectRuntimeAgrees } from "../../graph/testing/checks.ts";
import { discriminatorLoss, drift, generatorLoss, lengthPenalty } from "./objective.ts";

test("what networks minimise: the difference of means, its half for G, and the mean square of logits", () => {
  const [real, fake] = [input("real", [2]), input("fake", [2])];
  const graph = [discriminatorLoss(real, fake), generatorLoss(fake), drift(real)];
  const found = interpret(graph, { real: [3, -1], fake: [0.5, 1] }).map(([value]) => value);
  expect(found).toEqual([0.75 - 1, -0.75, 5]);
});

test("the penalty of a linear critic is the squared distance of its weights' length, of no length that of 0", () => {
  const images = input("images", [2, 1, 1, 2]);
  const logits = reduceSum(mul(reshape(images, [2, 2]), input("w", [2, 2])), [1], false);
  const [found] = interpret([lengthPenalty(logits, images, 1)], { images: [1, 2, 3, 4], w: [3, 4, 0, 0] });
  expect(found![0]).toBeCloseTo(16, 9);
  expect(found![1]).toBeCloseTo(1, 5);
  const [other] = interpret([lengthPenalty(logits, images, 3)], { images: [1, 2, 3, 4], w: [3, 4, 0, 0] });
  expect(other![0]).toBeCloseTo(4, 9);
});

test("the penalty has the gradient of central differences, a second one of the critic", async () => {
  const critic = (x: Tensor, w: Tensor) => {
    const rows = reshape(x, [2, 4]);
    // A sum over the batch: images meet, as in the critic of the family.
    return add(reduceSum(tanh(matmul(rows, w)), [1], false), mul(sumAll(square(rows)), 0.1));
  };
  const expression: Expression = {
    shapes: [
      [2, 1, 2, 2],
      [4, 3],
    ],
    build: ([x, w]) => lengthPenalty(critic(x!, w!), x!, 1),
  };
  expectGradient(expression);
  await expectRuntimeAgrees(expression);
});
