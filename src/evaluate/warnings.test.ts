import { expect, test } from "vitest";
import { patientWarning } from "./warnings.ts";

test("says where the images of a few patients are held against each other", () => {
  const slices = Array.from({ length: 30 }, (_, i) => `P${i % 5}`);
  expect(patientWarning([...slices, undefined])).toEqual([
    expect.stringMatching(/^The real images are of 5 patients with 6\.0 images each, .* --holdout, or --run\.$/),
  ]);
  expect(patientWarning(slices.map((_, i) => `P${i}`))).toEqual([]);
  expect(patientWarning([undefined, undefined])).toEqual([]);
});
