import { describe, expect, test } from "vitest";
import { adaptProbability, orderSign } from "./adaptive.ts";
import { remedies as dermgan } from "./dermgan/recipe.ts";
import { checkHealth, checkWeights, type HealthSignals, type StepSigns, updateSignals } from "./health.ts";
import { defaultRecipes } from "./r3gan/recipe.ts";
import { PENALTY_REMEDIES as remedies } from "./shared-schedule.ts";

const well: StepSigns = { lossG: 1, lossD: 0.5, gap: 1, spreadRatio: 0.8, penalty: 0.1 };
const calm: HealthSignals = { gap: 1, spreadRatio: 0.8 };
const LATE = 1_000_000;

describe("training ends by itself", () => {
  test("not while it is well", () => {
    expect(checkHealth(calm, well, LATE, remedies)).toBeNull();
    expect(checkHealth(calm, { ...well, penalty: null }, LATE, remedies)).toBeNull();
  });

  test.each(["lossG", "lossD", "gap", "spreadRatio", "penalty"] as const)(
    "when %s is no number, at any time",
    (name) => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(checkHealth(calm, { ...well, [name]: value }, 8, remedies)).toMatch(
          /^diverged: .* after 8 images; lower/,
        );
      }
    },
  );

  test("when all generated images are one picture, after a time of grace", () => {
    const signals = { ...calm, spreadRatio: 0.01 };
    expect(checkHealth(signals, well, 9_000, remedies)).toBeNull();
    expect(checkHealth(signals, well, 10_000, remedies)).toMatch(
      /^collapsed: generated images vary 1\.0 % as much as real ones/,
    );
  });

  test("when the discriminator has won, after a time of grace", () => {
    const signals = { ...calm, gap: 40 };
    expect(checkHealth(signals, well, 9_000, remedies)).toBeNull();
    expect(checkHealth(signals, well, LATE, remedies)).toMatch(
      /^the discriminator has won: .* 40\.0 on average; raise gamma/,
    );
  });

  test("not for one bad step: signals look back on a hundred", () => {
    let signals = updateSignals(null, well);
    expect(signals).toEqual(calm);
    signals = updateSignals(signals, { ...well, spreadRatio: 0, gap: 500 });
    expect(checkHealth(signals, well, LATE, remedies)).toBeNull();
    for (let i = 0; i < 500; i++) signals = updateSignals(signals, { ...well, spreadRatio: 0 });
    expect(checkHealth(signals, well, LATE, remedies)).toMatch(/^collapsed/);
  });

  test("when a weight is no number", () => {
    expect(checkWeights(Float32Array.of(1, -2), 16, remedies)).toBeNull();
    expect(checkWeights(Float32Array.of(1, Number.NaN), 16, remedies)).toMatch(
      /^diverged: a weight .* after 16 images/,
    );
  });
});

describe("the augmentation's probability", () => {
  const recipe = {
    ...defaultRecipes.tiny,
    augment: { ...defaultRecipes.tiny.augment, target: 0.6, speedImages: 1000 },
  };
  test("rises when D orders more pairs rightly than the target, falls below it, and stays at it", () => {
    expect(adaptProbability(0.5, 0.9, 100, recipe)).toBeCloseTo(0.6, 12);
    expect(adaptProbability(0.5, 0.1, 100, recipe)).toBeCloseTo(0.4, 12);
    expect(adaptProbability(0.5, 0.6, 100, recipe)).toBe(0.5);
  });

  test("needs speedImages from 0 to 1 and never leaves [0, 1]", () => {
    let p = 0;
    for (let images = 0; images < 1000; images += 40) p = adaptProbability(p, 1, 40, recipe);
    expect(p).toBeCloseTo(1, 12);
    expect(adaptProbability(0.99, 1, 100, recipe)).toBe(1);
    expect(adaptProbability(0.01, -1, 100, recipe)).toBe(0);
  });

  test("moves by the order of pairs, which a constant added to all logits does not change", () => {
    const logits = [3, 2, 1, 5, /* generated: */ 1, 4, 0, 5];
    expect(orderSign(logits)).toBe((1 - 1 + 1 + 0) / 4);
    expect(orderSign(logits.map((x) => x + 100))).toBe(orderSign(logits));
  });
});

test("a failed training of dermgan is told what its own recipe can change", () => {
  expect(checkWeights(Float32Array.of(Number.NaN), 8, dermgan)).toMatch(/lower the learning rates$/);
  expect(checkHealth({ ...calm, spreadRatio: 0.01 }, well, LATE, dermgan)).toMatch(/raise l1Weight/);
  expect(checkHealth({ ...calm, gap: 30 }, well, LATE, dermgan)).toMatch(/lower discriminatorRate or raise l1Weight/);
  for (const text of Object.values(dermgan)) expect(text).not.toContain("gamma");
});
