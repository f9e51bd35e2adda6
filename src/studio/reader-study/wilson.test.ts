import { expect, test } from "vitest";
import { wilsonShare } from "../../math/wilson.ts";

// By hand: n 10, z^2 3.841459, 1 + z^2/n 1.3841459; hits 1: centre (0.1 + 0.19207295) / 1.3841459 = 0.21101320,
// reach 1.959964 sqrt(0.009 + 0.0096036475) / 1.3841459 = 0.19313717.
test("the interval of 1 in 10 is that computed by hand", () => {
  const { value, low, high } = wilsonShare(1, 10);
  expect(value).toBe(0.1);
  expect(low).toBeCloseTo(0.017876, 5);
  expect(high).toBeCloseTo(0.40415, 5);
});

// Newcombe 1998, doi 10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I, method 3 (score method).
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])("the interval of %d in %d is that of Newcombe", (hits, n, low, high) => {
  const found = wilsonShare(hits, n);
  expect(found.low).toBeCloseTo(low, 4);
  expect(found.high).toBeCloseTo(high, 4);
});

test("hits and misses mirror each other, and nothing is known of no answers", () => {
  const [few, many] = [wilsonShare(3, 17), wilsonShare(14, 17)];
  expect(few.low).toBeCloseTo(1 - (many.high as number), 12);
  expect(wilsonShare(20, 20).high).toBe(1);
  expect(wilsonShare(0, 0)).toEqual({ hits: 0, n: 0, value: null, low: null, high: null });
});
