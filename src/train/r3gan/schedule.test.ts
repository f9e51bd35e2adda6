import { expect, test } from "vitest";
import { defaultRecipes } from "./recipe.ts";
import { scheduleStep } from "./schedule.ts";

const recipe = { ...defaultRecipes.tiny, batch: 10, warmUpImages: 100, generatorRate: 2, discriminatorRate: 4 };

test("learning rates rise evenly from the first batch to the end of the warm-up and then stay", () => {
  const rates = [0, 1, 8, 9, 10, 1000].map((step) => scheduleStep(recipe, step).generatorRate);
  expect(rates).toEqual([0.2, 0.4, 1.8, 2, 2, 2]);
  expect(scheduleStep(recipe, 4).discriminatorRate).toBe(2);
  expect(scheduleStep({ ...recipe, warmUpImages: 0 }, 0).generatorRate).toBe(2);
});

test("the moving average begins as the weights and forgets half of the old in a half-life", () => {
  const averaged = { ...recipe, averageHalfLife: 200, averageRampUp: 0.5 };
  expect(scheduleStep(averaged, 0).decay).toBe(0);
  // After 100 images the half-life is 50 images: five batches halve.
  expect(scheduleStep(averaged, 10).decay ** 5).toBeCloseTo(0.5, 12);
  // From 400 images on it is 200: twenty batches halve.
  for (const step of [40, 41, 10_000]) expect(scheduleStep(averaged, step).decay ** 20).toBeCloseTo(0.5, 12);
});

test("Adam's correction undoes the zero that the second moment begins with", () => {
  // A constant squared gradient g gives the moment g * (1 - beta2^t).
  let moment = 0;
  for (let step = 0; step < 30; step++) {
    moment = recipe.beta2 * moment + (1 - recipe.beta2) * 7;
    expect(moment * scheduleStep(recipe, step).correction).toBeCloseTo(7, 9);
  }
});

test("penalties come each k-th step, the first one included", () => {
  const steps = Array.from({ length: 9 }, (_, i) => scheduleStep({ ...recipe, penaltyInterval: 4 }, i).withPenalty);
  expect(steps.flatMap((yes, i) => (yes ? [i] : []))).toEqual([0, 4, 8]);
});
