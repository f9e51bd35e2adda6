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

const ramp = (first: number, last: number) => ({ from: 0.5, until: 1, first, last, shape: "linear" }) as const;
const schedule = { rates: ramp(1, 0), gamma: ramp(10, 1), augment: ramp(1, 1) };

test("on a schedule both rates and gamma follow the used share of the budget, beside the warm-up", () => {
  const scheduled = { ...recipe, schedule, gamma: 0.1, penaltyInterval: 4 };
  const at = (step: number, share: number) => scheduleStep(scheduled, step, step, share);
  expect([0, 0.5, 0.75, 1].map((share) => at(100, share).generatorRate)).toEqual([2, 2, 1, 0]);
  expect(at(100, 0.75).discriminatorRate).toBe(2);
  expect(at(4, 0.75).generatorRate).toBe(0.5);
  expect([0.2, 0.75, 1].map((share) => at(0, share).penaltyWeight)).toEqual([4, expect.closeTo(2.2, 12), 0.4]);
  // Without a change of gamma the graph has its weight, and takes none.
  expect(scheduleStep({ ...scheduled, schedule: { ...schedule, gamma: ramp(1, 1) } }, 0)).not.toHaveProperty(
    "penaltyWeight",
  );
});

test("classes count from startImages on, and in full from endImages", () => {
  const ramped = { ...recipe, conditioning: { startImages: 100, endImages: 300 } };
  const factors = [0, 10, 15, 20, 30, 99].map((step) => scheduleStep(ramped, step).conditioning);
  expect(factors).toEqual([0, 0, 0.25, 0.5, 1, 1]);
  expect(scheduleStep({ ...recipe, conditioning: { startImages: 0, endImages: 0 } }, 0).conditioning).toBe(1);
  expect(scheduleStep(recipe, 0)).not.toHaveProperty("conditioning");
});
