import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import type { ImageScorer } from "../model/image-scorer.ts";
import { writeTestRun } from "../model/testing/run.ts";
import { BURN_IN, type Choice, type Choosing, choose, DIVERSE_BLOCK, highest } from "./choose.ts";
import { drawBatch } from "./draw.ts";
import { farthestFirst } from "./farthest-first.ts";
import { acceptanceNumber, candidateSeed, fillLatent } from "./latent.ts";
import { Rejection } from "./rejection.ts";
import { openRun, type Run } from "./run-folder.ts";
import { type PickingSampler, parseSampler, samplerText } from "./sampler.ts";

let run: Run;
const CLASSES = ["a", "b"];

beforeAll(async () => {
  const folder = join(await temporaryFolder(), "run");
  await writeTestRun(folder, CLASSES);
  run = await openRun(folder, { threads: 1 });
});
afterAll(() => run.close());

const choosing = (seed = 4, scorer: () => Promise<ImageScorer> = () => run.scorer()): Choosing => ({
  generator: run.generator,
  scorer,
  seed,
  scored: () => undefined,
});

async function chosen(text: string, classIndex: number, wanted: number, using = choosing()): Promise<Choice[]> {
  const found: Choice[] = [];
  for await (const choice of choose(parseSampler(text) as PickingSampler, classIndex, wanted, using))
    found.push(choice);
  return found;
}

/** Logits of the first n candidates of a class, each drawn and scored alone: the slow way. */
async function bruteLogits(classIndex: number, from: number, n: number, seed = 4): Promise<number[]> {
  const scorer = await run.scorer();
  const logits: number[] = [];
  for (let k = from; k < from + n; k++) {
    const draw = { seed: candidateSeed(seed, CLASSES[classIndex]!, k), classIndex };
    logits.push(...(await scorer.logits(await drawBatch(run.generator, [draw], 1), [classIndex])));
  }
  return logits;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe("seeds", () => {
  test("are whole numbers below 2^53, all different over classes, indices and seeds", () => {
    const seeds = new Set<number>();
    for (const seed of [0, 1])
      for (const name of CLASSES) for (let k = 0; k < 5000; k++) seeds.add(candidateSeed(seed, name, k));
    expect(seeds.size).toBe(20_000);
    for (const seed of seeds) expect(Number.isSafeInteger(seed) && seed >= 0).toBe(true);
    expect([...seeds].filter((seed) => seed > 2 ** 52).length).toBeGreaterThan(9000);
  });

  test("give standard normal latents, and psi multiplies them", () => {
    const z = new Float32Array(20_000);
    fillLatent(12, 1, z);
    expect(mean([...z])).toBeCloseTo(0, 1);
    expect(mean([...z].map((v) => v * v))).toBeCloseTo(1, 1);
    const half = new Float32Array(20_000);
    fillLatent(12, 0.5, half);
    expect(half.every((v, i) => v === z[i]! / 2)).toBe(true);
  });
});

describe("best and worst", () => {
  test("are the highest and lowest logits of the pool, in that order", async () => {
    const logits = await bruteLogits(1, 0, 36);
    const order = logits.map((_, k) => k).sort((a, b) => logits[b]! - logits[a]! || a - b);
    const best = await chosen("best:4", 1, 9);
    expect(best.map(({ seed }) => seed)).toEqual(order.slice(0, 9).map((k) => candidateSeed(4, "b", k)));
    expect(best.map(({ score }) => score)).toEqual(order.slice(0, 9).map((k) => logits[k]));
    const worst = await chosen("worst:4", 1, 9);
    expect(worst.map(({ score }) => score)).toEqual(
      order
        .slice(-9)
        .reverse()
        .map((k) => logits[k]),
    );
    const random = mean(logits.slice(0, 9));
    expect(mean(best.map(({ score }) => score!))).toBeGreaterThan(random);
    expect(mean(worst.map(({ score }) => score!))).toBeLessThan(random);
  });

  test("of a pool as large as the number wanted are all of it", async () => {
    const all = (await chosen("best:1", 0, 20)).map(({ seed }) => seed);
    expect(new Set(all)).toEqual(new Set((await chosen("random", 0, 20)).map(({ seed }) => seed)));
  });

  test("ties go to the earlier candidate", () => expect(highest([1, 3, 3, 2], 3)).toEqual([1, 2, 3]));
});

describe("diverse", () => {
  const points = fc.array(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 2 }), {
    minLength: 1,
    maxLength: 14,
  });
  const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!);

  test("always takes the farthest point, and covers at most twice as wide as the best choice there is", () => {
    fc.assert(
      fc.property(points, fc.nat(), fc.nat(), (all, n, s) => {
        const wanted = 1 + (n % Math.min(4, all.length));
        const start = s % all.length;
        const found = farthestFirst(Float32Array.from(all.flat()), 2, wanted, start);
        expect(new Set(found).size).toBe(wanted);
        expect(found[0]).toBe(start);
        const near = (k: number, centres: readonly number[]) =>
          Math.min(...centres.map((c) => distance(all[k]!, all[c]!)));
        for (let i = 1; i < wanted; i++) {
          const before = found.slice(0, i);
          const farthest = Math.max(...all.map((_, k) => near(k, before)));
          expect(near(found[i]!, before)).toBeCloseTo(farthest, 9);
        }
        const radius = (centres: readonly number[]) => Math.max(...all.map((_, k) => near(k, centres)));
        let least = Number.POSITIVE_INFINITY;
        for (let mask = 1; mask < 1 << all.length; mask++) {
          const centres = all.map((_, k) => k).filter((k) => mask & (1 << k));
          if (centres.length === wanted) least = Math.min(least, radius(centres));
        }
        expect(radius(found)).toBeLessThanOrEqual(2 * least + 1e-9);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test("lies further apart in feature space than random images", async () => {
    const scorer = await run.scorer();
    const leastDistance = async (choices: readonly Choice[]) => {
      const width = scorer.featureLength;
      const features: Float32Array[] = [];
      for (const { seed, classIndex } of choices) {
        features.push(await scorer.features(await drawBatch(run.generator, [{ seed, classIndex }], 1)));
      }
      let least = Number.POSITIVE_INFINITY;
      features.forEach((a, i) => {
        for (const b of features.slice(0, i)) {
          let sum = 0;
          for (let j = 0; j < width; j++) sum += (a[j]! - b[j]!) ** 2;
          least = Math.min(least, Math.sqrt(sum));
        }
      });
      return least;
    };
    const diverse = await chosen("diverse:4", 0, 12);
    expect(new Set(diverse.map(({ seed }) => seed)).size).toBe(12);
    const pool = new Set((await chosen("random", 0, 48)).map(({ seed }) => seed));
    expect(diverse.every(({ seed }) => pool.has(seed))).toBe(true);
    expect(await leastDistance(diverse)).toBeGreaterThan(1.2 * (await leastDistance(await chosen("random", 0, 12))));
  });

  test("picks in blocks, each from a pool of its own, so that its work grows with the count and not its square", async () => {
    const asked: number[] = [];
    const scorer = {
      featureLength: 1,
      features: async (images: Uint8Array) => {
        asked.push(images.length / 192);
        return Float32Array.from({ length: images.length / 192 }, (_, i) => i + asked.length);
      },
    } as unknown as ImageScorer;
    const fake = { ...choosing(4, async () => scorer) };
    const generator = {
      ...run.generator,
      draw: async (_: Float32Array, of: ArrayLike<number>) => new Uint8Array(of.length * 192),
    };
    const found = await chosen("diverse:1", 0, DIVERSE_BLOCK + 5, { ...fake, generator });
    expect(new Set(found.map(({ seed }) => seed)).size).toBe(DIVERSE_BLOCK + 5);
    const first = new Set(Array.from({ length: DIVERSE_BLOCK }, (_, k) => candidateSeed(4, "a", k)));
    expect(found.slice(0, DIVERSE_BLOCK).every(({ seed }) => first.has(seed))).toBe(true);
  });
});

describe("rejection", () => {
  test("has the odds exp(F - gamma), where sigmoid(F) is the density ratio over its bound", () => {
    // q uniform on four values, p given, the logit log p / q: rejection from q must accept with p / max p.
    const p = [0.1, 0.2, 0.3, 0.4];
    const logits = p.map((v) => Math.log(v / 0.25));
    const rejection = new Rejection(logits, 0);
    for (const [i, logit] of logits.entries()) {
      const below = logit - logits[3]!;
      const f = below - Math.log(1 - Math.exp(below - 1e-8));
      expect(1 / (1 + Math.exp(-f))).toBeCloseTo(p[i]! / p[3]!, 6);
      const probability = rejection.probability(logit);
      expect(Math.log(probability / (1 - probability))).toBeCloseTo(f - rejection.gamma, 5);
    }
  });

  test("accepts more of higher logits, even odds at the percentile, fewer with a higher one", () => {
    const rng = new Rng(8, "logits");
    const burnIn = Array.from({ length: 1001 }, () => rng.normal());
    const sorted = [...burnIn].sort((a, b) => a - b);
    for (const percentile of [0, 50, 80, 95]) {
      const rejection = new Rejection(burnIn, percentile);
      expect(rejection.probability(sorted[Math.floor(10 * percentile)]!)).toBeCloseTo(0.5, 9);
      const odds = sorted.map((logit) => rejection.probability(logit));
      odds.forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(odds[Math.max(0, i - 1)]!);
      });
    }
    const rate = (percentile: number) => {
      const rejection = new Rejection(burnIn, percentile);
      return mean(sorted.map((logit) => rejection.probability(logit)));
    };
    expect(rate(50)).toBeGreaterThan(rate(80));
    expect(rate(80)).toBeGreaterThan(0.1);
  });

  test("raises its bound when a higher logit comes, and copes with equal ones", () => {
    const rejection = new Rejection([1, 1, 1], 80);
    expect(rejection.probability(1)).toBeCloseTo(0.5, 9);
    const before = rejection.probability(0.5);
    expect(rejection.accepts(3, 0.49)).toBe(true);
    expect(rejection.bound).toBe(3);
    expect(rejection.probability(0.5)).toBeLessThan(before);
  });

  test("keeps the candidates that the rule accepts, one after the other", async () => {
    const [burnIn, logits] = [await bruteLogits(0, 0, BURN_IN), await bruteLogits(0, BURN_IN, 48)];
    const rejection = new Rejection(burnIn, 60);
    const expected: number[] = [];
    for (const [i, logit] of logits.entries()) {
      const seed = candidateSeed(4, "a", BURN_IN + i);
      if (rejection.accepts(logit, acceptanceNumber(seed))) expected.push(seed);
    }
    expect(expected.length).toBeGreaterThan(3);
    expect(expected.length).toBeLessThan(46);
    const found = await chosen("reject:60", 0, expected.length);
    expect(found.map(({ seed }) => seed)).toEqual(expected);
  });

  test("gives up with the rate and the remedy when nearly nothing is accepted", async () => {
    // One burn-in logit far above all others sets a bound that later candidates never come near.
    let calls = 0;
    const scorer = {
      logits: async (_: Uint8Array, of: ArrayLike<number>) =>
        Float32Array.from(of, (_, i) => (calls++ < BURN_IN ? (i % 2 ? 10 : 9.9) : -1000)),
    } as unknown as ImageScorer;
    const generator = {
      ...run.generator,
      draw: async (_: Float32Array, of: ArrayLike<number>) => new Uint8Array(of.length * 192),
    };
    const error = await failure(chosen("reject:80", 0, 2, { ...choosing(4, async () => scorer), generator }));
    expect(error.code).toBe("run");
    expect(error.message).toMatch(/0 of 456 candidates of a were accepted, 2 were wanted; lower the percentile/);
  });

  test("says so when the discriminator gives no numbers", async () => {
    const scorer = { logits: async () => Float32Array.of(Number.NaN) } as unknown as ImageScorer;
    for (const text of ["best", "reject"]) {
      const error = await failure(
        chosen(
          text,
          0,
          2,
          choosing(4, async () => scorer),
        ),
      );
      expect(error.message).toMatch(/no finite numbers/);
    }
  });
});

describe("the text of a sampler", () => {
  test.each([
    ["random", "random"],
    ["truncation:.7", "truncation:0.7"],
    ["reject", "reject:80"],
    ["reject:50", "reject:50"],
    ["best", "best:4"],
    ["worst:10", "worst:10"],
    ["diverse", "diverse:4"],
  ])("%s is %s in full", (text, full) => {
    expect(samplerText(parseSampler(text))).toBe(full);
    expect(parseSampler(full)).toEqual(parseSampler(text));
  });

  test.each([
    "",
    "rnadom",
    "random:1",
    "truncation",
    "truncation:0",
    "truncation:1.1",
    "truncation:-1",
    "truncation:x",
    "truncation:",
    "truncation:.5:.5",
    "best:0",
    "best:1.5",
    "best:1001",
    "reject:100",
    "constructor",
  ])("%j is wrong usage that names the samplers", async (text) => {
    const error = await failure(Promise.resolve().then(() => parseSampler(text)));
    expect(error.code).toBe("usage");
    expect(error.message).toContain("truncation:PSI");
  });
});
