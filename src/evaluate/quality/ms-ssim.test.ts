import { expect, test } from "vitest";
import { msSsimOf, scalesOf } from "./ms-ssim.ts";

/** Waves with Park-Miller noise, in 0..1 nearly. */
function picture(side: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: side * side }, (_, i) => {
    state = (48271 * state) % 2147483647;
    const [x, y] = [i % side, Math.floor(i / side)];
    return 0.5 + 0.3 * Math.sin((x + seed / 20) / 7) * Math.cos(y / 9) + 0.4 * (state / 2147483647 - 0.5);
  });
}

// pytorch-msssim 1.0.0 in float64: its `_ssim` with a Gaussian window (11, 1.5) in float64, K (0.01, 0.03), data_range 1, on
// each scale (avg_pool2d(2, padding = side % 2) between them), relu, the first n weights over their sum. Its `ms_ssim`
// itself takes images from 161 px on and has a float32 window: 0.78510677 at 176 px.
test.each([
  [28, 2, 0.49897813734516006],
  [32, 2, 0.4741673133052287],
  [33, 2, 0.5217744524125248],
  [45, 3, 0.687628766832391],
  [64, 3, 0.6884971020918853],
  [176, 5, 0.7851252247157477],
])("MS-SSIM of %i px on %i scales equals pytorch-msssim's", (side, scales, expected) => {
  expect(scalesOf(side)).toBe(scales);
  expect(msSsimOf(picture(side, 11), picture(side, 23), side)).toBeCloseTo(expected, 11);
});

test("equal images have 1, the order does not matter, and opposite ones have 0", () => {
  const [a, b] = [picture(32, 1), picture(32, 500)];
  expect(msSsimOf(a, a, 32)).toBeCloseTo(1, 12);
  expect(msSsimOf(a, b, 32)).toBeCloseTo(msSsimOf(b, a, 32), 12);
  expect(
    msSsimOf(
      a,
      a.map((value) => 1 - value),
      32,
    ),
  ).toBe(0);
  const flat = new Float64Array(32 * 32).fill(0.3);
  expect(msSsimOf(flat, flat, 32)).toBeCloseTo(1, 12);
});
