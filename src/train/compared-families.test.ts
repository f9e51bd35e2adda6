import { afterEach, expect, test } from "vitest";
import { familyNames, modelFamily } from "../model/index.ts";
import { comparedFamilies, comparedText, familyAdvice } from "./compared-families.ts";
import { registerFamily, trainingFamily } from "./known-families.ts";
import type { RunConfig } from "./run-config.ts";

let remove: () => void = () => undefined;
afterEach(() => {
  remove();
  remove = () => undefined;
});

/** Makes a family from noise known whose trainings came so near to the real images. */
function compare(...distances: number[]): void {
  const training = { ...trainingFamily({ model: "r3gan" }), equalMinutes: { distances, coverages: [0.5] } };
  remove = registerFamily({ model: { ...modelFamily("r3gan", "test"), name: "mine" }, training });
}

test("every family of the package was compared, and those of an input kind stand nearest first", () => {
  expect([...comparedFamilies("noise"), ...comparedFamilies("maps")].map(({ model }) => model).sort()).toEqual(
    familyNames().sort(),
  );
  compare(0.5);
  expect(comparedFamilies("noise")[0]).toEqual({ model: "mine", distances: [0.5], coverages: [0.5] });
  expect(comparedFamilies("maps").some(({ model }) => model === "mine")).toBe(false);
  const [head, noise, maps] = comparedText({ model: "r3gan" });
  expect(head).toBe("in equal minutes (20 of two cores, ISIC 2017, 64 px), the nearest to the real images first");
  expect(noise).toMatch(/^from noise: mine FID 0\.5, coverage 0\.50; /);
  expect(maps).toMatch(/^from maps: /);
});

test("a training of another family than the nearest is told of it", () => {
  compare(0.5);
  expect(familyAdvice({ model: "r3gan" })).toMatch(
    /^in equal minutes \(.*\) --model mine came nearer to the real images than r3gan: mine FID 0\.5, coverage 0\.50; r3gan FID \d+.*, coverage 0\.\d\d \(docs\/recipes\.md, "Which family"\)$/,
  );
  expect(familyAdvice({ model: "mine" })).toBeNull();
});

test("nothing is said where a training of the one was as near as one of the other", () => {
  compare(0.5, 1000);
  expect(comparedFamilies("noise").at(-1)!.model).toBe("mine");
  expect(familyAdvice({ model: "mine" })).toBeNull();
  remove();
  compare(0.5, 70);
  expect(comparedFamilies("noise")[0]!.model).toBe("mine");
  expect(familyAdvice({ model: "r3gan" })).toBeNull();
  expect(familyAdvice({ model: "pggan" })).toContain("--model mine came nearer");
});

test("one from a start or a private one, which those were not, and one that was not compared are told nothing", () => {
  compare(0.5);
  const start = { path: "run", classes: [], origins: [] } as unknown as NonNullable<RunConfig["start"]>;
  expect(familyAdvice({ model: "r3gan", start })).toBeNull();
  expect(comparedText({ model: "r3gan", start })).toEqual([]);
  const differentialPrivacy = {} as NonNullable<RunConfig["differentialPrivacy"]>;
  expect(familyAdvice({ model: "r3gan", differentialPrivacy })).toBeNull();
  expect(comparedText({ model: "r3gan", differentialPrivacy })).toEqual([]);
  remove();
  const { equalMinutes: _, ...training } = trainingFamily({ model: "r3gan" });
  remove = registerFamily({ model: { ...modelFamily("r3gan", "test"), name: "mine" }, training });
  expect(familyAdvice({ model: "mine" })).toBeNull();
});
