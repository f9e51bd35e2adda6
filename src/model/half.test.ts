import { describe, expect, test } from "vitest";
import { fromHalf, toHalf } from "./half.ts";

describe("half precision", () => {
  test("every number of its own comes back", () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, i) => i).filter((half) => (half & 0x7fff) <= 0x7c00);
    expect(toHalf(fromHalf(all))).toEqual(all);
  });

  // Values and bits as in the table of the Wikipedia article on half precision, and halves of steps by IEEE 754.
  test.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [1 / 3, 0x3555],
    [65_504, 0x7bff],
    [65_519, 0x7bff],
    [65_520, 0x7c00],
    [1023 * 2 ** -24, 0x03ff],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [1 + 1 / 2048, 0x3c00],
    [1 + 3 / 2048, 0x3c02],
    [2047.5 / 1024, 0x4000],
  ])("%s is %i", (value, half) => {
    expect(toHalf(Float32Array.of(value))[0]).toBe(half);
  });

  test("is within a 2048th of each normal number", () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 10 ** (i % 4));
    fromHalf(toHalf(values)).forEach((found, i) => {
      expect(Math.abs(found - values[i]!)).toBeLessThanOrEqual(Math.abs(values[i]!) / 2048);
    });
  });
});
