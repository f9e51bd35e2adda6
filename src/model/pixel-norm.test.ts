import { expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { input, interpret } from "../graph/index.ts";
import { type Expression, expectGradient, expectRuntimeAgrees, expectSecondGradient } from "../graph/testing/checks.ts";
import { pixelNorm } from "./pixel-norm.ts";

test("the numbers of each pixel are divided by the root of their mean square", () => {
  const x = new Rng(0, "x").fillNormal(new Float64Array(2 * 3 * 4));
  const [found] = interpret([pixelNorm(input("x", [2, 3, 2, 2]))], { x });
  for (let i = 0; i < x.length; i++) {
    const [image, pixel] = [Math.floor(i / 12), i % 4];
    const maps = [0, 1, 2].map((c) => x[image * 12 + c * 4 + pixel]!);
    const expected = x[i]! / Math.sqrt(maps.reduce((sum, value) => sum + value ** 2, 0) / 3 + 1e-8);
    expect(found![i]).toBeCloseTo(expected, 12);
  }
});

test.each([[[2, 3]], [[2, 3, 2, 2]]])(
  "rows and maps %j have gradients of both orders, and the runtime agrees",
  async (shape) => {
    const expression: Expression = { shapes: [shape], build: ([x]) => pixelNorm(x!) };
    expectGradient(expression);
    expectSecondGradient(expression);
    await expectRuntimeAgrees(expression);
  },
);
