import { expect, test } from "vitest";
import { budgetWarning, knownBudget } from "./measured-runs.ts";

const config = { model: "r3gan", resolution: 64, images: null, minutes: 10 };

test("ten minutes on a slow machine are warned of, with what would be enough", () => {
  expect(budgetWarning(config, 5)).toBe(
    "at 5 images/s 10 minutes see 3,000 images; of the trainings measured so far (at 64 px; docs/recipes.md) none was recognisable below 30,000 images, and the first was at 67,808: --images 67808 takes about 227 minutes at this rate (--minutes 227)",
  );
  expect(budgetWarning({ ...config, resolution: 32 }, 5)).toContain("none was recognisable below 20,000 images");
  expect(budgetWarning({ ...config, resolution: 128 }, 5)).toContain("(at 64 px, and 128 px need more;");
});

test("the smaller of two budgets counts, and what was seen before", () => {
  expect(budgetWarning({ ...config, images: 2000 }, 100)).toMatch(
    /^the training sees 2,000 images; .*\(--minutes 12\)$/,
  );
  expect(budgetWarning({ ...config, images: 2000, minutes: null }, 100)).toMatch(/^the training sees 2,000 images/);
  expect(budgetWarning(config, 5, { imagesSeen: 29_000, seconds: 0 })).toBeNull();
  expect(budgetWarning(config, 5, { imagesSeen: 20_000, seconds: 570 })).toMatch(
    /10 minutes see 20,150 images.*--minutes 169/,
  );
});

test("nothing is said of enough, nor of what was never measured", () => {
  expect(budgetWarning({ ...config, images: 67_808, minutes: null }, 1)).toBeNull();
  expect(budgetWarning({ ...config, minutes: 60 }, 10)).toBeNull();
  expect(budgetWarning({ ...config, resolution: 16 }, 1)).toBeNull();
  expect(knownBudget({ model: "dermgan", resolution: 64 })).toBeNull();
  expect(budgetWarning({ ...config, images: null, minutes: null }, 1)).toBeNull();
});
