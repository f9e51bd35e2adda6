import { expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { openStore } from "../data/open-store.ts";
import { drawLesion } from "../features/testing/lesions.ts";
import { followClasses } from "./class-follower.ts";
import { distanceMonitor } from "./distance-monitor.ts";

const classes = ["dark", "red", "pale"];
const { width: SIDE } = drawLesion("dark", new Rng("size"));
const SIZE = 3 * SIDE ** 2;
/** Pictures of each class. */
const byClass = classes.map((name) =>
  Array.from({ length: 80 }, (_, n) => {
    const { data } = drawLesion(name, new Rng(name, n));
    return Uint8Array.from({ length: SIZE }, (_, i) => data[(i % SIDE ** 2) * 3 + Math.floor(i / SIDE ** 2)]!);
  }),
);
const planes = (chosen: readonly Uint8Array[]) => Uint8Array.from(chosen.flatMap((picture) => [...picture]));
const real = byClass.flatMap((own) => own.slice(0, 40));
const labels = Uint16Array.from(real, (_, i) => Math.floor(i / 40));
const store = openStore({ source: planes(real), resolution: SIDE, channels: 3, classes, labels });
/** Other pictures, of the class that each label is turned to. */
function others(wanted: ArrayLike<number>, turn: (label: number) => number): Uint8Array {
  const taken = classes.map(() => 40);
  return planes(Array.from(wanted, (label) => byClass[turn(label)]![40 + (taken[turn(label)]!++ % 40)]!));
}

test("images of their class are told from images of another", () => {
  const follower = followClasses({ store, patients: [], seed: 1 })!;
  expect(follower.labels).toHaveLength(3 * 32);
  const [right, wrong] = [
    follower.measure(others(follower.labels, (k) => k)),
    follower.measure(others(follower.labels, (k) => (k + 1) % 3)),
  ];
  expect(right.share).toBeGreaterThan(0.8);
  expect(wrong.share).toBeLessThan(0.5);
  expect(Object.keys(right.figures)).toEqual([
    "classAgreement",
    "classAgreementReal",
    ...classes.map((name) => `classAgreement/${name}`),
  ]);
  expect(right.figures.classAgreement).toBeGreaterThan(wrong.figures.classAgreement! + 0.4);
});

test("of two states as near as each other the one whose images are of their class has the better score", async () => {
  const monitor = (await distanceMonitor({ store, patients: [], seed: 1, threads: 1, onProgress: () => undefined }))!;
  const near = await monitor.measure(others(monitor.labels, (k) => k));
  const turned = await monitor.measure(others(monitor.labels, (k) => (k + 1) % 3));
  await monitor.close();
  expect(near.score).toBeGreaterThan(0.7 * near.distance);
  expect(near.score).toBeLessThan(1.3 * near.distance);
  expect(turned.score).toBeGreaterThan(2 * turned.distance);
});

test("nobody follows classes that cannot be told, one alone, or those of few images", () => {
  const of = (names: readonly string[], chosen: readonly Uint8Array[], own: readonly number[]) =>
    followClasses({
      ...{ patients: [], seed: 1 },
      store: openStore({
        ...{ source: planes(chosen), resolution: SIDE, channels: 3, classes: names },
        labels: Uint16Array.from(own),
      }),
    });
  expect(of(classes, real, new Rng("mixed").shuffle([...labels]))).toBeNull();
  expect(of(["a"], real.slice(0, 40), new Array(40).fill(0))).toBeNull();
  // A class of four images, and one of images without a class.
  const few = [...real.slice(0, 84), ...real.slice(0, 40)];
  const own = few.map((_, i) => (i < 84 ? Math.floor(i / 40) : 3));
  const found = of([...classes, ""], few, own)!;
  expect([...new Set(found.labels)]).toEqual([0, 1]);
});

/** Pictures under a colour that hides nearly all of them. */
const tinted = (pictures: readonly Uint8Array[], tint: readonly number[]): Uint8Array[] =>
  pictures.map((one) => one.map((byte, i) => 0.2 * byte + 0.8 * tint[Math.floor(i / SIDE ** 2)]!));

test("a patient's images are judged by a classifier of other patients", () => {
  // The colour is the patient's; two patients have each class.
  const tints = [
    [60, 60, 60],
    [60, 180, 60],
    [180, 60, 60],
    [60, 60, 180],
  ];
  const pictures = tints.flatMap((tint) => tinted(real.slice(0, 10), tint));
  const labels = Uint16Array.from(pictures, (_, i) => Math.floor(i / 10) % 2);
  const store = openStore({ source: planes(pictures), resolution: SIDE, channels: 3, classes: ["a", "b"], labels });
  const patients = pictures.map((_, i) => `patient ${Math.floor(i / 10)}`);
  expect(followClasses({ store, patients: [], seed: 1 })).not.toBeNull();
  expect(followClasses({ store, patients, seed: 1 })).toBeNull();
});

test("many classes are followed in part", () => {
  const classes = Array.from({ length: 60 }, (_, k) => `class ${k}`);
  const level = (k: number) => 40 + 55 * (k % 4);
  const pictures = classes.flatMap((_, k) =>
    tinted(real.slice(0, 6), [level(k), level(Math.floor(k / 4)), level(Math.floor(k / 16))]),
  );
  const labels = Uint16Array.from(pictures, (_, i) => Math.floor(i / 6));
  const store = openStore({ source: planes(pictures), resolution: SIDE, channels: 3, classes, labels });
  const found = followClasses({ store, patients: [], seed: 1 })!;
  expect(new Set(found.labels).size).toBe(40);
  expect(found.labels).toHaveLength(320);
});
