import { describe, expect, test } from "vitest";
import { IDENTITY } from "../../likeness/similarity.ts";
import { jointScores } from "./joint.ts";
import { type CopyScores, type CopySearch, callOf } from "./search-copies.ts";

const match = (target: number, value: number, distinct: number) => ({
  target,
  value,
  distinct,
  similarity: IDENTITY,
  region: { left: 0, top: 0, right: 1, bottom: 1 },
});
/** Training images 0 and 1 are of one patient. */
const groups = Int32Array.of(7, 7, 8);
const found = { target: Int32Array.of(0, 0, 0, 0), score: Float64Array.of(0.5, 0.5, 0.5, 0.5) };
const structure = [match(0, 9, 8), match(1, 9, 8), match(2, 9, 8), null];
const joint = jointScores(found, structure, groups);

test("evidence counts where both searches find the same patient", () => {
  const together = 0.5 * Math.exp(-0.8);
  expect([...joint]).toEqual([together, together, 0.5, 0.5]);
});

describe("an image that neither search alone calls a copy", () => {
  const scores: CopyScores = {
    ...found,
    transform: new Uint8Array(4),
    distance: Float64Array.of(0.5, 0.5, 0.5, 0.5),
    structure,
    joint,
  };
  const searchOf = (jointLimit: number | null): CopySearch => ({
    space: "pixel",
    synthetic: scores,
    holdout: scores,
    planted: null,
    reference: { leaks: [], clean: [], reason: null },
    threshold: { value: 0.3, falseAlarms: 0.01, exponent: 8, n: 100 },
    structure: { limits: { value: 48, distinct: 16 }, leaks: [] },
    jointLimit,
  });

  test("is one by both where they agree, and says how it lies", () => {
    const calls = [0, 1, 2, 3].map((i) => callOf(searchOf(0.28), scores, i));
    expect(calls[0]).toMatchObject({ by: "both", target: 0, limit: 0.28, transform: "as it is" });
    expect(calls.map((call) => call?.target ?? null)).toEqual([0, 1, null, null]);
  });

  test("is none where the held-out images give no limit", () => {
    expect(callOf(searchOf(null), scores, 0)).toBeNull();
    expect(callOf(searchOf(0.2), scores, 0)).toBeNull();
  });
});
