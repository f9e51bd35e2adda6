import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Accountant, epsilonOf, epsilonSpent, noiseMultiplierFor } from "./accountant.ts";
import { ORDERS, renyiDivergence } from "./renyi.ts";

const file = join(process.env.GANGLION_SHARED ?? "../shared", "reference/dp-accountant.json");
const missing = !existsSync(file) && process.env.CI !== "true";
if (missing) console.warn(`skipped: ${file} is absent, so the accountant is not compared with others`);
const relative = (value: number, wanted: number) => Math.abs(value - wanted) / Math.abs(wanted);

describe.skipIf(missing)("the accountant equals independent ones", () => {
  const reference = missing ? {} : JSON.parse(readFileSync(file, "utf8"));

  test("divergences equal numeric integration", () => {
    const { noise_multiplier, q, count, orders, rdp } = reference.exact_numeric_integration;
    orders.forEach((order: number, i: number) => {
      const found = count * renyiDivergence(noise_multiplier, q, order);
      // Between whole numbers the reference carries 1e-9 of its sum; see the next test for more digits.
      const tolerance = Number.isInteger(order) ? 1e-9 : 1e-5;
      expect(relative(found, rdp[i]), `order ${order}`).toBeLessThan(tolerance);
    });
  });

  test("and what is published, where that is exact", () => {
    const { noise_multiplier, sampling_probability, count, orders, rdp, rtol } =
      reference.google_rdp_poisson_subsampled_gaussian;
    orders.forEach((order: number, i: number) => {
      const found = count * renyiDivergence(noise_multiplier, sampling_probability, order);
      // Between whole numbers the published ones are upper bounds.
      if (Number.isInteger(order)) expect(relative(found, rdp[i]), `order ${order}`).toBeLessThan(1e-6);
      else expect(found).toBeLessThan(rdp[i] * (1 + rtol));
    });
    const { alpha, sigma } = reference.google_rdp_gaussian;
    expect(relative(renyiDivergence(sigma, 1, alpha), alpha / (2 * sigma ** 2))).toBeLessThan(1e-12);
  });

  test("epsilon equals Opacus' and the conversion Google's", () => {
    for (const { noise_multiplier, sample_rate, steps, delta, epsilon } of reference.opacus_rdp_epsilon) {
      const mechanism = { noiseMultiplier: noise_multiplier, samplingRate: sample_rate, steps };
      expect(relative(epsilonSpent(mechanism, delta), epsilon)).toBeLessThan(1e-6);
    }
    const { rdp_constant, delta, epsilon, optimal_order } = reference.google_pure_dp;
    const orders = Array.from({ length: 31 }, (_, i) => i + 2);
    const found = epsilonOf(
      orders.map(() => rdp_constant),
      delta,
      orders,
    );
    expect(found.order).toBe(optimal_order);
    expect(relative(found.epsilon, epsilon)).toBeLessThan(1e-9);
  });
});

test("divergences between whole orders equal integrals of 40 digits", () => {
  // By mpmath: 50 log(quad(npdf(z, 0, 2.5) * ((1 - q) + q exp((2 z - 1) / 12.5))^order)) / (order - 1), q = 0.01.
  expect(relative(50 * renyiDivergence(2.5, 0.01, 1.5), 0.0006500708971896739)).toBeLessThan(1e-10);
  expect(relative(50 * renyiDivergence(2.5, 0.01, 2.5), 0.0010854180569174015)).toBeLessThan(1e-10);
});

test("the two ways to a moment agree where both go", () => {
  for (const [sigma, q] of [
    [0.6, 0.03],
    [1, 0.5],
    [4, 0.001],
  ]) {
    for (const order of [2, 5, 9]) {
      const beside = renyiDivergence(sigma!, q!, order + 1e-9);
      expect(relative(beside, renyiDivergence(sigma!, q!, order)), `${sigma} ${q} ${order}`).toBeLessThan(1e-6);
    }
  }
});

test("divergences grow with order, sampling rate and less noise, and end at the mechanism without sampling", () => {
  const at = ORDERS.map((order) => renyiDivergence(0.8, 0.02, order));
  at.slice(1).forEach((value, i) => {
    expect(value).toBeGreaterThan(at[i]!);
  });
  expect(renyiDivergence(0.8, 0.04, 3)).toBeGreaterThan(renyiDivergence(0.8, 0.02, 3));
  expect(renyiDivergence(0.7, 0.02, 3)).toBeGreaterThan(renyiDivergence(0.8, 0.02, 3));
  expect(renyiDivergence(0.8, 1, 3)).toBeCloseTo(3 / (2 * 0.64), 12);
  expect(renyiDivergence(0.8, 1 - 1e-12, 3)).toBeCloseTo(3 / (2 * 0.64), 8);
  expect(renyiDivergence(0, 0.02, 3)).toBe(Number.POSITIVE_INFINITY);
});

describe("the noise multiplier", () => {
  const plans = [
    { epsilon: 8, delta: 1e-5, samplingRate: 0.032, steps: 900 },
    { epsilon: 2, delta: 1e-5, samplingRate: 0.032, steps: 900 },
    { epsilon: 0.1, delta: 1e-6, samplingRate: 0.25, steps: 40 },
    { epsilon: 60, delta: 1e-5, samplingRate: 0.01, steps: 10 },
  ];
  test.each(plans)("is the least that stays within epsilon $epsilon", ({ epsilon, delta, ...rest }) => {
    const noiseMultiplier = noiseMultiplierFor({ epsilon, delta }, rest);
    expect(epsilonSpent({ ...rest, noiseMultiplier }, delta)).toBeLessThanOrEqual(epsilon);
    expect(epsilonSpent({ ...rest, noiseMultiplier: noiseMultiplier - 1e-4 }, delta)).toBeGreaterThan(epsilon);
  });

  test("is refused where none is enough", () => {
    expect(() => noiseMultiplierFor({ epsilon: 1e-6, delta: 1e-12 }, { samplingRate: 1, steps: 1000 })).toThrow(
      /no noise keeps 1000 steps below it/,
    );
  });
});

test("what is spent is 0 before the first step and grows with each", () => {
  const accountant = new Accountant({ noiseMultiplier: 1, samplingRate: 0.01 }, 1e-5);
  const spent = [0, 1, 2, 100].map((steps) => accountant.epsilon(steps));
  expect(spent[0]).toBe(0);
  for (const i of [1, 2, 3]) expect(spent[i]).toBeGreaterThan(spent[i - 1]!);
});
