import { expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { matrix } from "../../math/linear/linear64.ts";
import { referenceLinear64 } from "../../math/linear/reference-linear64.ts";
import { mean } from "../../math/mean.ts";
import { dividedEnergies, energyDistance, pairDistances } from "./energy.ts";

const linear = referenceLinear64();
const column = (...values: number[]) => matrix(values.length, 1, Float64Array.from(values));
const normal = (n: number, seed: number, shift = 0) =>
  matrix(
    n,
    4,
    new Rng("energy", seed).fillNormal(new Float64Array(4 * n)).map((value) => value + shift),
  );

test("by hand: twice the mean distance across less the mean distances within", async () => {
  // Across: 3, 5, 2, 4; within: 1 and 2.
  expect(await energyDistance(column(0, 1), column(3, 5), linear)).toBeCloseTo(2 * 3.5 - 1 - 2, 6);
});

test("0 on average for equal distributions, above it for others", async () => {
  const found: number[] = [];
  for (let seed = 0; seed < 40; seed++)
    found.push(await energyDistance(normal(20, seed), normal(30, 1000 + seed), linear));
  expect(Math.abs(mean(found))).toBeLessThan(0.05);
  expect(await energyDistance(normal(20, 1), normal(30, 2, 1), linear)).toBeGreaterThan(Math.max(...found));
});

test("random divisions of both together give what equal sets give: 5 % of equal sets lie above their 95 %", async () => {
  let alarms = 0;
  for (let seed = 0; seed < 60; seed++) {
    const both = normal(40, seed);
    const all = await pairDistances(both, both, linear);
    const rng = new Rng("divide", seed);
    const divided = dividedEnergies(all, 20, 60, (order) => void rng.shuffle(order)).sort((a, b) => a - b);
    const [own] = dividedEnergies(all, 20, 1, () => undefined);
    if (own! > divided[56]!) alarms++;
  }
  expect(alarms).toBeLessThan(9);
});
