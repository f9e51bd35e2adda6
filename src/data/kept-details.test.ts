import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { ownScratch } from "../core/scratch/own-scratch.ts";
import { KeptDetails } from "./kept-details.ts";
import { detail } from "./perceptual-hash.ts";

const rng = new Rng(1, "details");
const thumbnails = Array.from({ length: 6 }, () => Float32Array.from({ length: 1024 }, () => 255 * rng.uniform()));
const files = () => readdirSync(ownScratch()).length;

test("details are made once each, and come back from memory and from the file; the file is removed", () => {
  const made: number[] = [];
  const before = files();
  const thumbnail = (i: number) => {
    made.push(i);
    return thumbnails[i]!;
  };
  const details = new KeptDetails(6, thumbnail, 2);
  const first = details.at(3);
  for (const i of [3, 0, 5, 2, 3, 0, 5, 0, 2]) expect(details.at(i).values).toEqual(detail(thumbnails[i]!));
  expect(details.at(3)).toEqual(first);
  expect(made).toEqual([3, 0, 5, 2]);
  expect(files()).toBe(before + 1);
  details.close();
  details.close();
  expect(files()).toBe(before);
});

test("no file is made where all stay in memory", () => {
  const before = files();
  const details = new KeptDetails(6, (i) => thumbnails[i]!, 6);
  for (const i of [0, 1, 2, 3, 4, 5, 0]) expect(details.at(i).values).toEqual(detail(thumbnails[i]!));
  expect(files()).toBe(before);
  details.close();
});
