import { expect, test } from "vitest";
import { percentFixed, percentSignificant, percentUpTo } from "./percent.ts";

test("decimals are fixed, at most so many, or significant digits", () => {
  expect([0, 0.07, 0.0726, 1].map((share) => percentFixed(share, 1))).toEqual(["0.0 %", "7.0 %", "7.3 %", "100.0 %"]);
  expect([0.005, 0.125, 0.995].map((share) => percentFixed(share))).toEqual(["1 %", "13 %", "100 %"]);
  expect([0, 0.07, 0.0725, 0.95].map((share) => percentUpTo(share, 2))).toEqual(["0 %", "7 %", "7.25 %", "95 %"]);
  const shares = [0, 0.00012, 0.0456, 0.5, 0.996, 1];
  expect(shares.map((share) => percentSignificant(share, 2))).toEqual([
    "0 %",
    "0.012 %",
    "4.6 %",
    "50 %",
    "100 %",
    "100 %",
  ]);
});
