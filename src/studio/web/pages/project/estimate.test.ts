import { expect, test } from "vitest";
import { atMinutes, qualityWord, type TrainEstimate } from "./estimate.ts";

const run = (coverage: number) => ({ coverage, imagesSeen: 1, resolution: 32, data: "d" });

test("one word says what trainings around came to, and none where nobody measured one", () => {
  expect(qualityWord(null)).toBe("unknown");
  expect(qualityWord({ below: null, above: run(0.04) })).toBe("blur");
  expect(qualityWord({ below: run(0.04), above: run(0.3) })).toBe("edge");
  expect(qualityWord({ below: null, above: run(0.3) })).toBe("edge");
  expect(qualityWord({ below: run(0.3), above: null })).toBe("recognisable");
});

test("a length that was not asked for has no forecast", () => {
  const estimate = { minutes: 12.3, images: 5, expected: null, budgets: [{ minutes: 60, images: 9, expected: null }] };
  const at = (minutes: number) => atMinutes(estimate as unknown as TrainEstimate, minutes)?.images;
  expect([at(60), at(12.34), at(30)]).toEqual([9, 5, undefined]);
});
