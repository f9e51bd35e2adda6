import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { structureReference, sureEvidence } from "./structure-limit.ts";

/** Evidence of unrelated images: an exponential tail. */
const unrelated = (n: number, scale: number, seed: number): number[] => {
  const rng = new Rng(seed, "evidence");
  return Array.from({ length: n }, () => 1 - scale * Math.log(1 - rng.between(0, 1)));
};
const none = () => false;
const SURE_EVIDENCE = sureEvidence(64);
const LIMITS = { queries: 500, falseAlarms: 0.015, sure: SURE_EVIDENCE };

describe("the limit of evidence", () => {
  test("lies above what unrelated images reach and below what is sure", () => {
    for (const scale of [0.4, 0.8]) {
      const { limit, leaks } = structureReference(unrelated(200, scale, 1), none, LIMITS);
      expect(leaks).toEqual([]);
      expect(limit).toBeGreaterThan(Math.max(...unrelated(500, scale, 2)));
      expect(limit).toBeLessThan(SURE_EVIDENCE);
    }
  });

  test.each([0.02, 0.1, 0.2, 0.3])("hardly moves with a share of %d near duplicates, which are found", (share) => {
    const clean = unrelated(200, 0.5, 3);
    const n = Math.round(200 * share);
    const mixed = clean.map((value, i) => (i < n ? 30 + (i % 40) : value));
    const [one, other] = [clean, mixed].map((list) => structureReference(list, none, LIMITS));
    expect(other!.leaks).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(other!.limit).toBeLessThan(1.3 * one!.limit);
  });

  test("never passes what is sure, whatever the held-out images are", () => {
    const doubtful = unrelated(200, 0.5, 4).map((value, i) => (i < 60 ? 15 + (i % 9) : value));
    expect(structureReference(doubtful, none, LIMITS).limit).toBeLessThanOrEqual(SURE_EVIDENCE);
    expect(structureReference([], none, LIMITS)).toMatchObject({ limit: SURE_EVIDENCE, leaks: [] });
    expect(structureReference(new Array(100).fill(0), none, LIMITS).limit).toBeGreaterThan(3);
  });
});
