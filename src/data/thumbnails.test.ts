import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ownScratch } from "../core/scratch/own-scratch.ts";
import { ThumbnailStore } from "./thumbnails.ts";

const planeOf = (i: number) => Float32Array.from({ length: 6 }, (_, k) => i + k / 7);
const scratchFiles = () =>
  readdirSync(ownScratch())
    .map((name) => join(ownScratch(), name, "thumbnails"))
    .filter((path) => existsSync(path));

test("gives back what was kept, from memory and from the file, in any order of writing", () => {
  const store = new ThumbnailStore(6, 8, 3);
  for (const i of [7, 0, 4, 2, 3, 1, 6, 5]) store.set(i, planeOf(i));
  for (const i of [5, 1, 7, 0, 3, 6, 2, 4]) expect(store.at(i)).toEqual(planeOf(i));
  store.close();
});

test("thumbnails that follow each other are kept at once, some in memory and some in the file", () => {
  const store = new ThumbnailStore(6, 8, 3);
  const run = Float32Array.from([1, 2, 3, 4, 5].flatMap((i) => [...planeOf(i)]));
  store.set(1, run);
  run.fill(0);
  for (const i of [1, 2, 3, 4, 5]) expect(store.at(i)).toEqual(planeOf(i));
  store.close();
});

test("writes a file only where memory does not suffice, for the user's eyes, and removes it", () => {
  const before = scratchFiles();
  const store = new ThumbnailStore(6, 8, 3);
  store.set(2, planeOf(2));
  expect(scratchFiles()).toEqual(before);
  store.set(3, planeOf(3));
  const [file] = scratchFiles().filter((path) => !before.includes(path));
  expect(statSync(file!).mode & 0o077).toBe(0);
  expect(statSync(file!).size).toBe(24);
  store.close();
  store.close();
  expect(existsSync(file!)).toBe(false);
});
