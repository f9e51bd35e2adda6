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
  const follower = followClasses(store, 1)!;
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
  const monitor = (await distanceMonitor({ store, seed: 1, threads: 1, onProgress: () => undefined }))!;
  const near = await monitor.measure(others(monitor.labels, (k) => k));
  const turned = await monitor.measure(others(monitor.labels, (k) => (k + 1) % 3));
  await monitor.close();
  expect(near.score).toBeGreaterThanOrEqual(near.distance);
  expect(near.score).toBeLessThan(1.3 * near.distance);
  expect(turned.score).toBeGreaterThan(2 * turned.distance);
});

test("nobody follows classes that cannot be told, or one alone", () => {
  const mixed = new Rng("mixed").shuffle([...labels]);
  expect(
    followClasses(
      openStore({ source: planes(real), resolution: SIDE, channels: 3, classes, labels: Uint16Array.from(mixed) }),
      1,
    ),
  ).toBeNull();
  const one = {
    source: planes(real.slice(0, 40)),
    resolution: SIDE,
    channels: 3 as const,
    classes: ["a"],
    labels: new Uint16Array(40),
  };
  expect(followClasses(openStore(one), 1)).toBeNull();
});
