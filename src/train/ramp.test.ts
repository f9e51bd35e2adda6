import { expect, test } from "vitest";
import { LEVEL, rampAt, rampSchema } from "./ramp.ts";

const fall = { from: 0.5, until: 1, first: 1, last: 0.2 };

test("a ramp stays, moves between its two shares, and stays", () => {
  const at = (shape: "linear" | "cosine") => [0, 0.5, 0.75, 1].map((share) => rampAt({ ...fall, shape }, share));
  expect(at("linear")).toEqual([1, 1, 0.6, expect.closeTo(0.2, 12)]);
  expect(at("cosine")).toEqual([1, 1, expect.closeTo(0.6, 12), expect.closeTo(0.2, 12)]);
  // A quarter of the way along, half a cosine is flatter than a line.
  expect(rampAt({ ...fall, shape: "cosine" }, 0.625)).toBeCloseTo(0.2 + 0.8 * ((1 + Math.SQRT1_2) / 2), 12);
});

test("one without extent jumps, a level one is 1", () => {
  const jump = { from: 0.3, until: 0.3, first: 3, last: 5, shape: "linear" } as const;
  expect([0.29, 0.3, 1].map((share) => rampAt(jump, share))).toEqual([3, 5, 5]);
  expect([0, 0.4, 1].map((share) => rampAt(LEVEL, share))).toEqual([1, 1, 1]);
});

test("shares lie in order, between 0 and 1", () => {
  expect(rampSchema.safeParse({ ...LEVEL, from: 0.6, until: 0.5 }).error?.issues[0]?.message).toMatch(/swap them/);
  expect(rampSchema.safeParse({ ...LEVEL, until: 1.5 }).success).toBe(false);
});
