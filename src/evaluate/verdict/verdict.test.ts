import { describe, expect, test } from "vitest";
import type { Estimates } from "../metrics-file.ts";
import { mostBy, verdictOf } from "./verdict.ts";
import type { LikenessBlock, SelfTest } from "./verdict-schema.ts";

/** [value, low, high, floor] by metric. */
function estimates(kid: number[], recall: number[], coverage: number[]): Estimates {
  const named = (numbers: number[]) => ({ value: numbers[0], low: numbers[1], high: numbers[2], floor: numbers[3] });
  return { kid: named(kid), recall: named(recall), coverage: named(coverage) } as unknown as Estimates;
}

const SAME_KID = [0.02, -0.08, 0.2, 0.015];
const FULL = [0.96, 0.94, 0.98, 0.97];
const ALIKE = estimates(SAME_KID, FULL, FULL);
const PRAISE = /close to the real|resemble|cannot be distinguished/;

/** What an extractor found: FID so many times that of other real images, all else as they. */
function features(fid: number, overall = ALIKE) {
  const half = { value: 0.5, floor: 0.5 };
  const likeness = {
    n: 120,
    draws: 10,
    control: "unseen" as const,
    fid: { value: fid, floor: 1, noise: 50 },
    kid: { value: 0, floor: 0, deviation: 1 },
    oneNearestNeighbour: { ...half, noise: 0.5 },
    coverage: { value: 1, floor: 1 },
  };
  return { overall, likeness, perClass: {}, perAttribute: {} };
}

const FIT: SelfTest = { fit: true, reason: null, skill: null, ladder: [] };
const BLIND: SelfTest = {
  ...FIT,
  fit: false,
  reason: "it does not distinguish real images blurred by 2 px from real images",
};
const GUESSING: SelfTest = {
  ...BLIND,
  reason: "its classifier is hardly better than chance",
  skill: { balancedAccuracy: 0.42, low: 0.36, high: 0.48, chance: 1 / 3, n: 180 },
};

type Block = Omit<ReturnType<typeof features>, "likeness"> & { readonly likeness: LikenessBlock };

function verdict(found: Record<string, [Block, SelfTest]>, perClass = { a: { n: 120, floorN: 60 } }) {
  const entries = Object.entries(found);
  const protocol = { perClass } as unknown as Parameters<typeof verdictOf>[0]["protocol"];
  return verdictOf({
    features: Object.fromEntries(entries.map(([name, [own]]) => [name, own])),
    selfTest: Object.fromEntries(entries.map(([name, [, own]]) => [name, own])),
    protocol,
  });
}

describe("what all images allow at most", () => {
  const lacking = [0.85, 0.81, 0.88, 0.97];
  test("the best only where KID, recall and coverage all reach their floors", () => {
    expect(mostBy(ALIKE)).toBe("indistinguishable");
    expect(mostBy(estimates(SAME_KID, FULL, lacking))).toBe("close");
    expect(mostBy(estimates(SAME_KID, lacking, FULL))).toBe("close");
    expect(mostBy(estimates([0.3, 0.2, 0.4, 0.015], FULL, FULL))).toBe("close");
  });
  test("and no more than the share of real images covered", () => {
    expect(mostBy(estimates(SAME_KID, FULL, [0.5, 0.4, 0.6, 0.97]))).toBe("partial");
    expect(mostBy(estimates(SAME_KID, FULL, [0.1, 0.05, 0.2, 0.97]))).toBe("unlike");
  });
});

test("a fit extractor gives each grade its sentence", () => {
  const grades = [1, 2, 4, 10, 60].map((fid) => verdict({ encoder: [features(fid), FIT] }));
  expect(grades.map(({ grade }) => grade)).toEqual(["indistinguishable", "close", "partial", "unlike", "noise"]);
  expect(grades[0]!.sentence).toMatch(
    /cannot be distinguished from real images by these tests, on 120 images per side$/,
  );
  expect(new Set(grades.map(({ sentence }) => sentence)).size).toBe(5);
  for (const { sentence } of grades.slice(3)) expect(sentence).not.toMatch(PRAISE);
});

test("an extractor near chance says nothing, good or bad; the sentence says why and the reasons what would help", () => {
  for (const fid of [1, 60]) {
    const found = verdict({ encoder: [features(fid), GUESSING] });
    expect(found.grade).toBe("unknown");
    expect(found.sentence).toMatch(/^Cannot say .*: encoder: its classifier is hardly better than chance$/);
    expect(found.reasons.at(-1)).toMatch(/What would help: .*--features radiomics.*--holdout.*onnx:PATH/);
  }
});

test("an extractor that failed its self-test praises nothing and may still find images bad", () => {
  expect(verdict({ encoder: [features(1), BLIND] })).toMatchObject({ grade: "unknown" });
  expect(verdict({ encoder: [features(4), BLIND] }).sentence).toMatch(/^Cannot say/);
  expect(verdict({ encoder: [features(10), BLIND] })).toMatchObject({ grade: "unlike" });
});

test("with several extractors the least favourable of the fit ones decides, and those left out are named", () => {
  expect(verdict({ encoder: [features(1), FIT], radiomics: [features(4), FIT] }).grade).toBe("partial");
  expect(verdict({ encoder: [features(10), FIT], radiomics: [features(1), FIT] }).grade).toBe("unlike");
  const left = verdict({ encoder: [features(1), BLIND], radiomics: [features(2), FIT] });
  expect(left.grade).toBe("close");
  expect(left.reasons.join("\n")).toMatch(/Not used for a good grade: encoder: it does not distinguish/);
});

test("too few images give no verdict; a missing class is at most part of the real images", () => {
  const few = { ...features(1), likeness: null };
  const test = { ...BLIND, reason: "12 images per side can be compared fairly, 30 are needed" };
  expect(verdict({ encoder: [few, test] }).sentence).toMatch(/^Cannot say .* 12 images per side .* 30 are needed$/);
  const lacking = verdict({ encoder: [features(1), FIT] }, {
    a: { n: 120, floorN: 60 },
    b: { n: 0, floorN: 0 },
  } as never);
  expect(lacking.grade).toBe("partial");
  expect(lacking.reasons[0]).toBe("There are no synthetic images of b.");
});
