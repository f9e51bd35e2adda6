import { expect, test } from "vitest";
import { budgetShare, FIRST_PACE, nextPace } from "./budget-share.ts";

test("of images the share is that of the images, whatever the clock says", () => {
  const budget = { images: 200, minutes: null };
  const late = nextPace(FIRST_PACE, 50, 1e6);
  expect([0, 50, 100, 200, 300].map((images) => budgetShare(budget, late, images))).toEqual([0, 0.25, 0.5, 1, 1]);
  expect(budgetShare({ images: null, minutes: null }, late, 60)).toBe(0);
});

test("of minutes it is that of the last note, carried on at the pace since the one before", () => {
  const budget = { images: null, minutes: 10 };
  expect(budgetShare(budget, FIRST_PACE, 90)).toBe(0);
  const first = nextPace(FIRST_PACE, 100, 60);
  expect(first).toEqual({ imagesSeen: 100, seconds: 60, secondsPerImage: 0.6 });
  expect(budgetShare(budget, first, 100)).toBeCloseTo(0.1, 12);
  expect(budgetShare(budget, first, 200)).toBeCloseTo(0.2, 12);
  // The machine is busy: 100 images take twice as long, and the share goes on at that pace.
  const second = nextPace(first, 200, 180);
  expect(budgetShare(budget, second, 200)).toBeCloseTo(0.3, 12);
  expect(budgetShare(budget, second, 300)).toBeCloseTo(0.5, 12);
  expect(budgetShare(budget, second, 9000)).toBe(1);
});

test("a note without new images keeps the pace; of two budgets the one nearer to its end counts", () => {
  const noted = nextPace(nextPace(FIRST_PACE, 100, 60), 100, 90);
  expect(noted).toEqual({ imagesSeen: 100, seconds: 90, secondsPerImage: 0.6 });
  expect(budgetShare({ images: 1000, minutes: 3 }, noted, 100)).toBeCloseTo(0.5, 12);
  expect(budgetShare({ images: 110, minutes: 3 }, noted, 100)).toBeCloseTo(100 / 110, 12);
});

test("a budget that is raised makes the share smaller", () => {
  const pace = nextPace(FIRST_PACE, 100, 60);
  expect(budgetShare({ images: null, minutes: 1 }, pace, 100)).toBe(1);
  expect(budgetShare({ images: null, minutes: 4 }, pace, 100)).toBe(0.25);
});
