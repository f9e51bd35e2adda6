import fc from "fast-check";
import { expect, test } from "vitest";
import { classRanges, floorSets, matchClassCounts } from "./matching.ts";

const labels = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 });
const countOf = (list: ArrayLike<number>, chosen: ArrayLike<number>, c: number) =>
  Array.from(chosen).filter((i) => list[i] === c).length;

test("matched sets have equal class counts, as large as the smaller side allows, and no image twice", () => {
  fc.assert(
    fc.property(labels, labels, fc.nat(), (first, second, seed) => {
      const matched = matchClassCounts(first, second, 4, seed);
      for (let c = 0; c < 4; c++) {
        const wanted = Math.min(first.filter((l) => l === c).length, second.filter((l) => l === c).length);
        expect(matched.counts[c]).toBe(wanted);
        expect(countOf(first, matched.first, c)).toBe(wanted);
        expect(countOf(second, matched.second, c)).toBe(wanted);
      }
      expect(new Set(matched.first).size).toBe(matched.first.length);
      classRanges(matched.counts).forEach(({ start, count }, c) => {
        for (let i = start; i < start + count; i++) {
          expect(first[matched.first[i]!]).toBe(c);
          expect(second[matched.second[i]!]).toBe(c);
        }
      });
    }),
    { seed: 3 },
  );
});

test("the floor's two sets are disjoint, never more than asked for, and follow the class counts", () => {
  fc.assert(
    fc.property(labels, fc.array(fc.nat(20), { minLength: 4, maxLength: 4 }), fc.nat(), (real, wanted, seed) => {
      const floor = floorSets(real, undefined, wanted, seed);
      expect(floor.from).toBe("halves");
      const first = new Set(floor.first);
      for (const i of floor.second) expect(first.has(i)).toBe(false);
      for (let c = 0; c < 4; c++) {
        const there = real.filter((l) => l === c).length;
        expect(floor.counts[c]).toBe(Math.min(wanted[c]!, there >> 1));
        expect(countOf(real, floor.first, c)).toBe(floor.counts[c]);
        expect(countOf(real, floor.second, c)).toBe(floor.counts[c]);
      }
    }),
    { seed: 4 },
  );
});

test("a held-out set makes the floor only where it gives more images", () => {
  const real = new Array(20).fill(0);
  expect(floorSets(real, new Array(18).fill(0), [20], 1)).toMatchObject({ from: "holdout", counts: [18] });
  expect(floorSets(real, new Array(5).fill(0), [20], 1)).toMatchObject({ from: "halves", counts: [10] });
});

test("the draw follows the seed", () => {
  const first = new Array(50).fill(0);
  const draw = (seed: number) => [...matchClassCounts(first, new Array(10).fill(0), 1, seed).first];
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});
