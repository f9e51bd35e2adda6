import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { imageFiles } from "./readers/image-files.ts";
import { splitDataset, stratifiedSplit } from "./splits.ts";
import type { Dataset, Sample } from "./types.ts";

/** Long-tailed labels over patients of 1 to 5 images with mixed classes. */
function drawn(n: number, seed: number): { labels: string[]; groups: string[] } {
  const rng = new Rng(seed, "test");
  const labels: string[] = [];
  const groups: string[] = [];
  for (let patient = 0; labels.length < n; patient++) {
    for (let k = 1 + rng.integer(5); k > 0 && labels.length < n; k--) {
      labels.push("abcde"[rng.weighted([60, 25, 10, 4, 1])]!);
      groups.push(`p${patient}`);
    }
  }
  return { labels, groups };
}

function groupsOf(labels: readonly string[], groups: readonly string[], name: string): Set<string> {
  return new Set(groups.filter((_, n) => labels[n] === name));
}

describe("stratifiedSplit", () => {
  test("divides all images, no group crosses, every class of two groups is in the first part (drawn cases)", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 5 })), { maxLength: 60 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.constantFrom([0.8, 0.2], [0.7, 0.15, 0.15], [0.2, 0.8], [0.34, 0.33, 0.33], [1]),
        (rows, seed, fractions) => {
          const groups = rows.map(([g]) => `g${g}`);
          const labels = rows.map(([, c]) => `c${c}`);
          const parts = stratifiedSplit(labels, { groups, seed, fractions });
          expect(parts.flat().sort((a, b) => a - b)).toEqual(rows.map((_, n) => n));
          const partOf = new Map<string, number>();
          parts.forEach((part, p) => {
            for (const n of part) {
              expect(partOf.get(groups[n]!) ?? p).toBe(p);
              partOf.set(groups[n]!, p);
            }
          });
          for (const name of new Set(labels)) {
            expect([...groupsOf(labels, groups, name)].some((group) => partOf.get(group) === 0)).toBe(true);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test("gives each class nearly its share in every part", () => {
    const { labels, groups } = drawn(3000, 1);
    const fractions = [0.7, 0.15, 0.15];
    const parts = stratifiedSplit(labels, { groups, fractions, seed: 4 });
    for (const name of "abcde") {
      const all = labels.filter((label) => label === name).length;
      parts.forEach((part, p) => {
        const found = part.filter((n) => labels[n] === name).length;
        expect(Math.abs(found - fractions[p]! * all)).toBeLessThanOrEqual(Math.max(2, 0.03 * all));
      });
    }
  });

  test("puts every class of two groups in the holdout too where groups have one class", () => {
    const labels = ["a", "a", "a", "a", "a", "a", "a", "a", "b", "b", "c"];
    const [train, held] = stratifiedSplit(labels, { fractions: [0.9, 0.1], seed: 2 });
    expect([...new Set(held!.map((n) => labels[n]))].sort()).toEqual(["a", "b"]);
    expect([...new Set(train!.map((n) => labels[n]))].sort()).toEqual(["a", "b", "c"]);
  });

  test("depends on the seed and on nothing else", () => {
    const { labels, groups } = drawn(300, 2);
    expect(stratifiedSplit(labels, { groups, seed: 1 })).toEqual(stratifiedSplit(labels, { groups, seed: 1 }));
    expect(stratifiedSplit(labels, { groups, seed: 1 })).not.toEqual(stratifiedSplit(labels, { groups, seed: 2 }));
  });

  test.each([[[0.5, 0.6]], [[1, 0]], [[]], [[Number.NaN, 1]], [[1.5, -0.5]]])("refuses fractions %j", (fractions) => {
    expect(() => stratifiedSplit(["a"], { fractions })).toThrow(/split fractions must each be above 0 with sum 1/);
  });
});

function datasetOf(samples: Partial<Sample>[], columns: Dataset["columns"] = {}): Dataset {
  const full = samples.map((sample, n) => ({ fileName: `${n}.png`, label: "a", attributes: {}, ...sample }));
  return { root: "/none", reader: imageFiles("imagefolder"), columns, classes: ["a"], samples: full, notes: [] };
}

describe("splitDataset", () => {
  test("takes the dataset's own split, everything but train held out", () => {
    const dataset = datasetOf([{ split: "train" }, { split: "val" }, { split: "test" }, {}, { split: "train" }], {
      split: "subset",
    });
    expect(splitDataset(dataset, { seed: 0 })).toEqual({
      train: [0, 3, 4],
      holdout: [1, 2],
      how: 'split by the dataset\'s column "subset": train against test, val; 1 image without a split value is trained on',
    });
  });

  test("says when the dataset's own split leaks a patient", () => {
    const dataset = datasetOf([
      { split: "train", patient: "p" },
      { split: "val", patient: "p" },
    ]);
    expect(splitDataset(dataset, { seed: 0 }).how).toContain("1 patient is on both sides");
  });

  test("draws one where there is none, or only one part, keeping patients together", () => {
    const samples = Array.from({ length: 50 }, (_, n) => ({ split: "train", patient: `p${n >> 1}` }));
    const { train, holdout, how } = splitDataset(datasetOf(samples), { seed: 3 });
    expect(train.length + holdout.length).toBe(50);
    expect(holdout.length).toBe(10);
    const held = new Set(holdout.map((n) => samples[n]!.patient));
    expect(train.some((n) => held.has(samples[n]!.patient))).toBe(false);
    expect(how).toBe("split drawn with seed 3: 20 % held out, stratified by class, no patient on both sides");
    expect(splitDataset(datasetOf(samples), { seed: 3, holdoutFraction: 0.5 }).holdout.length).toBeGreaterThan(20);
    expect(splitDataset(datasetOf([{}, {}, {}, {}, {}]), { seed: 3 }).how).toContain("no patient column");
  });
});
