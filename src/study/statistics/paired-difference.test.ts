import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import type { MeasuredTrial } from "./measure-trials.ts";
import { pairedDifference } from "./paired-difference.ts";
import { spreadTwoSided } from "./spread.ts";

const options = { alpha: 0.05, patients: 101 };

/** Trials of an arm whose resamples are the values plus what `added(seed, resample)` adds. */
function trials(arm: string, values: readonly number[], added: (s: number, r: number) => number): MeasuredTrial[] {
  return values.map((value, seed) => ({
    arm,
    seed,
    value,
    resampled: Float64Array.from({ length: 400 }, (_, r) => value + added(seed, r)),
  }));
}
const none = () => 0;

describe("an arm against its control", () => {
  test("with nothing from patients is the paired t-test: 4 seeds by hand", () => {
    // Differences 0.01 0.03 0.02 0.04: mean 0.025, variance 0.0005 / 3, standard error sqrt(0.0005 / 12) = 0.00645497.
    // t 3.87298, 3 degrees of freedom: p 0.030466 (scipy.stats.ttest_rel); t(0.025, 3) = 3.182446.
    const found = pairedDifference(
      trials("a", [0.71, 0.83, 0.72, 0.84], none),
      trials("c", [0.7, 0.8, 0.7, 0.8], none),
      options,
    );
    expect(found.value).toBeCloseTo(0.025, 12);
    expect([found.arm, found.control]).toEqual([expect.closeTo(0.775, 12), expect.closeTo(0.75, 12)]);
    expect(found.standardError).toBeCloseTo(0.0064549722, 9);
    expect(found.spread!.seedShare).toBeCloseTo(1, 9);
    expect(found.p).toBeCloseTo(0.030466, 5);
    expect(found.interval!.low).toBeCloseTo(0.025 - 3.182446 * 0.0064549722, 7);
    expect(found.interval!.high).toBeCloseTo(0.025 + 3.182446 * 0.0064549722, 7);
    expect(found.patientVariance).toBeLessThan(1e-24);
  });

  test("adds what patients do to all seeds, and leaves out what they do to one, which is in the spread of seeds", () => {
    const rng = new Rng(1, "paired");
    const shared = Float64Array.from({ length: 400 }, () => 0.02 * rng.normal());
    const own = Array.from({ length: 4 }, () => Float64Array.from({ length: 400 }, () => 0.05 * rng.normal()));
    const arm = trials("a", [0.71, 0.83, 0.72, 0.84], (s, r) => shared[r]! + own[s]![r]!);
    const found = pairedDifference(arm, trials("c", [0.7, 0.8, 0.7, 0.8], none), options);
    expect(found.seedVariance).toBeCloseTo(0.0005 / 3, 12);
    // 0.02^2 within the noise of 400 resamples; were each seed's own part counted, it would be 0.0004 + 0.0025 / 4.
    expect(Math.abs(found.patientVariance! / 0.0004 - 1)).toBeLessThan(0.25);
    // Resampling P patients gives (P - 1) / P of a variance: put right for 5 as for 101.
    const few = pairedDifference(arm, trials("c", [0.7, 0.8, 0.7, 0.8], none), { alpha: 0.05, patients: 5 });
    expect(few.patientVariance! / found.patientVariance!).toBeCloseTo(5 / 4 / (101 / 100), 9);
    expect(found.standardError).toBeCloseTo(Math.sqrt(found.seedVariance! / 4 + found.patientVariance!), 12);
    const seedShare = found.seedVariance! / 4 / found.standardError! ** 2;
    expect(found.spread).toEqual({ seedShare: expect.closeTo(seedShare, 12), seedFreedom: 3, patientFreedom: 100 });
    const { low, high } = found.interval!;
    expect(spreadTwoSided((high - low) / 2 / found.standardError!, found.spread!)).toBeCloseTo(0.05, 9);
    expect(found.p).toBeCloseTo(spreadTwoSided(found.value / found.standardError!, found.spread!), 12);
  });

  test("what the resampled patients do to both arms alike cancels", () => {
    const rng = new Rng(2, "paired");
    const shared = Float64Array.from({ length: 400 }, () => 0.2 * rng.normal());
    const both = (_: number, r: number) => shared[r]!;
    const found = pairedDifference(trials("a", [0.5, 0.6, 0.7], both), trials("c", [0.4, 0.6, 0.6], both), options);
    expect(found.patientVariance).toBeLessThan(1e-12);
  });

  test("pairs seeds by their number and uses those that both have", () => {
    const arm = trials("a", [0.5, 0.6, 0.7, 0.8], none).reverse();
    const control = trials("c", [0.4, 0.6, 0.6], none);
    const found = pairedDifference(arm, control, options);
    expect(found.seeds).toEqual([0, 1, 2]);
    expect(found.value).toBeCloseTo(0.2 / 3, 12);
    expect(found.arm).toBeCloseTo(0.6, 12);
  });

  test("has no interval with two seeds, and none that would be sure where nothing varies", () => {
    expect(pairedDifference(trials("a", [1, 1], none), trials("c", [0, 0.1], none), options)).toMatchObject({
      interval: null,
      p: 1,
      value: 0.95,
    });
    const steady = pairedDifference(trials("a", [1, 1, 1], none), trials("c", [0.5, 0.5, 0.5], none), options);
    expect(steady).toMatchObject({ value: 0.5, interval: null, p: 1 });
    const equal = pairedDifference(trials("a", [1, 1, 1], none), trials("c", [1, 1, 1], none), options);
    expect(equal).toMatchObject({ value: 0, interval: { low: 0, high: 0 }, p: 1 });
    // 0.7 - 0.6 and 0.9 - 0.8 differ in the last bit: that is no variance.
    const rounded = pairedDifference(trials("a", [0.7, 0.9, 0.7], none), trials("c", [0.6, 0.8, 0.6], none), options);
    expect(rounded).toMatchObject({ interval: null, p: 1 });
    expect(pairedDifference([], [], options)).toMatchObject({ seeds: [], interval: null, value: Number.NaN });
  });
});
