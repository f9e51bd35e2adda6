import { expect, test } from "vitest";
import { shippedStarts } from "../model/shipped-starts.ts";
import { budgetWarning, expectationNote, knownBudget } from "./measured-runs.ts";
import type { RunConfig } from "./run-config.ts";

const config = { model: "r3gan", resolution: 64, images: null, minutes: 10 };

test("ten minutes on a slow machine are warned of, with what would be enough", () => {
  expect(budgetWarning(config, 5)).toBe(
    "at 5 images/s 10 minutes see 3,000 images; of the trainings measured so far (at 64 px; docs/recipes.md) none was recognisable below 30,000 images, and the first was at 55,008: --images 55008 takes about 184 minutes at this rate (--minutes 184); or begin from a start (--from RUN, or a name that `ganglion starts` lists), add --frozen onnx:PATH (it helped on skin in as many images, not on MR: docs/recipes.md), or take --resolution 32",
  );
  expect(budgetWarning({ ...config, resolution: 32 }, 5)).toContain("none was recognisable below 20,000 images");
  expect(budgetWarning({ ...config, resolution: 128 }, 5)).toContain("(at 64 px, and 128 px need more;");
});

test("the smaller of two budgets counts, and what was seen before", () => {
  expect(budgetWarning({ ...config, images: 2000 }, 100)).toMatch(
    /^the training sees 2,000 images; .*\(--minutes 10\); or begin from a start/,
  );
  expect(budgetWarning({ ...config, images: 2000, minutes: null }, 100)).toMatch(/^the training sees 2,000 images/);
  expect(budgetWarning(config, 5, { imagesSeen: 29_000, seconds: 0 })).toBeNull();
  expect(budgetWarning(config, 5, { imagesSeen: 20_000, seconds: 570 })).toMatch(
    /10 minutes see 20,150 images.*--minutes 127/,
  );
});

test("nothing is said of enough, nor of what was never measured", () => {
  expect(budgetWarning({ ...config, images: 67_808, minutes: null }, 1)).toBeNull();
  expect(budgetWarning({ ...config, minutes: 60 }, 10)).toBeNull();
  expect(budgetWarning({ ...config, resolution: 16 }, 1)).toBeNull();
  expect(knownBudget({ model: "dermgan", resolution: 64 })).toBeNull();
  expect(budgetWarning({ ...config, images: null, minutes: null }, 1)).toBeNull();
});

test("a budget that reaches something is told what to expect, and what would do better", () => {
  const tenMinutes = { ...config, resolution: 32 };
  expect(expectationNote(tenMinutes, 80)).toBe(
    "the budget sees about 48,000 images at 80 images/s; to expect: coverage 0.28 at 42,688 images (HAM10000), then 0.38 at 60,000 images (HAM10000) (the share of real images that a drawn one is near: 0.2 is recognisable, 1 is the best); for more: more time, begin from a start (--from RUN, or a name that `ganglion starts` lists), add --frozen onnx:PATH (it helped on skin in as many images, not on MR: docs/recipes.md)",
  );
  // What was seen before counts, and the smaller of two budgets.
  expect(expectationNote(tenMinutes, 80, { imagesSeen: 100_000, seconds: 300 })).toContain("about 124,000 images");
  expect(expectationNote({ ...tenMinutes, images: 60_000, minutes: 1 }, 10)).toContain("about 600 images");
  expect(expectationNote({ ...config, resolution: 128, minutes: 120 }, 10)).toMatch(
    /coverage about or above 0\.23 at 55,008 images \(ISIC 2017\), measured at 64 px; 128 px need more/,
  );
});

test("of a shipped start that was measured, with its frozen network, its own trainings are told", async () => {
  const { origins } = (await shippedStarts()).find(({ name }) => name === "skin-64")!;
  const start = { path: "skin-64", classes: [], origins } as unknown as NonNullable<RunConfig["start"]>;
  const planned = { ...config, start, minutes: 30, networks: { frozen: { file: "net.onnx" } } };
  expect(expectationNote(planned, 18)).toBe(
    "the budget sees about 32,400 images at 18 images/s; to expect: coverage 0.69 at 24,000 images (HAM10000, from skin-64 beside a frozen network), then 0.82 at 60,000 images (HAM10000, from skin-64 beside a frozen network) (the share of real images that a drawn one is near: 0.2 is recognisable, 1 is the best); for more: more time",
  );
  expect(budgetWarning(planned, 0.1)).toBeNull();
  expect(expectationNote({ ...planned, networks: {} }, 18)).toBeNull();
});

test("nothing is expected of another start, of other networks, nor without an end", () => {
  expect(expectationNote({ ...config, minutes: null }, 40)).toBeNull();
  expect(expectationNote({ ...config, model: "dermgan" }, 40)).toBeNull();
  const start = { path: "run", classes: [], origins: [] } as unknown as NonNullable<RunConfig["start"]>;
  expect(expectationNote({ ...config, start }, 40)).toBeNull();
  // A frozen network reaches more in as many images: those trainings had none.
  expect(expectationNote({ ...config, networks: { frozen: { file: "net.onnx" } } }, 40)).toBeNull();
  expect(budgetWarning({ ...config, networks: { frozen: { file: "net.onnx" } } }, 5)).toBeNull();
  expect(budgetWarning({ ...config, networks: { blocks: 1 } }, 5)).not.toBeNull();
});
