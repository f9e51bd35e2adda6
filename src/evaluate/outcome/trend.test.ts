import { expect, test } from "vitest";
import { trendOf } from "./trend.ts";

const states = (...pairs: [number, number][]) =>
  pairs.map(([imagesSeen, distance]) => ({ imagesSeen, distance, score: distance }));

test("a distance that falls steadily is still improving", () => {
  const found = trendOf(states([10_000, 8], [20_000, 4.1], [30_000, 1.95], [40_000, 1]));
  expect(found).toMatchObject({ state: "improving", measurements: 4, from: 10_000, to: 40_000 });
  // Halved with every step: an eighth is left.
  expect(found.change!.value).toBeCloseTo(1 / 8 - 1, 2);
  expect(found.sentence).toMatch(
    /^Still improving: the distance from the real images fell by 8[78] % from 10,000 to 40,000 images seen \(95 % interval −\d+ % to −\d+ %, 4 measurements\)$/,
  );
});

test("only the last third counts where it has measurements enough, in any order and each once", () => {
  const flat = Array.from({ length: 5 }, (_, i) => [80_000 + 5_000 * i, 2 + 0.01 * (i % 2)] as [number, number]);
  const found = trendOf(states(...flat.reverse(), [10_000, 60], [20_000, 30], [100_000, 2]));
  expect(found).toMatchObject({ state: "still", measurements: 5, from: 80_000, to: 100_000 });
  expect(found.sentence).toMatch(/^No longer improving: the distance/);
});

test("a distance that rises is no longer improving", () => {
  const found = trendOf(states([1, 2], [2, 2.5], [3, 3.1], [4, 3.9]));
  expect(found.state).toBe("still");
  expect(found.sentence).toContain("rose by");
});

test("what jumps about, and what was measured less than three times, says nothing", () => {
  const found = trendOf(states([1_000, 8], [2_000, 3], [3_000, 9], [4_000, 4]));
  expect(found.state).toBe("unknown");
  expect(found.change!.low).toBeLessThan(0);
  expect(found.change!.high).toBeGreaterThan(0);
  expect(found.sentence).toMatch(
    /^Cannot say whether it is still improving: the distance from the real images fell by/,
  );
  expect(trendOf(states([16, 8])).sentence).toMatch(/was once measured, 3 measurements are needed$/);
  expect(trendOf([])).toMatchObject({ state: "unknown", change: null, measurements: 0, from: null, to: null });
});

test("the interval is that of least squares by Student's distribution", () => {
  // By hand: log distances 0, -0.1, -0.3, slope -0.15, residuals 0.0167, -0.0333, 0.0167, t of one degree 12.706.
  const found = trendOf(states([1, 1], [2, Math.exp(-0.1)], [3, Math.exp(-0.3)]));
  const half = 12.7062 * Math.sqrt((2 * (1 / 60) ** 2 + (1 / 30) ** 2) / 2);
  expect(Math.log1p(found.change!.low)).toBeCloseTo(2 * (-0.15 - half), 4);
  expect(Math.log1p(found.change!.high)).toBeCloseTo(2 * (-0.15 + half), 4);
});

test("states are followed by their score: one that learned its classes has improved, though it came no nearer", () => {
  const found = trendOf([8, 4, 2, 1].map((score, i) => ({ imagesSeen: 10_000 * (i + 1), distance: 1, score })));
  expect(found.state).toBe("improving");
  expect(found.sentence).toMatch(/the distance from the real images, divided by class agreement, fell by 88 %/);
});
