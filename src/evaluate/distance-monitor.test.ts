import { expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { openStore } from "../data/open-store.ts";
import { phantomPlan, renderPhantom } from "../phantom/index.ts";
import { distanceMonitor } from "./distance-monitor.ts";

const SIDE = 16;
const plan = new Rng("monitor").shuffle([...phantomPlan(120, 3)]);
const pictures = plan.map((spec) => {
  const { data } = renderPhantom(spec, SIDE).image;
  return Uint8Array.from({ length: data.length }, (_, i) => data[(i % SIDE ** 2) * 3 + Math.floor(i / SIDE ** 2)]!);
});
const planes = (chosen: readonly Uint8Array[]) => Uint8Array.from(chosen.flatMap((picture) => [...picture]));
const real = pictures.slice(0, 60);
const labels = Uint16Array.from(real, (_, i) => (i % 3 === 0 ? 1 : 0));
const store = openStore({ source: planes(real), resolution: SIDE, channels: 3, classes: ["a", "b"], labels });
const context = { store, patients: [], seed: 3, threads: 1, onProgress: () => undefined };

test("distances are in units of that of other real images, and order what is spoilt more and more", async () => {
  const monitor = (await distanceMonitor(context))!;
  // Two draws of as many images as half of the real ones, in their classes.
  expect([...monitor.labels]).toEqual([
    ...new Array(20).fill(0),
    ...new Array(10).fill(1),
    ...new Array(20).fill(0),
    ...new Array(10).fill(1),
  ]);
  const drawn = monitor.labels.length;
  const others = pictures.slice(60, 60 + drawn);
  const noisy = (strength: number) => {
    const rng = new Rng("noise", strength);
    return others.map((picture) => picture.map((byte) => Math.max(0, Math.min(255, byte + strength * rng.normal()))));
  };
  const distances: number[] = [];
  const figures: Readonly<Record<string, number>>[] = [];
  for (const strength of [0, 8, 25, 80]) {
    const found = await monitor.measure(planes(noisy(strength)));
    distances.push(found.distance);
    figures.push(found.figures);
  }
  expect(distances[0]).toBeGreaterThan(0.5);
  expect(distances[0]).toBeLessThan(2);
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
  expect(distances[1]! / distances[0]!).toBeGreaterThan(1.5);
  // Of all images and of the class with twenty in a draw; the other has ten.
  expect(Object.keys(figures[0]!)).toEqual(["coverage", "kidMultiscale", "coverage/a", "kidMultiscale/a"]);
  const of = (name: string) => figures.map((found) => found[name]!);
  for (const name of ["coverage", "coverage/a"]) {
    expect(of(name)[0], name).toBeGreaterThan(0.5);
    expect(of(name)[3], name).toBeLessThan(0.2);
  }
  for (const name of ["kidMultiscale", "kidMultiscale/a"]) expect(of(name)[3]!, name).toBeGreaterThan(of(name)[0]!);
  const again = (await distanceMonitor(context))!;
  expect(await again.measure(planes(noisy(8)))).toEqual({
    distance: distances[1],
    score: distances[1],
    figures: figures[1],
  });
  await Promise.all([monitor.close(), again.close()]);
});

test("one class is measured too; equal images and a single one are not", async () => {
  const of = (chosen: readonly Uint8Array[]) => {
    const source = planes(chosen);
    const one = openStore({
      source,
      resolution: SIDE,
      channels: 3,
      classes: ["a"],
      labels: new Uint16Array(chosen.length),
    });
    return distanceMonitor({ ...context, store: one });
  };
  const monitor = await of(real.slice(0, 8));
  expect(monitor?.labels).toHaveLength(8);
  await monitor?.close();
  expect(await of(new Array(8).fill(real[0]))).toBeUndefined();
  expect(await of(real.slice(0, 1))).toBeUndefined();
});
