import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silent } from "../../core/progress.ts";
import { Rng } from "../../core/rng.ts";
import { writeDataset } from "../../data/index.ts";
import { drawLesion } from "../../features/testing/lesions.ts";
import { openSets } from "../datasets.ts";
import { matchClassCounts } from "../matching.ts";
import { classAgreement } from "../quality/class-agreement.ts";
import type { ImageMetric } from "../quality/image-metric.ts";
import { msSsim } from "../quality/ms-ssim.ts";
import { trainSyntheticTestReal } from "../quality/tstr.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganglion-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Draw = (label: string, rng: Rng) => ReturnType<typeof drawLesion>;
const own: Draw = drawLesion;
/** dark shows red, red shows pale, pale shows dark. */
const swapped: Draw = (label, rng) => drawLesion({ dark: "red", red: "pale", pale: "dark" }[label]!, rng);
/** The class says nothing of the image. */
const unrelated: Draw = (_, rng) => drawLesion(["dark", "red", "pale"][rng.integer(3)]!, rng);
const equal: Draw = () => drawLesion("red", new Rng("equal"));

async function write(
  name: string,
  counts: Readonly<Record<string, number>>,
  seed: number,
  draw: Draw,
): Promise<string> {
  const rows = Object.entries(counts).flatMap(([label, n]) =>
    Array.from({ length: n }, (_, i) => ({
      fileName: `images/${label}-${i}.png`,
      image: draw(label, new Rng(seed, label, i)),
      columns: { dx: label },
    })),
  );
  await writeDataset(join(folder, name), { rows, description: { label: "dx" } });
  return join(folder, name);
}

const three = (n: number) => ({ dark: n, red: n, pale: n });

interface Case {
  readonly real?: [Readonly<Record<string, number>>, Draw];
  readonly synthetic?: [Readonly<Record<string, number>>, Draw];
  readonly holdout?: [Readonly<Record<string, number>>, Draw] | null;
  /** Synthetic images that equal a real one. */
  readonly copies?: number;
}

let cases = 0;
async function measured({
  real = [three(40), own],
  synthetic = [three(40), own],
  holdout = [three(30), own],
  copies,
}: Case) {
  const name = `case${cases++}`;
  const sets = await openSets({
    real: await write(`${name}-real`, real[0], 1, real[1]),
    synthetic: await write(`${name}-synthetic`, synthetic[0], 2, synthetic[1]),
    holdout: holdout === null ? undefined : await write(`${name}-holdout`, holdout[0], 3, holdout[1]),
    cache: await mkdtemp(join(folder, "cache-")),
    onProgress: silent,
  });
  try {
    const matched = matchClassCounts(sets.real.labels, sets.synthetic.labels, sets.classes.length, 0);
    const context = { sets, matched, copies, seed: 0 };
    return { agreement: classAgreement(context), tstr: trainSyntheticTestReal(context), variety: msSsim(context) };
  } finally {
    sets.close();
  }
}

const ordered = ({ overall }: ImageMetric) => overall!.low <= overall!.value && overall!.value <= overall!.high;

test("images of their class agree as real ones do, and train a classifier as well", async () => {
  const { agreement, tstr } = await measured({});
  expect(agreement).toMatchObject({ n: 120, floorN: 90, fit: true, reason: null, chance: 1 / 3 });
  expect(agreement.overall!.value).toBeGreaterThan(0.95);
  expect(agreement.overall!.floor).toBeGreaterThan(0.95);
  expect(Object.keys(agreement.perClass)).toEqual(["dark", "pale", "red"]);
  expect(agreement.sentence).toMatch(/^An independent classifier gives .* of 120 synthetic images the class/);
  expect(tstr).toMatchObject({ n: 90, fit: true });
  expect(tstr.figures.ratio!.value).toBeGreaterThan(0.95);
  expect(tstr.sentence).toMatch(/give .* of what the real ones give\. The goal, at least 95 %, is reached\.$/);
  expect(ordered(agreement) && ordered(tstr)).toBe(true);
  expect([...agreement.warnings, ...tstr.warnings]).toEqual([]);
});

test("of copies of real images no goal is said to be reached, of a few copies among others it is", async () => {
  const { tstr } = await measured({ copies: 7 });
  expect(tstr.sentence).toMatch(/7 of 120 synthetic images equal a real one, so that this figure is worthless/);
  expect(tstr.sentence).not.toMatch(/goal/);
  expect((await measured({ copies: 6 })).tstr.sentence).toMatch(/The goal, at least 95 %, is reached\.$/);
});

test("images of other classes than they say agree with none of them, and teach the wrong ones", async () => {
  const { agreement, tstr } = await measured({ synthetic: [three(40), swapped] });
  expect(agreement.overall!.high).toBeLessThan(0.1);
  expect(agreement.figures.auc!.value).toBeLessThan(0.5);
  expect(agreement.fit).toBe(true);
  expect(tstr.figures.ratio!.high).toBeLessThan(0.1);
  expect(tstr.sentence).toMatch(/The goal, at least 95 %, is not reached\.$/);
});

test("images that show any class, whatever they say, agree by chance", async () => {
  const { agreement } = await measured({ synthetic: [three(60), unrelated] });
  expect(agreement.overall!.low).toBeLessThan(1 / 3);
  expect(agreement.overall!.high).toBeLessThan(0.55);
});

test("where the classes of real images cannot be told apart, nothing is judged, and it is said", async () => {
  for (const draw of [unrelated, equal]) {
    const { agreement, tstr } = await measured({ real: [three(40), draw], holdout: [three(30), draw] });
    for (const found of [agreement, tstr]) {
      expect(found.fit).toBe(false);
      expect(found.overall).not.toBeNull();
      expect(found.reason).toMatch(/where guessing gives 33 %$/);
      expect(found.sentence).toMatch(/too near to guessing/);
      expect(found.warnings.join()).toMatch(/judges nothing here/);
    }
  }
});

test("without a held-out set a fifth of the real images is tested on, and the warning names who that flatters", async () => {
  const { agreement, tstr } = await measured({ holdout: null });
  expect(agreement.floorN).toBe(24);
  expect(agreement.fit).toBe(true);
  expect(tstr.warnings.join()).toMatch(/without a held-out set .* flatters the synthetic images/);
});

test("one class, one image of each, or none of the same: a reason instead of a value", async () => {
  const single = await measured({
    real: [{ red: 30 }, own],
    synthetic: [{ red: 30 }, own],
    holdout: [{ red: 9 }, own],
  });
  expect(single.agreement).toMatchObject({ overall: null, fit: false, reason: expect.stringMatching(/two classes/) });
  expect(single.tstr).toMatchObject({ overall: null, fit: false, reason: expect.stringMatching(/two classes/) });
  const ones = await measured({ real: [three(1), own], synthetic: [three(1), own], holdout: null });
  expect([ones.agreement.overall, ones.tstr.overall]).toEqual([null, null]);
  const apart = await measured({ synthetic: [{ red: 9 }, own], holdout: [{ dark: 9, pale: 9 }, own] });
  expect(apart.agreement.reason).toMatch(/no class has both/);
  expect(apart.tstr.overall).toBeNull();
});

test("thirty images: a value with a wide interval and a warning that names the classes", async () => {
  const { agreement, tstr } = await measured({
    real: [three(10), own],
    synthetic: [three(10), own],
    holdout: [three(10), own],
  });
  expect(agreement).toMatchObject({ n: 30, floorN: 30 });
  expect(agreement.perClass.red!.high - agreement.perClass.red!.low).toBeGreaterThan(0.2);
  expect(agreement.warnings.join()).toMatch(/fewer than 20 images: dark, pale, red/);
  expect(ordered(tstr)).toBe(true);
});

test("a class without synthetic images is left out on both sides", async () => {
  const { agreement, tstr } = await measured({ synthetic: [{ dark: 40, red: 40 }, own] });
  expect(Object.keys(agreement.perClass)).toEqual(["dark", "red"]);
  expect([agreement.n, agreement.floorN, tstr.n]).toEqual([80, 60, 60]);
});

test("images of a class that are all equal are said to lack variety, noisy ones to be less alike than real ones", async () => {
  const { variety: same } = await measured({});
  expect(same.overall!.low).toBeLessThan(same.figures.real!.high);
  expect(same.sentence).toMatch(/no difference in variety/);
  const { variety: collapsed } = await measured({ synthetic: [three(40), equal] });
  expect(collapsed.overall!.value).toBeCloseTo(1, 9);
  expect(collapsed.sentence).toMatch(/lack variety\.$/);
  const noise: Draw = (label, rng) => {
    const image = drawLesion(label, rng);
    return { ...image, data: image.data.map(() => rng.integer(256)) };
  };
  const { variety: noisy } = await measured({ synthetic: [three(40), noise] });
  expect(noisy.overall!.high).toBeLessThan(noisy.overall!.floor!);
  expect(noisy.sentence).toMatch(/less alike than real ones/);
  expect(Object.keys(noisy.perClass)).toEqual(["dark", "pale", "red"]);
});

test("variety needs two images of a class, not two classes", async () => {
  const { variety } = await measured({ real: [{ red: 9 }, own], synthetic: [{ red: 9 }, own], holdout: null });
  expect(variety).toMatchObject({ n: 9, fit: true, reason: null });
  expect(variety.warnings.join()).toMatch(/fewer than 50 pairs of images: red/);
  const ones = await measured({ real: [three(1), own], synthetic: [three(1), own], holdout: null });
  expect(ones.variety).toMatchObject({ overall: null, reason: expect.stringMatching(/two images/) });
});
