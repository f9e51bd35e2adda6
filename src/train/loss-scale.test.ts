import { expect, test } from "vitest";
import { FIRST_LOSS_SCALE, nextLossScale } from "./loss-scale.ts";

test("an overflow halves the scale down to 1, a thousand good steps double it up to 2^24", () => {
  let scale = nextLossScale({ scale: 8, goodSteps: 900 }, true);
  expect(scale).toEqual({ scale: 4, goodSteps: 0 });
  for (let i = 0; i < 5; i++) scale = nextLossScale(scale, true);
  expect(scale.scale).toBe(1);
  for (let i = 0; i < 999; i++) scale = nextLossScale(scale, false);
  expect(scale).toEqual({ scale: 1, goodSteps: 999 });
  scale = nextLossScale(scale, false);
  expect(scale).toEqual({ scale: 2, goodSteps: 0 });
  for (let i = 0; i < 40_000; i++) scale = nextLossScale(scale, false);
  expect(scale.scale).toBe(2 ** 24);
  expect(FIRST_LOSS_SCALE.scale).toBe(4096);
});
