import { describe, expect, test } from "vitest";
import { sha256 } from "../core/hash.ts";
import { emitOnnx, input, meanAll, square, sub, sumAll } from "../graph/index.ts";
import { designSegmenter, LayoutBuilder, segment, segmenterLayout } from "../model/index.ts";
import { augment, augmentInputs, place } from "./augment-graph.ts";
import { buildFitStep, type FitRecipe, fitScalars, runFitLoop } from "./fit-loop.ts";
import { segmentationLoss } from "./segmenter.ts";

const RECIPE: FitRecipe = { rate: 0.01, adam: { beta1: 0.9, beta2: 0.99, epsilon: 1e-6 }, decay: 0.98, warmUp: 50 };
const PLAIN: FitRecipe = { ...RECIPE, adam: { ...RECIPE.adam, beta1: 0 } };

describe("scalars of a step", () => {
  test("are what kept classifiers were trained with", () => {
    // As float32, which the runtime sees: steps 0, 9, 49, 200 and 399 of 400.
    const rates = [0, 9, 49, 200, 399].map((step) => Math.fround(fitScalars(RECIPE, step, 400).rate));
    expect(rates).toEqual(
      [0.0002, 0.00199750279641627, 0.009634282978200603, 0.005, 1.5421177605168258e-7].map(Math.fround),
    );
    expect(fitScalars(RECIPE, 0, 400)).toMatchObject({ firstCorrection: 1 / (1 - 0.9), correction: 1 / (1 - 0.99) });
    expect(fitScalars(RECIPE, 9, 400).decay).toBe(9 / 19);
    expect(fitScalars(RECIPE, 399, 400).decay).toBeCloseTo(399 / 409, 12);
    expect(fitScalars(RECIPE, 5_000, 6_000).decay).toBe(0.98);
  });

  test("have no correction of a first moment that is not kept", () => {
    expect(Object.keys(fitScalars(PLAIN, 0, 1))).toEqual(["rate", "correction", "decay"]);
  });
});

describe("the graph of a step", () => {
  test("is the same, byte for byte, as the one that kept segmenters were trained with", () => {
    const a = designSegmenter(16, 1);
    const bytes = emitOnnx(
      buildFitStep({
        layout: segmenterLayout(a),
        recipe: PLAIN,
        objective(weights) {
          const moves = augmentInputs("augment", 8, 1, 16);
          const seen = augment(input("images", [8, 1, 16, 16]), moves);
          const truth = place(input("masks", [8, 1, 16, 16]), moves);
          return { loss: segmentationLoss(segment(a, weights, seen), truth) };
        },
      }),
    );
    expect(sha256(bytes)).toBe("7c841039e54c1b1f2f04274ce9989be913b4d472e18ab98d43a10e8aebe2d13f");
  });
});

describe("the loop", () => {
  const builder = new LayoutBuilder();
  builder.add({ name: "w", shape: [2], deviation: 1, rate: 1 });
  const layout = builder.build();
  const target = Float32Array.of(1, -2);
  const seen: number[] = [];
  const loop = (recipe: FitRecipe, steps: number, end = steps) =>
    runFitLoop({
      ...{ layout, recipe, steps, threads: 1 },
      start: Float32Array.of(0, 0),
      objective: ({ w }) => {
        const aim = input("target", [2]);
        return { loss: sumAll(square(sub(w!, aim))), followed: { error: meanAll(sub(w!, aim)) } };
      },
      feed(step) {
        seen.push(step);
        return { target };
      },
      afterStep: (step) => step + 1 === end,
    });

  test.each([
    ["with", RECIPE],
    ["without", PLAIN],
  ])("finds the minimum %s momentum; weights, average and what is followed come back", async (_, recipe) => {
    const state = await loop({ ...recipe, rate: 0.1 }, 400);
    for (const part of [state.weights, state.average]) {
      for (const [i, value] of target.entries()) expect(part[i]).toBeCloseTo(value, 1);
    }
    expect(Math.abs(state.error![0]!)).toBeLessThan(0.1);
    expect("first" in state).toBe(recipe.adam.beta1 > 0);
  });

  test("feeds each step once, in order, and ends when told", async () => {
    seen.length = 0;
    await loop(RECIPE, 10, 3);
    expect(seen).toEqual([0, 1, 2]);
  });

  test("without steps the start is what comes back", async () => {
    const { weights, average } = await loop(RECIPE, 0);
    expect([weights, average]).toEqual([Float32Array.of(0, 0), Float32Array.of(0, 0)]);
  });
});
