import { expect, test } from "vitest";
import { fleissKappa } from "./fleiss-kappa.ts";

// Fleiss 1971, table 1: thirty patients, six psychiatrists each, five diagnoses.
const PSYCHIATRISTS = [
  "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006",
  "10050 11040 03300 10050 02031 00501 30012 51000 02040 10203",
  "00006 01050 02013 20040 10041 05010 40002 02040 10500 00006",
]
  .join(" ")
  .split(" ");

// The worked example of many textbooks: ten subjects, fourteen raters, five categories.
const FOURTEEN = [
  [0, 0, 0, 0, 14],
  [0, 2, 6, 4, 2],
  [0, 0, 3, 5, 6],
  [0, 3, 9, 2, 0],
  [2, 2, 8, 1, 1],
  [7, 7, 0, 0, 0],
  [3, 2, 6, 3, 0],
  [2, 5, 3, 2, 2],
  [6, 5, 2, 1, 0],
  [0, 2, 2, 3, 7],
];

test("the textbook's fourteen raters agree at 0.210", () => {
  expect(fleissKappa(FOURTEEN)).toBeCloseTo(4211 / 20059, 12);
});

test("Fleiss' own thirty patients give the .430 that he prints", () => {
  expect(fleissKappa(PSYCHIATRISTS.map((row) => [...row].map(Number)))).toBeCloseTo(0.43, 3);
});

test("is 1 where all agree, -1/(raters-1) where pairs never do, and unknown where one answer is all there is", () => {
  const same = [
    [3, 0],
    [0, 3],
  ];
  const never = [
    [1, 1],
    [1, 1],
  ];
  expect(fleissKappa(same)).toBe(1);
  expect(fleissKappa(never)).toBe(-1);
  expect(fleissKappa([[2, 0]])).toBeNull();
  expect(fleissKappa([])).toBeNull();
});
