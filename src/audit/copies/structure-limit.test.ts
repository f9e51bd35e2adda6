import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { type Evidence, LEAST_EVIDENCE, SURE_EVIDENCE, structureReference } from "./structure-limit.ts";

/** Evidence of unrelated images: an exponential tail, of which other images have all but a third. */
const unrelated = (n: number, scale: number, seed: number): Evidence[] => {
  const rng = new Rng(seed, "evidence");
  return Array.from({ length: n }, () => {
    const value = 1 - scale * Math.log(1 - rng.between(0, 1));
    return { value, distinct: value / 3 };
  });
};
const none = () => false;
const LIMITS = { queries: 500, falseAlarms: 0.015, repeats: none };
const KINDS = ["value", "distinct"] as const;
const most = (list: readonly Evidence[], kind: keyof Evidence) => Math.max(...list.map((match) => match[kind]));

describe("the limits of evidence", () => {
  test("lie above what unrelated images reach and below what is sure", () => {
    for (const scale of [1.8, 2.2]) {
      const { limits, leaks } = structureReference(unrelated(200, scale, 1), none, LIMITS);
      expect(leaks).toEqual([]);
      for (const kind of KINDS) {
        expect(limits[kind]).toBeGreaterThan(most(unrelated(500, scale, 2), kind));
        expect(limits[kind]).toBeLessThan(SURE_EVIDENCE[kind]);
      }
    }
  });

  test.each([0.02, 0.1, 0.2, 0.3])("hardly move with a share of %d near duplicates, which are found", (share) => {
    const clean = unrelated(200, 1.8, 3);
    const n = Math.round(200 * share);
    const mixed = clean.map((match, i) => (i < n ? { value: 30 + (i % 40), distinct: 20 + (i % 9) } : match));
    const [one, other] = [clean, mixed].map((list) => structureReference(list, none, LIMITS));
    expect(other!.leaks).toEqual(Array.from({ length: n }, (_, i) => i));
    for (const kind of KINDS) expect(other!.limits[kind]).toBeLessThan(1.3 * one!.limits[kind]);
  });

  test("hardly move with near duplicates of little evidence that the comparison of whole images is sure of", () => {
    const clean = unrelated(200, 1.8, 3);
    const mixed = clean.map((match, i) => (i < 20 ? { value: 25 + i, distinct: 6 + (i % 9) } : match));
    const one = structureReference(clean, none, LIMITS);
    const told = structureReference(mixed, none, { ...LIMITS, repeats: (i) => i < 20 });
    for (const kind of KINDS) expect(told.limits[kind]).toBeLessThan(1.3 * one.limits[kind]);
    expect(structureReference(mixed, none, LIMITS).limits).toEqual(SURE_EVIDENCE);
  });

  test("evidence in full is not believed below what the rim of a lens alone reaches, the part that sets apart is", () => {
    const { limits } = structureReference(unrelated(200, 0.3, 5), none, LIMITS);
    expect(limits.value).toBe(LEAST_EVIDENCE);
    expect(limits.distinct).toBeLessThan(LEAST_EVIDENCE / 3);
  });

  test("images that share the rim of a lens are no near duplicates, and leave only what is sure", () => {
    const rims = unrelated(200, 0.5, 4).map((match, i) => (i < 6 ? { value: 18 + (i % 5), distinct: 0.8 } : match));
    const { limits, leaks } = structureReference(rims, none, LIMITS);
    expect(leaks).toEqual([]);
    expect(limits.value).toBe(SURE_EVIDENCE.value);
    expect(limits.distinct).toBeLessThan(SURE_EVIDENCE.distinct);
  });

  test("never pass what is sure, whatever the held-out images are", () => {
    const doubtful = unrelated(200, 0.5, 4).map((match, i) => (i < 60 ? { value: 15 + (i % 9), distinct: 9 } : match));
    for (const list of [doubtful, []]) {
      for (const kind of KINDS) {
        expect(structureReference(list, none, LIMITS).limits[kind]).toBeLessThanOrEqual(SURE_EVIDENCE[kind]);
      }
    }
    expect(structureReference([], none, LIMITS)).toEqual({ limits: SURE_EVIDENCE, leaks: [] });
    const nothing = new Array<null>(100).fill(null);
    expect(structureReference(nothing, none, LIMITS).limits.value).toBe(LEAST_EVIDENCE);
  });
});
