import { expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { extractRadiomics, radiomicsNames } from "./extract.ts";
import { FEATURE_CLASSES, type RadiomicsSettings, radiomicsSettings } from "./settings.ts";
import type { Triple, Volume } from "./volume.ts";

const random = (size: Triple, levels: number, seed: string): Volume => {
  const rng = new Rng("radiomics", seed);
  const data = Float64Array.from({ length: size[0] * size[1] * size[2] }, () => rng.integer(levels));
  return { size, spacing: [1, 2, 3], data };
};

const maskOf = ({ size, data }: Volume, share: number) => {
  const rng = new Rng("radiomics", "mask");
  return { size, data: data.map(() => (rng.uniform() < share ? 1 : 0)) };
};

/** Offsets of a pair of voxels of the region, levels of both; every ordered pair once, written out. */
function pairs(volume: Volume, inside: ArrayLike<number>): { step: number[]; from: number; i: number; j: number }[] {
  const [nx, ny] = volume.size;
  const place = (at: number) => [at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))];
  const out = [];
  for (let a = 0; a < volume.data.length; a++) {
    for (let b = 0; b < volume.data.length; b++) {
      if (a === b || inside[a] !== 1 || inside[b] !== 1) continue;
      const [p, q] = [place(a), place(b)];
      out.push({ step: q.map((v, k) => v - p[k]!), from: a, i: volume.data[a]! + 1, j: volume.data[b]! + 1 });
    }
  }
  return out;
}

function grouped<T, K>(list: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const out = new Map<K, T[]>();
  for (const item of list) out.set(keyOf(item), [...(out.get(keyOf(item)) ?? []), item]);
  return out;
}

const norm = (step: readonly number[]) => Math.max(...step.map(Math.abs));
const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const given: Partial<RadiomicsSettings> = { binWidth: 1, featureClasses: ["glcm", "gldm", "ngtdm"] };

test("distances, alpha, one-sided matrices and weights by the definitions written out", () => {
  const volume = random([6, 5, 4], 5, "written out");
  const mask = maskOf(volume, 0.8);
  const all = pairs(volume, mask.data).filter(({ step }) => norm(step) === 1 || norm(step) === 2);
  const first = ([x, y, z]: readonly number[]) => z! > 0 || (z === 0 && (y! > 0 || (y === 0 && x! > 0)));
  const single = all.filter(({ step }) => first(step));
  const byStep = grouped(single, ({ step }) => step.join());
  const found = extractRadiomics(volume, mask, { ...given, distances: [1, 2], gldm_a: 1, symmetricalGLCM: false });
  const perDirection = (of: (list: typeof all) => number) => mean([...byStep.values()].map(of));
  expect(found.original_glcm_Contrast).toBeCloseTo(
    perDirection((list) => mean(list.map(({ i, j }) => (i - j) ** 2))),
    10,
  );
  expect(found.original_glcm_JointAverage).toBeCloseTo(
    perDirection((list) => mean(list.map(({ i }) => i))),
    10,
  );

  const voxels = [...mask.data.keys()].filter((at) => mask.data[at] === 1);
  const around = grouped(all, ({ from }) => from);
  const dependences = voxels.map((at) => 1 + (around.get(at) ?? []).filter(({ i, j }) => Math.abs(i - j) <= 1).length);
  expect(found.original_gldm_LargeDependenceEmphasis).toBeCloseTo(mean(dependences.map((n) => n * n)), 8);

  const differences = voxels.map((at) => Math.abs(volume.data[at]! + 1 - mean(around.get(at)!.map(({ j }) => j))));
  const shares = (level: number) => mean(voxels.map((at) => (volume.data[at]! + 1 === level ? 1 : 0)));
  const coarse = voxels.reduce((sum, at, k) => sum + shares(volume.data[at]! + 1) * differences[k]!, 0);
  expect(found.original_ngtdm_Coarseness).toBeCloseTo(1 / coarse, 10);

  for (const [weightingNorm, length] of [
    ["euclidean", ([x, y, z]: number[]) => x! * x! + 4 * y! * y! + 9 * z! * z!],
    ["manhattan", ([x, y, z]: number[]) => (Math.abs(x!) + 2 * Math.abs(y!) + 3 * Math.abs(z!)) ** 2],
    ["infinity", ([x, y, z]: number[]) => Math.max(Math.abs(x!), 2 * Math.abs(y!), 3 * Math.abs(z!)) ** 2],
    ["no_weighting", () => 0],
  ] as const) {
    const merged = extractRadiomics(volume, mask, { ...given, weightingNorm });
    const near = single.filter(({ step }) => norm(step) === 1);
    const weight = ({ step }: { step: number[] }) => Math.exp(-length(step));
    const total = near.reduce((sum, pair) => sum + weight(pair), 0);
    const contrast = near.reduce((sum, pair) => sum + weight(pair) * (pair.i - pair.j) ** 2, 0) / total;
    expect(merged.original_glcm_Contrast, weightingNorm).toBeCloseTo(contrast, 10);
  }
});

test("levels: edges at multiples of the width, negative and fractional values, the last bin of a count", () => {
  const line = (values: readonly number[]): Volume => ({
    size: [values.length, 1, 1],
    spacing: [1, 1, 1],
    data: Float64Array.from(values),
  });
  const level = (values: readonly number[], settings: Partial<RadiomicsSettings>) =>
    extractRadiomics(line(values), null, { ...settings, featureClasses: ["glcm"] }).original_glcm_JointAverage;
  // Two neighbours: the joint average of the symmetric matrix is the mean of both levels.
  expect(level([-7, -5], { binWidth: 5 })).toBe(1.5);
  expect(level([-7, 5], { binWidth: 5 })).toBe(2.5);
  // The third edge is 0.1 + 2 * 0.1, just above 0.3, as it is for NumPy.
  expect(level([0.1, 0.3], { binWidth: 0.1 })).toBe(1.5);
  expect(level([0.1, 0.31], { binWidth: 0.1 })).toBe(2);
  expect(level([0, 10], { binCount: 4 })).toBe(2.5);
  expect(level([3, 3], { binCount: 5 })).toBe(3);
});

test("force2D looks along the axis it is told", () => {
  const volume: Volume = { ...random([5, 5, 5], 4, "axes"), spacing: [1, 1, 1] };
  const wanted = extractRadiomics(volume, null, { ...given, force2D: true });
  for (const [axis, force2Ddimension] of [
    [1, 1],
    [0, 2],
  ] as const) {
    // The axis takes the place of z.
    const data = volume.data.map((_, at) => {
      const place = [at % 5, Math.floor(at / 5) % 5, Math.floor(at / 25)];
      [place[axis], place[2]] = [place[2]!, place[axis]!];
      return volume.data[place[0]! + 5 * place[1]! + 25 * place[2]!]!;
    });
    const found = extractRadiomics({ ...volume, data }, null, { ...given, force2D: true, force2Ddimension });
    for (const key of Object.keys(wanted)) expect(found[key], key).toBeCloseTo(wanted[key]!, 9);
    const other = extractRadiomics({ ...volume, data }, null, { ...given, force2D: true });
    expect(other.original_glcm_Contrast).not.toBeCloseTo(wanted.original_glcm_Contrast!, 3);
  }
});

test("names are those of the features, in their order", () => {
  const imageTypes = { Original: {}, LoG: { sigma: [1] }, Wavelet: {} };
  const settings = radiomicsSettings({ featureClasses: FEATURE_CLASSES, imageTypes, force2D: true });
  const found = extractRadiomics(random([7, 6, 1], 4, "names"), null, settings);
  expect(radiomicsNames(settings)).toEqual(Object.keys(found));
  expect(Object.values(found).filter((value) => !Number.isFinite(value))).toEqual([]);
});

test("every broken setting is said at once", () => {
  expect(() =>
    radiomicsSettings({ binWidth: 0, distances: [], weightingNorm: "far" as never, binwidth: 5 } as never),
  ).toThrow(/4 problems[\s\S]*binwidth[\s\S]*binWidth[\s\S]*distances[\s\S]*weightingNorm/);
});

test("masks that do not fit are refused with what was found", () => {
  const volume = random([4, 4, 1], 3, "masks");
  expect(() => extractRadiomics(volume, { size: [4, 4, 2], data: new Uint8Array(32) })).toThrow(/4 x 4 x 2.*4 x 4 x 1/);
  expect(() => extractRadiomics(volume, { size: [4, 4, 1], data: new Uint8Array(16) }, { label: 7 })).toThrow(
    /label 7/,
  );
});
