import { expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { matrix } from "../../math/linear/linear64.ts";
import { referenceLinear64 } from "../../math/linear/reference-linear64.ts";
import { classLikeness } from "./class-likeness.ts";
import { filledCounts } from "./likeness.ts";

/** Places of 20 images of each of two classes, three deviations apart, and of five of a third. */
function side(seed: number, swapped = false) {
  const rng = new Rng("class likeness", seed);
  const centre = (i: number) => (i < 20 === swapped ? 3 : 0);
  const data = Float64Array.from({ length: 45 * 2 }, (_, at) => centre(Math.floor(at / 2)) + rng.normal());
  const range = (start: number, count: number) => Array.from({ length: count }, (_, i) => start + i);
  return { places: matrix(45, 2, data), rows: [range(0, 20), range(20, 20), range(40, 5)] };
}

test("swapped classes are told from their own, right ones are not; a class of few images is left out", async () => {
  const of = (swapped: boolean) =>
    classLikeness({ real: side(1), control: side(2), synthetic: side(3, swapped) }, referenceLinear64(), 0);
  const right = await of(false);
  expect(right.map(({ index, n }) => [index, n])).toEqual([
    [0, 20],
    [1, 20],
  ]);
  for (const { synthetic, threshold, swappedPower } of right) {
    expect(synthetic).toBeLessThan(threshold);
    expect(swappedPower).toBe(1);
  }
  for (const { synthetic, threshold, swapped } of await of(true)) {
    expect(synthetic).toBeGreaterThan(threshold);
    expect(synthetic / swapped!).toBeGreaterThan(0.7);
  }
});

test("what a pool lacks of one class is filled up from the others, as far as they go", () => {
  expect(filledCounts([[], [1, 2, 3, 4, 5], [6, 7]], [2, 2, 2])).toEqual([0, 4, 2]);
  expect(filledCounts([[], [1, 2], [3]], [2, 2, 2])).toEqual([0, 2, 1]);
});
