import { expect, test } from "vitest";
import { divideTraining } from "./division.ts";

const COUNT = 400;
/** Two images a patient, a fifth of the patients of class `rare`. */
const patients = Array.from({ length: COUNT }, (_, i) => `P${Math.floor(i / 2)}`);
const labels = patients.map((_, i) => (Math.floor(i / 2) % 5 === 0 ? "rare" : "common"));
const divided = divideTraining(labels, patients, { validation: 0.2, seed: 3 });

test("a patient is on one side and has one rank", () => {
  for (let i = 0; i < COUNT; i += 2) {
    expect(divided.validation[i]).toBe(divided.validation[i + 1]);
    expect(divided.ranks[i]).toBe(divided.ranks[i + 1]);
  }
});

test("the validation share holds of each class", () => {
  const held = (label: string) => labels.filter((own, i) => own === label && divided.validation[i]).length;
  expect(held("rare")).toBe(16);
  expect(held("common")).toBe(64);
});

test("every share of the ranks is that share of each class and side", () => {
  for (const share of [1 / 2, 1 / 4, 1 / 8]) {
    for (const label of ["rare", "common"]) {
      for (const side of [false, true]) {
        const all = labels.map((own, i) => own === label && divided.validation[i] === side);
        const inside = all.filter((own, i) => own && divided.ranks[i]! < share).length;
        const wanted = all.filter(Boolean).length * share;
        // A patient with two images more or less, at each halving.
        expect(Math.abs(inside - wanted)).toBeLessThanOrEqual(6);
      }
    }
  }
  expect(Math.max(...divided.ranks)).toBeLessThan(1);
  expect(Math.min(...divided.ranks)).toBe(0);
});

test("is the same again and another with another seed", () => {
  expect(divideTraining(labels, patients, { validation: 0.2, seed: 3 })).toEqual(divided);
  expect(divideTraining(labels, patients, { validation: 0.2, seed: 4 })).not.toEqual(divided);
});
