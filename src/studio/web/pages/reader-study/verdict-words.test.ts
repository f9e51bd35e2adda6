import { expect, test } from "vitest";
import type { Share, StudyResults } from "../../../api.ts";
import { verdictWords } from "./verdict-words.ts";

const share = (hits: number, n: number): Share => ({ hits, n, value: n === 0 ? null : hits / n, low: 0, high: 1 });
const results = (hits: readonly [number, number], n: number, difference: StudyResults["verdict"]["difference"]) => ({
  rows: [{ reader: "all", label: "all", truePositive: share(hits[0], n), falsePositive: share(hits[1], n) }],
  kappa: null,
  verdict: {
    toldApart: difference === null ? null : difference.low > 0 || difference.high < 0,
    sentence: "",
    difference,
  },
});

test("a verdict has its text and its figures", () => {
  expect(verdictWords(results([3, 1], 4, null))).toEqual({
    key: "reader.verdict.few",
    values: { synthetic: 4, real: 4 },
  });
  expect(verdictWords(results([18, 6], 20, { value: 0.6, low: 0.3, high: 0.8 }))).toEqual({
    key: "reader.verdict.told",
    values: { synthetic: "90 %", real: "30 %", value: "+60", low: "+30", high: "+80", n: 40 },
  });
  expect(verdictWords(results([6, 18], 20, { value: -0.6, low: -0.8, high: -0.3 })).key).toBe(
    "reader.verdict.reversed",
  );
  expect(verdictWords(results([10, 10], 20, { value: 0, low: -0.3, high: 0.3 })).key).toBe("reader.verdict.not");
});
