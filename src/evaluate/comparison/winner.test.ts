import { expect, test } from "vitest";
import type { MetricName } from "../quality/registry.ts";
import { type ComparedMetric, type GradedSet, winnerOf } from "./winner.ts";

const graded = (name: string, grade = "partial"): GradedSet => ({
  name,
  verdict: { grade: grade as "partial", sentence: `Sentence of ${grade}` },
});
const at = (value: number, half = 0.1) => ({ value, low: value - half, high: value + half });
const metric = (
  name: MetricName,
  floor: number,
  values: Record<string, number>,
  extractor = "multiscale",
): ComparedMetric => ({
  extractor,
  metric: name,
  floor,
  sets: Object.fromEntries(Object.entries(values).map(([set, value]) => [set, at(value)])),
});

test("a set that is better by half of the metrics and worse by none wins, in words", () => {
  const metrics = [
    metric("fid", 1, { a: 9, b: 3 }),
    metric("kid", 0, { a: 5, b: 2 }),
    metric("coverage", 2, { a: 0.5, b: 0.55 }),
    metric("recall", 2, { a: 0.5, b: 0.45 }),
  ];
  expect(winnerOf([graded("a"), graded("b")], metrics)).toEqual({
    set: "b",
    sentence: "b is better than a by these tests: better than a by FID, KID; worse by none",
  });
  // One of four is no half.
  expect(winnerOf([graded("a"), graded("b")], metrics.slice(1)).set).toBeNull();
  expect(winnerOf([graded("a"), graded("b")], metrics.slice(1)).sentence).toBe(
    "No set is better than the other by these tests: b is better than a only by KID",
  );
});

test("one metric that speaks for the other set, or a better grade of it, is enough against", () => {
  const metrics = [metric("fid", 1, { a: 9, b: 3 }), metric("kid", 0, { a: 5, b: 2 })];
  const other = metric("coverage", 2, { a: 1.2, b: 0.4 }, "radiomics");
  expect(winnerOf([graded("a"), graded("b")], [...metrics, other])).toEqual({
    set: null,
    sentence: "No set is better than the other by these tests: a is better than b by Coverage, worse by FID, KID",
  });
  expect(winnerOf([graded("a", "close"), graded("b")], metrics).set).toBeNull();
  expect(winnerOf([graded("a"), graded("b", "close")], metrics).set).toBe("b");
});

test("of three sets the best is better than every other; what is beyond the floor counts as equal", () => {
  const sets = [graded("a"), graded("b"), graded("c")];
  expect(winnerOf(sets, [metric("fid", 1, { a: 9, b: 3, c: 6 })])).toMatchObject({
    set: "b",
    sentence: "b is better than a, c by these tests: better than a by FID; than c by FID; worse by none",
  });
  expect(winnerOf(sets, [metric("fid", 1, { a: 9, b: 3, c: 3 })])).toEqual({
    set: null,
    sentence: "No set is better than all others by these tests: b is better than a by FID, but not than every other",
  });
  expect(winnerOf(sets, [metric("fid", 4, { a: 1, b: 3, c: 2 })]).sentence).toMatch(
    /intervals overlap in every metric$/,
  );
});

test("without a fit extractor nothing is said", () => {
  const unknown = [graded("a", "unknown"), graded("b", "unknown")];
  expect(winnerOf(unknown, [])).toEqual({ set: null, sentence: "Cannot say which set is better: Sentence of unknown" });
  expect(winnerOf([graded("a"), graded("b", "unknown")], []).sentence).toBe(
    "Cannot say which set is better: no extractor passed its self-test for every set",
  );
});

test("a long list of metrics is counted in the sentence, a short one named", () => {
  const metrics = (["recall", "precision", "density", "coverage", "betaRecall"] as const).map((name) =>
    metric(name, 9, { a: 1, b: 3 }),
  );
  const against = metric("alphaPrecision", 9, { a: 3, b: 1 });
  expect(winnerOf([graded("a"), graded("b")], metrics).sentence).toMatch(/better than a by 5 metrics; worse by none$/);
  expect(winnerOf([graded("a"), graded("b")], [...metrics, against]).sentence).toBe(
    "No set is better than the other by these tests: a is better than b by α-precision, worse by 5 metrics",
  );
});
