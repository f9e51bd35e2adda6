import { describe, expect, test } from "vitest";
import type { Estimates } from "../metrics-file.ts";
import { METRICS } from "../quality/registry.ts";
import { type Evidence, verdictOf } from "./verdict.ts";
import type { LikenessBlock, SelfTest } from "./verdict-schema.ts";

const NOTHING = Object.fromEntries(METRICS.map((name) => [name, null])) as Estimates;
const PRAISE = /close to the real|resemble|cannot be told/;

type Likeness = NonNullable<LikenessBlock>;

/** What an extractor found: so far from real images, all else as other real images. */
function features(share: number, more: Partial<Likeness> = {}, overall = NOTHING) {
  const half = { value: 0.5, floor: 0.5, noise: 0.98 };
  const likeness: Likeness = {
    n: 120,
    draws: 10,
    control: "unseen",
    energy: { value: 10 * share ** 2, floor: 0, threshold: 0.05, noise: 10 },
    share,
    told: share > 0 ? 1 : 0,
    blur: share < 0.9 ? 2 * share : null,
    fid: { value: 1, floor: 1, noise: 50 },
    kid: { value: 0, floor: 0, deviation: 1 },
    oneNearestNeighbour: half,
    coverage: { value: 0.95, floor: 0.95 },
    modes: { value: 0.05, floor: 0.05, told: 0 },
    classes: {},
    ...more,
  };
  return { overall, likeness: likeness as LikenessBlock, perClass: {}, perAttribute: {} };
}

const rung = (degradation: SelfTest["ladder"][number]["degradation"], strength: number, detected = true) => ({
  degradation,
  strength,
  share: 0.5,
  grade: "unlike" as const,
  detected,
  power: detected ? 1 : 0,
});
const THUMBNAILS = "half of the thumbnails missing";
const FIT: SelfTest = {
  fit: true,
  reason: null,
  skill: null,
  ladder: [
    rung("blur", 0.5),
    rung("blur", 2),
    rung("swapped classes", 1),
    rung("half of the modes missing", 0.5),
    rung(THUMBNAILS, 0.5),
  ],
  skipped: [],
};
const BLIND: SelfTest = {
  ...FIT,
  fit: false,
  reason: "on 120 images per side it does not distinguish real images from a blur of 2 px",
};
const GUESSING: SelfTest = { ...BLIND, reason: "its classifier is hardly better than chance" };

function verdict(
  found: Record<string, [ReturnType<typeof features>, SelfTest]>,
  perClass: Record<string, { n: number; floorN: number }> = { a: { n: 120, floorN: 60 } },
  imageMetrics?: Evidence["imageMetrics"],
) {
  const entries = Object.entries(found);
  return verdictOf({
    features: Object.fromEntries(entries.map(([name, [own]]) => [name, own])),
    selfTest: Object.fromEntries(entries.map(([name, [, own]]) => [name, own])),
    protocol: { perClass, perAttribute: {} } as unknown as Evidence["protocol"],
    imageMetrics,
  });
}

test("a fit extractor gives each grade its sentence, with the place on the ladder", () => {
  const found = [0, 0.1, 0.3, 0.6, 1.2].map((share) => verdict({ multiscale: [features(share), FIT] }));
  expect(found.map(({ grade }) => grade)).toEqual(["indistinguishable", "close", "partial", "unlike", "noise"]);
  expect(found[0]!.sentence).toMatch(/cannot be told from real images by these tests, on 120 images per side$/);
  expect(found[1]!.sentence).toMatch(/close to the real images.*: as far from them as a blur of 0.2 px$/);
  expect(found[3]!.sentence).toMatch(/clearly differ.*: as far from them as a blur of 1.2 px$/);
  expect(found[4]!.place).toBe("images without content");
  for (const { sentence } of found.slice(3)) expect(sentence).not.toMatch(PRAISE);
});

test("what is as far as images without content is said to be so, in the headline and in the reason, whatever blur is as far", () => {
  const found = verdict({ multiscale: [features(0.95, { blur: 1.9 }), FIT] });
  expect(found).toMatchObject({ grade: "noise", place: "images without content" });
  expect(found.reasons[0]).toMatch(/as far from the real ones as images without content \(/);
  expect(found.reasons[0]).not.toMatch(/blur/);
});

test("the reasons are plain sentences, fidelity first, then diversity, then classes, each beside other real images", () => {
  const own = { n: 40, told: true, share: 0.3, swapped: 0.4 };
  const block = features(0.3, {
    classes: { a: own, b: { ...own, told: false, swapped: 0.2 } },
    coverage: { value: 0.6, floor: 0.95 },
  });
  const { reasons, parts } = verdict(
    { multiscale: [block, FIT] },
    { a: { n: 60, floorN: 30 }, b: { n: 60, floorN: 30 } },
  );
  expect(reasons[0]).toMatch(/as far from the real ones as a blur of 0.6 px \(distance 0.900, other real images 0,/);
  expect(reasons[1]).toMatch(/60 % of the real images have a synthetic image near them, 95 % have another real image;/);
  expect(reasons[2]).toMatch(
    /real ones of their class .* by 30 % of what images of another class would; most of all a, by 40 %/,
  );
  expect(parts).toEqual({ fidelity: "partial", diversity: "partial", classes: "partial", groups: "partial" });
});

describe("the worst part decides", () => {
  const good = { n: 40, told: false, share: 0, swapped: 0 };
  const two = { a: { n: 60, floorN: 30 }, b: { n: 60, floorN: 30 } };
  test("real images that cover half of the others", () => {
    const found = verdict({ multiscale: [features(0, { coverage: { value: 0.5, floor: 0.95 } }), FIT] });
    expect(found).toMatchObject({ grade: "partial", parts: { fidelity: "indistinguishable", diversity: "partial" } });
    expect(found.sentence).toBe("The synthetic images resemble part of the real images");
  });
  test("real images with swapped classes", () => {
    const swapped = { ...good, told: true, swapped: 1, share: 0.15 };
    const found = verdict({ multiscale: [features(0, { classes: { a: swapped, b: swapped } }), FIT] }, two);
    expect(found).toMatchObject({ grade: "unlike", parts: { fidelity: "indistinguishable", classes: "unlike" } });
  });
  test("one class far from its images", () => {
    const far = { ...good, told: true, share: 0.6, swapped: 0.2 };
    const found = verdict({ multiscale: [features(0.1, { classes: { a: good, b: far } }), FIT] }, two);
    expect(found).toMatchObject({ grade: "unlike", parts: { fidelity: "close", groups: "unlike" } });
    expect(found.reasons.join("\n")).toMatch(/the class farthest from its real images is b: 0.600 of the way/);
  });
  test("classes that an independent classifier does not find, where it is fit", () => {
    const metric = (value: number, fit = true) => ({
      classAgreement: { overall: { value, high: value + 0.05, floor: 0.8 }, chance: 0.5, fit, sentence: "It says so." },
    });
    const of = (value: number, fit = true) => verdict({ multiscale: [features(0), FIT] }, two, metric(value, fit));
    expect(of(0.79).grade).toBe("indistinguishable");
    expect(of(0.7)).toMatchObject({ grade: "close", parts: { classes: "close" } });
    expect(of(0.6).grade).toBe("partial");
    expect(of(0.5).grade).toBe("unlike");
    expect(of(0.5).reasons).toContain("It says so.");
    expect(of(0.5, false)).toMatchObject({ grade: "close", parts: { classes: "unknown" } });
  });
  test("recall and coverage of all images must reach those of real ones for the best", () => {
    const lacking = { ...NOTHING, recall: { value: 0.85, low: 0.81, high: 0.88, floor: 0.97 } };
    expect(verdict({ multiscale: [features(0, {}, lacking), FIT] })).toMatchObject({
      grade: "close",
      parts: { diversity: "close" },
    });
  });
});

test("an extractor that is blind or guesses has no say, good or bad; the sentence says why and the reasons what would help", () => {
  for (const test of [BLIND, GUESSING]) {
    for (const share of [0, 1.2]) {
      const found = verdict({ encoder: [features(share), test] });
      expect(found.grade).toBe("unknown");
      expect(found.sentence).toBe(
        `Cannot say how close the synthetic images are to the real ones: encoder: ${test.reason}`,
      );
      expect(found.reasons.at(-1)).toMatch(/What would help: --features multiscale.*--holdout.*onnx:PATH/);
    }
  }
});

test("with several extractors the least favourable of the fit ones decides, and those left out are named", () => {
  expect(verdict({ encoder: [features(0), FIT], multiscale: [features(0.3), FIT] }).grade).toBe("partial");
  expect(verdict({ encoder: [features(0.6), FIT], multiscale: [features(0), FIT] }).grade).toBe("unlike");
  const left = verdict({ encoder: [features(1.2), BLIND], multiscale: [features(0.1), FIT] });
  expect(left.grade).toBe("close");
  expect(left.reasons.at(-1)).toMatch(/^Has no say: encoder: .* does not distinguish/);
});

test("what no test would have noticed gives no praise: missing kinds no grade at all, classes at most close", () => {
  const two = { a: { n: 9, floorN: 9 }, b: { n: 9, floorN: 9 } };
  const ladder = (...missed: string[]) => FIT.ladder.filter(({ degradation }) => !missed.includes(degradation));
  const without = (...missed: string[]) => ({ ...FIT, ladder: ladder(...missed) });
  const modes = "half of the modes missing";
  const unseeing = verdict({ multiscale: [features(0), without(modes, THUMBNAILS, "swapped classes")] }, two);
  expect(unseeing).toMatchObject({ grade: "unknown", parts: { classes: "unknown", diversity: "unknown" } });
  expect(unseeing.sentence).toBe(
    "Cannot say how close the synthetic images are to the real ones: no difference was found, but on 120 images per side missing kinds of images and swapped classes would not be noticed",
  );
  expect(unseeing.reasons.at(-1)).toMatch(/^What would help: /);
  const half = { ...FIT, ladder: [...ladder(THUMBNAILS), rung(THUMBNAILS, 0.5, false)] };
  const far = verdict({ multiscale: [features(0.1), half] });
  expect(far.grade).toBe("unknown");
  expect(far.sentence).toMatch(/what was seen lies as far from them as a blur of 0.2 px, but on 120 images/);
  // What is bad remains bad, and another extractor may see.
  expect(verdict({ multiscale: [features(0.6), half] }).grade).toBe("unlike");
  expect(verdict({ multiscale: [features(0), half], encoder: [features(0), FIT] }).grade).toBe("indistinguishable");
  const classes = verdict({ multiscale: [features(0), without("swapped classes")] }, two);
  expect(classes).toMatchObject({ grade: "close", parts: { classes: "unknown", diversity: "indistinguishable" } });
  expect(classes.sentence).toMatch(/^No difference .* was found, but on 120 images per side swapped classes would not/);
});

test("a set told from real images by its kinds is part of them, and where it is nearly told nothing can be said", () => {
  const kinds = (value: number, told: number, halfDeviation = 3) =>
    features(0, { missing: { features: { value, threshold: 4, half: 12, halfDeviation, told } } });
  const grade = (value: number, told: number) => verdict({ multiscale: [kinds(value, told), FIT] }).grade;
  expect(grade(0, 0)).toBe("indistinguishable");
  expect(grade(1.1, 0)).toBe("indistinguishable");
  expect(grade(11, 1)).toBe("partial");
  // Told or not, so far that half of the kinds may be missing.
  // Beyond a tenth of the way, nearer to being told than a half, or where sets without half of the kinds may lie.
  expect(grade(1.3, 0)).toBe("unknown");
  expect(verdict({ multiscale: [kinds(1.1, 0, 6.2), FIT] }).grade).toBe("unknown");
  expect(grade(2.9, 1)).toBe("unknown");
  expect(
    verdict({
      multiscale: [
        features(0, { missing: { features: { value: 1.3, threshold: 2.5, half: 40, halfDeviation: 3, told: 0 } } }),
        FIT,
      ],
    }).grade,
  ).toBe("unknown");
  expect(grade(7, 1)).toBe("unknown");
  expect(grade(7, 0.2)).toBe("unknown");
  expect(verdict({ multiscale: [kinds(11, 1), FIT] }).reasons.join("\n")).toMatch(
    /by features, they lie 92 % of the way to real images without half of their kinds/,
  );
});

test("too few images give no verdict; a missing class is at most part of the real images", () => {
  const few = { ...features(0), likeness: null };
  const test = { ...BLIND, reason: "12 images per side can be compared fairly, 30 are needed" };
  expect(verdict({ multiscale: [few, test] }).sentence).toMatch(/^Cannot say .* 12 images per side .* 30 are needed$/);
  const lacking = verdict({ multiscale: [features(0), FIT] }, { a: { n: 120, floorN: 60 }, b: { n: 0, floorN: 0 } });
  expect(lacking.grade).toBe("partial");
  expect(lacking.reasons.join("\n")).toContain("There are no synthetic images of b.");
});

test("a set that lies nearer to the real images than they do to each other is said to be as copies are", () => {
  const copies = features(0, { oneNearestNeighbour: { value: 0.1, floor: 0.54, noise: 1 } });
  expect(verdict({ multiscale: [copies, FIT] }).sentence).toMatch(
    /^The synthetic images cannot be told .*; they are nearer to the real images than real images are to each other, as copies are$/,
  );
  const unseeing = { ...FIT, ladder: FIT.ladder.filter(({ degradation }) => degradation === "blur") };
  expect(verdict({ multiscale: [copies, unseeing] }).sentence).toMatch(
    /^Cannot say .*would not be noticed; .*copies are$/,
  );
  expect(verdict({ multiscale: [features(0), FIT] }).sentence).not.toMatch(/copies/);
});
