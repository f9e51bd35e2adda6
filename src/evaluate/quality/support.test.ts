import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { type Matrix, matrix } from "../../math/linear/linear64.ts";
import { referenceLinear64 } from "../../math/linear/reference-linear64.ts";
import { parkMillerNormal } from "../testing/samples.ts";
import { neighbourhoods } from "./neighbourhood.ts";
import { oneNearestNeighbour } from "./one-nearest-neighbour.ts";
import { prdc } from "./prdc.ts";
import { alphaPrecisionBetaRecall, integratedSupport } from "./support.ts";

const linear = referenceLinear64();

/** Points as plain lists, so that nothing of the code under test is used to measure it. */
type Points = number[][];
const cloud = (n: number, d: number, key: string | number, scale = 1, shift = 0): Points => {
  const rng = new Rng("cloud", key);
  return Array.from({ length: n }, () => Array.from({ length: d }, () => rng.normal() * scale + shift));
};
const asMatrix = (points: Points): Matrix => matrix(points.length, points[0]!.length, Float64Array.from(points.flat()));
const gap = (a: number[], b: number[]): number => Math.hypot(...a.map((v, c) => v - b[c]!));
const meanOf = (points: Points): number[] =>
  points[0]!.map((_, c) => points.reduce((sum, p) => sum + p[c]!, 0) / points.length);
const share = (list: boolean[]): number => list.filter(Boolean).length / list.length;

/** Members of the smallest ball about the mean that holds at least the share a; written out from the definition. */
const radiusOf = (points: Points, a: number): number => {
  const centre = meanOf(points);
  const reached = points.map((p) => gap(p, centre));
  return Math.min(...reached.filter((r) => share(reached.map((other) => other <= r)) >= a - 1e-12));
};

/** 1 - 2 ∫ |P(a) - a| da by trapezoids at a = k/n. */
const integrated = (n: number, p: (a: number) => number): number => {
  const off = Array.from({ length: n + 1 }, (_, k) => (k === 0 ? 0 : Math.abs(p(k / n) - k / n)));
  let area = 0;
  for (let k = 0; k < n; k++) area += (off[k]! + off[k + 1]!) / 2 / n;
  return 1 - 2 * area;
};

function writtenOut(real: Points, fake: Points): { alphaPrecision: number; betaRecall: number } {
  const centre = meanOf(real);
  const fakeCentre = meanOf(fake);
  const ball = real.map((p, i) => Math.min(...real.filter((_, j) => j !== i).map((q) => gap(p, q))));
  return {
    alphaPrecision: integrated(real.length, (a) => {
      const radius = radiusOf(real, a);
      return share(fake.map((q) => gap(q, centre) <= radius));
    }),
    betaRecall: integrated(fake.length, (b) => {
      const radius = radiusOf(fake, b);
      const support = fake.filter((q) => gap(q, fakeCentre) <= radius);
      return share(real.map((p, i) => support.some((q) => gap(p, q) < ball[i]!)));
    }),
  };
}

function accuracyWrittenOut(real: Points, fake: Points): number {
  const all = [...real.map((p) => ({ p, set: 0 })), ...fake.map((p) => ({ p, set: 1 }))];
  const votes = all.map(({ p, set }, i) => {
    const rest = all.filter((_, j) => j !== i);
    const least = Math.min(...rest.map((other) => gap(p, other.p)));
    const nearest = rest.filter((other) => gap(p, other.p) === least);
    return nearest.filter((other) => other.set === set).length / nearest.length;
  });
  return votes.reduce((a, b) => a + b) / votes.length;
}

const sets = fc
  .tuple(fc.integer({ min: 6, max: 30 }), fc.integer({ min: 6, max: 30 }), fc.integer({ min: 1, max: 7 }), fc.nat(9999))
  .map(([n, m, d, seed]) => ({ real: cloud(n, d, `${seed}r`), fake: cloud(m, d, `${seed}f`, 0.8, 0.3) }));
const runs = { numRuns: 40, seed: 12 };

describe("the integral over the supports, by hand", () => {
  const of = (base: number[], asked: number[]) => integratedSupport(Float64Array.from(base), Float64Array.from(asked));

  test("is 1 for equal distances, also in unequal number, and 0 where nothing lies inside", () => {
    expect(of([1, 2, 3, 4], [1, 2, 3, 4])).toBe(1);
    expect(of([1, 2, 3, 4], [1, 1, 2, 2, 3, 3, 4, 4])).toBe(1);
    expect(of([1, 2, 3, 4], [5, Number.POSITIVE_INFINITY])).toBe(0);
  });

  test("falls to 1/n where all lie at the centre", () => {
    // |P - a| at 1/4, 2/4, 3/4, 1 is 3/4, 1/2, 1/4, 0: trapezoids give 3/8.
    expect(of([1, 2, 3, 4], [0, 0])).toBeCloseTo(0.25, 15);
  });

  test("is 1/2 for one sample half way out of two", () => {
    // P(1/2) = 0 and P(1) = 1: the area is 1/4.
    expect(of([1, 2], [1.5])).toBe(0.5);
  });
});

describe("alpha-precision and beta-recall", () => {
  test("equal their definitions written out", async () => {
    await fc.assert(
      fc.asyncProperty(sets, async ({ real, fake }) => {
        const got = await alphaPrecisionBetaRecall(asMatrix(real), asMatrix(fake), linear);
        const wanted = writtenOut(real, fake);
        expect(got.alphaPrecision).toBeCloseTo(wanted.alphaPrecision, 12);
        expect(got.betaRecall).toBeCloseTo(wanted.betaRecall, 12);
      }),
      runs,
    );
  });

  test("four points on a line, by hand", async () => {
    // Real mean 3, distances 3, 1, 1, 3. Synthetic mean 3, distances 2, 0, 0, 2: P(1/4) and P(1/2) are 1/2, the rest 1.
    const real = asMatrix([[0], [2], [4], [6]]);
    const fake = asMatrix([[1], [3], [3], [5]]);
    const got = await alphaPrecisionBetaRecall(real, fake, linear);
    expect(got.alphaPrecision).toBeCloseTo(1 - 2 * ((0.25 + 0 + 0.25 + 0) / 4), 14);
    // Balls of radius 2, open: the outer real points reach only the outer synthetic ones (at 2 from their mean), the inner
    // ones the middle. R(1/4) and R(1/2) are 1/2, the rest 1.
    expect(got.betaRecall).toBeCloseTo(1 - 2 * ((0.25 + 0 + 0.25 + 0) / 4), 14);
  });

  test("of a set with itself are 1, of a far one 0, of others of its distribution about 1 and 1/2; narrow and wide ones lose both", async () => {
    const x = asMatrix(cloud(80, 4, "x"));
    const of = (points: Points) => alphaPrecisionBetaRecall(x, asMatrix(points), linear);
    const itself = await alphaPrecisionBetaRecall(x, x, linear);
    expect(itself.alphaPrecision).toBeCloseTo(1, 12);
    expect(itself.betaRecall).toBeCloseTo(1, 12);
    expect(await of(cloud(80, 4, "far", 1, 50))).toEqual({ alphaPrecision: 0, betaRecall: 0 });
    const alike = await of(cloud(80, 4, "y"));
    const narrow = await of(cloud(80, 4, "y", 0.2));
    const wide = await of(cloud(80, 4, "y", 3));
    expect(alike.alphaPrecision).toBeGreaterThan(0.8);
    expect(Math.abs(alike.betaRecall - 0.5)).toBeLessThan(0.2);
    for (const other of [narrow, wide]) {
      expect(other.alphaPrecision).toBeLessThan(0.3);
      expect(other.betaRecall).toBeLessThan(0.7 * alike.betaRecall);
    }
  });

  test("beta-recall's last share is coverage by one neighbour", async () => {
    const real = asMatrix(cloud(50, 3, "x"));
    const fake = asMatrix(cloud(40, 3, "y", 0.6, 0.2));
    const { innermostSynthetic2 } = await neighbourhoods(real, fake, 5, linear);
    const covered = [...innermostSynthetic2].filter(Number.isFinite).length / 50;
    expect(covered).toBe((await prdc(real, fake, linear, 1)).coverage);
  });
});

describe("1-NN accuracy", () => {
  test("equals its definition written out, for sets of different size", async () => {
    await fc.assert(
      fc.asyncProperty(sets, async ({ real, fake }) => {
        const got = await oneNearestNeighbour(asMatrix(real), asMatrix(fake), linear);
        expect(got).toBeCloseTo(accuracyWrittenOut(real, fake), 12);
      }),
      runs,
    );
  });

  test("by hand: two pairs each of one set, a chain that alternates, equally near neighbours", async () => {
    const of = (real: number[], fake: number[]) =>
      oneNearestNeighbour(asMatrix(real.map((v) => [v])), asMatrix(fake.map((v) => [v])), linear);
    expect(await of([0, 1], [10, 11])).toBe(1);
    expect(await of([0, 10], [1, 11])).toBe(0);
    // 0 and 2 are equally far from their own and the other set's nearest; 1 and 3 the same from the other side.
    expect(await of([0, 4], [2, 6])).toBeCloseTo((0 + 0 + 0 + 0) / 4, 14);
    expect(await of([0, 2], [1, 3])).toBe(0);
    expect(await of([0, 1], [-1, 2])).toBe(0.25);
  });

  test("is about one half for one distribution, 0 for copies, 1 for a set far away", async () => {
    const x = asMatrix(cloud(300, 6, "x"));
    const same = await oneNearestNeighbour(x, asMatrix(cloud(300, 6, "y")), linear);
    expect(Math.abs(same - 0.5)).toBeLessThan(0.08);
    expect(await oneNearestNeighbour(x, x, linear)).toBe(0);
    expect(await oneNearestNeighbour(x, asMatrix(cloud(300, 6, "y", 1, 50)), linear)).toBe(1);
  });
});

test("all three equal NumPy and SciPy on larger sets", async () => {
  // cdist, numpy.trapezoid and quantiles by sorting, float64; inputs by the rule of parkMillerNormal.
  const cases = [
    {
      real: parkMillerNormal(150, 8, 11),
      fake: parkMillerNormal(120, 8, 12, 0.8, 0.3),
      wanted: [0.7310666666666666, 0.6006111111111112, 0.5851851851851851],
    },
    {
      real: parkMillerNormal(200, 32, 21),
      fake: parkMillerNormal(200, 32, 22, 1.1, 0.1),
      wanted: [0.55575, 0.4404, 0.525],
    },
  ];
  for (const { real, fake, wanted } of cases) {
    const { alphaPrecision, betaRecall } = await alphaPrecisionBetaRecall(real, fake, linear);
    const found = [alphaPrecision, betaRecall, await oneNearestNeighbour(real, fake, linear)];
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(wanted[i]!, 12);
  }
});
