import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GanglionError } from "../core/errors.ts";
import { imageFiles } from "../data/readers/image-files.ts";
import type { Dataset } from "../data/types.ts";
import { balancePlan, planText } from "./balance-plan.ts";

/** A dataset of so many images of each class, in the splits given in turn. */
function datasetOf(counts: Readonly<Record<string, number>>, splits: readonly (string | undefined)[] = []): Dataset {
  const labels = Object.entries(counts).flatMap(([name, n]) => new Array<string>(n).fill(name));
  const samples = labels.map((label, i) => {
    const split = splits[i % Math.max(1, splits.length)];
    return { fileName: `${i}.png`, label, attributes: {}, ...(split === undefined ? {} : { split }) };
  });
  return {
    root: "/data",
    reader: imageFiles("imagefolder"),
    columns: { label: "label" },
    classes: Object.keys(counts).sort(),
    samples,
    notes: [],
  };
}

const NAMES = ["a", "b", "c", "d"];
const counts = fc
  .array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 })
  .map((numbers) => Object.fromEntries(numbers.map((n, i) => [NAMES[i]!, n])));

describe("a plan", () => {
  test("to equal fills every class to the largest, by exact sums", () => {
    fc.assert(
      fc.property(counts, (real) => {
        const plan = balancePlan(datasetOf(real), NAMES);
        const largest = Math.max(...Object.values(real));
        expect(plan.classes.map(({ name }) => name)).toEqual(Object.keys(real));
        for (const { name, real: has, wanted, synthetic, ratio, capped } of plan.classes) {
          expect([has, wanted, has + synthetic, capped]).toEqual([real[name], largest, largest, false]);
          expect(ratio).toBeCloseTo(synthetic / has, 12);
        }
        expect(plan.synthetic).toBe(plan.classes.reduce((sum, { synthetic }) => sum + synthetic, 0));
        expect(plan.imbalance.after).toBe(1);
        expect(plan.imbalance.before).toBe(largest / Math.min(...Object.values(real)));
      }),
      { seed: 1 },
    );
  });

  test("never passes the greatest ratio, goes as far as it allows, and says where it bites", () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: 40 }), (real, tenths) => {
        const maxRatio = tenths / 10;
        const plan = balancePlan(datasetOf(real), NAMES, { maxRatio });
        for (const { name, real: has, wanted, synthetic, capped } of plan.classes) {
          expect(synthetic * 10).toBeLessThanOrEqual(tenths * has);
          expect(capped).toBe(has + synthetic < wanted);
          if (capped) expect((synthetic + 1) * 10).toBeGreaterThan(tenths * has);
          expect(plan.notes.some((note) => note.includes(`leaves ${name} at ${has + synthetic} of ${wanted}`))).toBe(
            capped,
          );
        }
      }),
      { seed: 1 },
    );
  });

  test("with counts touches the named classes only and takes nothing away", () => {
    const plan = balancePlan(datasetOf({ a: 10, b: 3 }), NAMES, { to: "b=8,a=4,d=5" });
    expect(plan.classes).toEqual([
      { name: "a", real: 10, wanted: 4, synthetic: 0, ratio: 0, capped: false },
      { name: "b", real: 3, wanted: 8, synthetic: 5, ratio: 5 / 3, capped: false },
      { name: "d", real: 0, wanted: 5, synthetic: 5, ratio: null, capped: false },
    ]);
    expect(plan.notes).toContain("a has 10 real images, more than the 4 wanted; none is removed");
    expect(plan.imbalance).toEqual({ before: null, after: 2 });
  });

  test("takes a class of one image", () => {
    const plan = balancePlan(datasetOf({ a: 50, b: 1 }), NAMES);
    expect(plan.classes[1]).toMatchObject({ real: 1, synthetic: 49, ratio: 49 });
  });

  test("counts training images only where there is a split; without a value means training", () => {
    const plan = balancePlan(datasetOf({ a: 40, b: 8 }, ["train", "val", undefined, "test"]), NAMES);
    expect(plan.classes.map(({ real, synthetic }) => [real, synthetic])).toEqual([
      [20, 0],
      [4, 16],
    ]);
    expect([plan.real, plan.heldOut]).toEqual([24, 24]);
    expect(plan.notes.join()).toMatch(/only the 24 training images are balanced; synthetic images get split train/);
    expect(balancePlan(datasetOf({ a: 3 }), NAMES).notes.join()).toMatch(/no split: hold real images out/);
  });

  test("keeps a class that only other splits have, as one without real training images", () => {
    const dataset = datasetOf({ a: 2, b: 2 }, ["train", "train", "test", "test"]);
    const plan = balancePlan(dataset, NAMES);
    expect(plan.classes[1]).toEqual({ name: "b", real: 0, wanted: 2, synthetic: 2, ratio: null, capped: false });
    expect(balancePlan(dataset, NAMES, { maxRatio: 5 }).classes[1]).toMatchObject({ synthetic: 0, capped: true });
  });

  test.each<[string, () => unknown, string, RegExp]>([
    [
      "a class that the generator lacks",
      () => balancePlan(datasetOf({ a: 1, z: 1, y: 2 }), NAMES),
      "run",
      /2 problems[\s\S]*"y"[\s\S]*"z"/,
    ],
    [
      "an unknown class in --to",
      () => balancePlan(datasetOf({ a: 1 }), NAMES, { to: "q=1" }),
      "usage",
      /the classes are a, b, c, d/,
    ],
    [
      "a target of another kind",
      () => balancePlan(datasetOf({ a: 1 }), NAMES, { to: "even" }),
      "usage",
      /equal or CLASS=NUMBER/,
    ],
    ["a negative ratio", () => balancePlan(datasetOf({ a: 1 }), NAMES, { maxRatio: -1 }), "usage", /--max-ratio -1/],
    [
      "no training image",
      () => balancePlan(datasetOf({ a: 3 }, ["val"]), NAMES),
      "dataset",
      /no image is of the split train \(found: val\)/,
    ],
  ])("refuses %s", (_, make, code, message) => {
    let thrown: unknown;
    try {
      make();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(GanglionError);
    expect(thrown).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("reads as a table", () => {
    const plan = balancePlan(datasetOf({ a: 10, b: 2 }), NAMES, { maxRatio: 2 });
    expect(planText(plan)).toBe(
      [
        "class  real  wanted  to add  synthetic : real",
        "a        10      10       0          0.00 : 1",
        "b         2      10       4          2.00 : 1  capped",
        "total    12               4",
        "imbalance 5.0 : 1, then 1.7 : 1 (largest to smallest)",
      ].join("\n"),
    );
  });
});
