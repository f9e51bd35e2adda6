import { expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { median } from "./quantile.ts";
import { resampledMedian } from "./resampled-median.ts";

test("is the median of the values that were drawn, with repeats and ties", () => {
  const rng = new Rng(1, "draws");
  for (const n of [1, 2, 3, 10, 57, 200]) {
    const values = Float64Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 0.5 : rng.uniform()));
    const of = resampledMedian(values);
    for (let k = 0; k < 50; k++) {
      const indices = Int32Array.from({ length: 1 + rng.integer(2 * n) }, () => rng.integer(n));
      expect(of(indices)).toBe(median(Array.from(indices, (i) => values[i]!)));
    }
  }
  expect(resampledMedian([1, 2])(new Int32Array(0))).toBeNaN();
});
