import { afterAll, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { type Matrix, matrix, takeRows } from "../../math/linear/linear64.ts";
import { runtimeLinear64 } from "../../math/linear/runtime-linear64.ts";
import { mean } from "../../math/mean.ts";
import { kindsOf, lacking, sideOf, withoutHalf } from "./kinds.ts";

const linear = runtimeLinear64({ threads: 1 });
afterAll(() => linear.close());

const CLASSES = 2;
const COUNTS = [60, 60];
const SIZES = { real: [150, 150], control: [150, 150] };

/** Rows of eight groups; `rare` groups are the second four, drawn `share` as often as the others. */
function rows(count: number, seed: number, share = 1): Matrix {
  const rng = new Rng(seed, "kinds test");
  const out = matrix(count, 6);
  for (let i = 0; i < count; i++) {
    const rare = rng.uniform() < share / (1 + share);
    const group = Math.floor(rng.uniform() * 4) + (rare ? 4 : 0);
    for (let j = 0; j < 6; j++) out.data[i * 6 + j] = rng.normal() + 4 * Math.cos(1 + group * (j + 1));
  }
  return out;
}
const twoClasses = (count: number) =>
  Array.from({ length: CLASSES }, (_, c) => Array.from({ length: count / 2 }, (_, i) => (c * count) / 2 + i));

async function looked() {
  const view = { name: "features" as const, real: rows(300, 1), control: rows(300, 2) };
  const kinds = await kindsOf([view], COUNTS, SIZES, linear, 0);
  const of = async (set: Matrix) => (await lacking(kinds.views[0]!, kinds, set, [twoClasses(set.rows)], linear, 3))[0]!;
  return { kinds, of, threshold: kinds.views[0]!.threshold };
}

test("real images are told in few draws, a set without half of the groups always, and half of the way lies between", async () => {
  const { kinds, of, threshold } = await looked();
  const real = await Promise.all(Array.from({ length: 20 }, (_, d) => of(rows(120, 100 + d))));
  expect(real.filter((value) => value > threshold).length).toBeLessThanOrEqual(1);
  const without = await of(rows(120, 7, 0));
  const fewer = await of(rows(120, 8, 0.4));
  expect(without).toBeGreaterThan(threshold);
  expect(without).toBeGreaterThan(fewer);
  const halves = (await withoutHalf(kinds.views[0]!, kinds, linear, 5))!.features;
  expect(halves).toHaveLength(10);
  expect(halves.every((value) => value > threshold)).toBe(true);
});

test("images that lie elsewhere are told although no group is missing", async () => {
  const { of, threshold } = await looked();
  const shifted = rows(120, 9);
  for (let i = 0; i < shifted.data.length; i++) shifted.data[i]! += 1.5;
  expect(await of(shifted)).toBeGreaterThan(threshold);
});

test("equal real images are no crash: nothing varies, so nothing is told", async () => {
  const equal = matrix(100, 3);
  equal.data.fill(2);
  const view = { name: "thumbnails" as const, real: equal, control: equal };
  const kinds = await kindsOf([view], [20, 20], { real: [50, 50], control: [50, 50] }, linear, 0);
  expect(await lacking(kinds.views[0]!, kinds, equal, [twoClasses(100)], linear, 1)).toEqual([0]);
  expect(await withoutHalf(kinds.views[0]!, kinds, linear, 0)).toBeNull();
});

test("a side holds the classes that are compared, each with at least as many images as a set, at most about 512", () => {
  const pool = [0, 1, 2].map((c) => Array.from({ length: 1000 }, (_, i) => 1000 * c + i));
  const side = sideOf(pool, [10, 0, 300], 0);
  expect(side.some((row) => row >= 1000 && row < 2000)).toBe(false);
  expect(side.filter((row) => row < 1000)).toHaveLength(256);
  expect(side.filter((row) => row >= 2000)).toHaveLength(300);
  expect(takeRows(matrix(3000, 1), side).rows).toBe(556);
});

test("a set whose images lie close together is nearer to some real images, which makes up for nothing", async () => {
  const { of } = await looked();
  const narrow = rows(120, 10);
  for (let i = 0; i < narrow.data.length; i++) narrow.data[i]! *= 0.9;
  expect(await of(narrow)).toBeGreaterThan(0);
});

test("where control images are other patients, a set that lies where they do is not a tenth of the way", async () => {
  const elsewhere = (count: number, seed: number) => {
    const places = rows(count, seed);
    for (let i = 0; i < places.data.length; i++) places.data[i]! += 0.8;
    return places;
  };
  const view = { name: "features" as const, real: rows(300, 1), control: elsewhere(300, 11) };
  const kinds = await kindsOf([view], COUNTS, SIZES, linear, 0);
  const [value] = await lacking(kinds.views[0]!, kinds, elsewhere(120, 12), [twoClasses(120)], linear, 3);
  const half = mean((await withoutHalf(kinds.views[0]!, kinds, linear, 5))!.features);
  expect(value).toBeLessThan(kinds.views[0]!.threshold);
  expect(value! / half).toBeLessThan(0.1);
});
