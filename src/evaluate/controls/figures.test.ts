import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { bootstrap } from "../../math/bootstrap.ts";
import { median } from "../../math/quantile.ts";
import { assignedClasses, measureCondition } from "./condition.ts";
import { dilated, pairChange, summariseChange } from "./outside.ts";
import { boxedRegion, intersectionOverUnion, ratioOfMedians, regionOfBoxes, summariseOverlap } from "./region.ts";
import { averageRanks, measureTone, rankCorrelation } from "./tone.ts";

const rng = () => new Rng(0, "test");
/** Region of rows of text: `#` inside. */
const region = (...rows: string[]) => Uint8Array.from(rows.join(""), (c) => (c === "#" ? 255 : 0));

describe("intervals", () => {
  test("of a mean: the normal interval, within a tenth of its width; equal seeds give equal intervals", () => {
    const values = Float64Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const mean = (indices: Int32Array) => indices.reduce((sum, i) => sum + values[i]!, 0) / indices.length;
    const found = bootstrap(400, mean, rng())!;
    const half = 1.96 * Math.sqrt((0.25 * 0.75) / 400);
    expect(found.value).toBe(0.25);
    expect(Math.abs(found.low - (0.25 - half))).toBeLessThan(0.2 * half);
    expect(Math.abs(found.high - (0.25 + half))).toBeLessThan(0.2 * half);
    expect(bootstrap(400, mean, rng())).toEqual(found);
  });

  test("there is none where the figure is not defined, and undefined resamples are left out", () => {
    expect(bootstrap(0, () => 1, rng())).toBeNull();
    expect(bootstrap(3, () => Number.NaN, rng())).toBeNull();
    expect(bootstrap(3, (i) => (i[0] === 0 ? 2 : Number.NaN), rng())).toEqual({ value: 2, low: 2, high: 2 });
  });

  test("median of even and odd lists", () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
    expect(median([])).toBeNaN();
  });
});

describe("condition", () => {
  test("shares, mean over conditions and confusion of five images", () => {
    const found = measureCondition([0, 0, 0, 0, 1], [0, 0, 1, 1, 0], ["a", "b", "c"], rng());
    expect(found.n).toBe(5);
    expect(found.share!.value).toBeCloseTo(2 / 5, 12);
    expect(found.balanced!.value).toBeCloseTo((2 / 4 + 0) / 2, 12);
    expect(Object.entries(found.perClass).map(([name, { n, value }]) => [name, n, value])).toEqual([
      ["a", 4, 0.5],
      ["b", 1, 0],
    ]);
    expect(found.confusion).toEqual([
      [2, 2, 0],
      [1, 0, 0],
      [0, 0, 0],
    ]);
    expect(found.share!.low).toBeLessThan(2 / 5);
    expect(found.share!.high).toBeGreaterThan(2 / 5);
  });

  test("assigned is the greatest logit of each row", () => {
    expect([...assignedClasses(Float32Array.of(0, 2, 1, 5, -1, -2), 3)]).toEqual([1, 0]);
  });
});

describe("region", () => {
  const a = region("####", "####", "....", "....");
  const b = region("....", "####", "####", "....");
  test("intersection over union: a third, everything, nothing", () => {
    expect(intersectionOverUnion(a, b)).toBeCloseTo(1 / 3, 12);
    expect(intersectionOverUnion(a, a)).toBe(1);
    expect(intersectionOverUnion(a, region("....", "....", "####", "...."))).toBe(0);
    expect(intersectionOverUnion(new Uint8Array(4), new Uint8Array(4))).toBe(1);
  });

  test("boxes around a form are filled, in both ways of naming them", () => {
    const cross = region(".#..", "###.", ".#..", "....");
    const box = region("###.", "###.", "###.", "....");
    expect(boxedRegion(cross, 4)).toEqual(box);
    expect(regionOfBoxes([{ xMin: 0, yMin: 0, xMax: 0.75, yMax: 0.75 }], 4)).toEqual(box);
    expect(intersectionOverUnion(cross, box)).toBeCloseTo(5 / 9, 12);
  });

  test("median and quartiles of all and per class", () => {
    const found = summariseOverlap([0, 0.5, 0.6, 0.9], [0, 0, 1, 1], ["a", "b", "c"], rng());
    expect(found.median!.value).toBeCloseTo(0.55, 12);
    expect([found.lowerQuartile, found.upperQuartile]).toEqual([0.375, expect.closeTo(0.675, 12)]);
    expect(found.perClass.a!.median.value).toBeCloseTo(0.25, 12);
    expect(found.perClass.b!.median.value).toBeCloseTo(0.75, 12);
    expect(Object.keys(found.perClass)).toEqual(["a", "b"]);
    expect(summariseOverlap([], [], ["a"], rng())).toMatchObject({ n: 0, median: null, lowerQuartile: null });
  });

  test("ratio of medians", () => {
    const found = ratioOfMedians(Float64Array.of(0.2, 0.4, 0.6), Float64Array.of(0.8, 0.8, 0.8), rng())!;
    expect(found.value).toBeCloseTo(0.5, 12);
    expect([found.low, found.high]).toEqual([expect.closeTo(0.25, 12), expect.closeTo(0.75, 12)]);
    expect(ratioOfMedians(Float64Array.of(1), Float64Array.of(0), rng())).toBeNull();
  });
});

describe("tone", () => {
  test("equal values share the average of their ranks", () => {
    expect([...averageRanks([10, 20, 20, 5])]).toEqual([2, 3.5, 3.5, 1]);
  });

  test("rank correlation with ties, by hand: ranks 1 2.5 2.5 4 against 1 2 3.5 3.5", () => {
    // Deviations -1.5 0 0 1.5 and -1.5 -0.5 1 1; products 2.25 + 1.5, squares 4.5 and 4.5.
    expect(rankCorrelation([1, 2, 2, 3], [1, 2, 6, 6])).toBeCloseTo(3.75 / 4.5, 12);
    expect(rankCorrelation([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
    expect(rankCorrelation([1, 2, 3], [6, 4, 2])).toBeCloseTo(-1, 12);
    expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNaN();
  });

  test("table of asked by estimated tones, and the share that is the same", () => {
    const found = measureTone([1, 2, 2, 6], [1, 2, 3, 6], rng());
    expect(found.exact!.value).toBe(0.75);
    expect(found.table[1]).toEqual([0, 1, 1, 0, 0, 0]);
    expect(found.table[5]).toEqual([0, 0, 0, 0, 0, 1]);
    expect(measureTone([2, 2], [1, 3], rng()).correlation).toBeNull();
  });
});

describe("change outside of the region", () => {
  const size = 6;
  const inside = region("......", ".#....", "......", "......", "......", "......");

  test("a region grows by rows and columns and stops at the border", () => {
    expect(dilated(inside, size, 1)).toEqual(region("###...", "###...", "###...", "......", "......", "......"));
  });

  test("mean absolute differences inside, outside and not in the margin, over all channels", () => {
    const first = new Uint8Array(2 * 36).fill(100);
    const second = first.slice();
    second[7] = 130; // inside, first channel
    second[36 + 7] = 90; // inside, second channel
    second[0] = 255; // margin: does not count
    second[35] = 73; // outside, 27 pixels in each channel
    expect(pairChange(first, second, inside, size)).toEqual({ inside: (30 + 10) / 2, outside: 27 / 54 });
    expect(pairChange(first, second, new Uint8Array(36), size)).toBeNull();
    expect(pairChange(first, second, new Uint8Array(36).fill(255), size)).toBeNull();
  });

  test("the ratio is that of the means", () => {
    const found = summariseChange(
      [
        { outside: 1, inside: 2 },
        { outside: 3, inside: 14 },
      ],
      rng(),
    );
    expect([found.n, found.outside!.value, found.inside!.value, found.ratio!.value]).toEqual([2, 2, 8, 0.25]);
    expect(summariseChange([], rng())).toEqual({ n: 0, outside: null, inside: null, ratio: null });
  });
});
