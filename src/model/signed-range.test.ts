import { expect, test } from "vitest";
import { toBytes } from "./generator-file.ts";
import { toSignedRange } from "./signed-range.ts";

const levels = Uint8Array.from({ length: 256 }, (_, i) => i);

test("bytes map to [-1, 1], both ends exactly, and come back as they were", () => {
  const values = new Float32Array(256);
  toSignedRange(levels, values);
  expect([values[0], values[255]]).toEqual([-1, 1]);
  // Independent of the implementation: 255 steps of equal width.
  levels.forEach((level) => {
    expect(values[level]).toBeCloseTo(-1 + (2 * level) / 255, 6);
  });
  expect(toBytes(values)).toEqual(levels);
});

test("what lies beyond the bytes in the target stays as it was", () => {
  const values = new Float32Array(4).fill(7);
  toSignedRange(Uint8Array.of(0, 255), values);
  expect([...values]).toEqual([-1, 1, 7, 7]);
});
