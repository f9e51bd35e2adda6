import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GanglionError } from "../core/errors.ts";
import { countsOf, parseCounts, perClassOf } from "./class-counts.ts";
import { classFolders, ImageNames } from "./image-names.ts";

const CLASSES = ["melanoma", "nevus", "a, left", "x=y"];

function usage(action: () => unknown): GanglionError {
  try {
    action();
  } catch (error) {
    if (error instanceof GanglionError && error.exitCode === 2) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("--counts", () => {
  test("reads any names that the generator has, commas and equal signs in them too", () => {
    expect([...parseCounts("--counts", " nevus = 3 ,a, left=0,x=y=7", CLASSES)]).toEqual([
      ["nevus", 3],
      ["a, left", 0],
      ["x=y", 7],
    ]);
    const name = fc
      .string({ minLength: 1, maxLength: 6, unit: fc.constantFrom("a", "b", "é", " ", "-", ".") })
      .map((text) => text.trim())
      .filter((text) => text !== "");
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, fc.nat(1_000_000)), { selector: ([n]) => n, minLength: 1 }),
        (pairs) => {
          const names = pairs.map(([n]) => n);
          const text = pairs.map(([n, count]) => `${n}=${count}`).join(",");
          expect([...parseCounts("--counts", text, names)]).toEqual(pairs);
        },
      ),
      { seed: 1 },
    );
  });

  test("gives every class a count, those not named 0", () => {
    expect(countsOf("nevus=2", CLASSES).map(({ count }) => count)).toEqual([0, 2, 0, 0]);
    expect(perClassOf("4", CLASSES).map(({ count }) => count)).toEqual([4, 4, 4, 4]);
  });

  test("lists all problems at once: the likely name, the classes, what a count is", () => {
    const error = usage(() => parseCounts("--counts", "melanom=5,nevus=-1,nevus=2,nevus=3,zzz=1.5,what", CLASSES));
    expect(error.problems.map(({ code }) => code)).toEqual([
      "unknown-class",
      "count",
      "duplicate-class",
      "unknown-class",
      "count",
      "no-count",
    ]);
    expect(error.message).toContain("did you mean melanoma? the classes are melanoma, nevus, a, left, x=y");
    expect(error.message).toContain('"-1" is not a whole number of images, 0 or more');
    expect(error.problems[3]!.message).not.toContain("did you mean");
  });

  test.each([
    "",
    ",",
    "nevus",
    "nevus=",
    "nevus=1e3",
    "nevus=0x10",
    "nevus=99999999999",
    "nevus=NaN",
    "=3",
    "nevus=1,",
  ])("%j is wrong usage", (text) => {
    expect(usage(() => parseCounts("--counts", text, CLASSES)).problems.length).toBeGreaterThan(0);
  });

  test("nothing at all is wrong usage", () => {
    expect(usage(() => countsOf("nevus=0", CLASSES)).message).toContain("all counts are 0");
    expect(usage(() => perClassOf("0", CLASSES)).message).toContain("at least");
    for (const text of ["-1", "2.5", "", "many"]) usage(() => perClassOf(text, CLASSES));
  });
});

describe("folders of classes", () => {
  test("are their names where those are safe, else a number", () => {
    const names = ["nevus", "basal cell", "test", "a/b", "..", "", "Nevus2", "nevus2", "class-0", "CON", "Ärger", "x."];
    expect(classFolders(names)).toEqual([
      "nevus",
      "basal_cell",
      "class-2",
      "class-3",
      "class-4",
      "class-5",
      "class-6",
      "class-7",
      "class-8",
      "class-9",
      "Ärger",
      "class-11",
    ]);
  });

  test("are distinct whatever the names, also where case does not count", () => {
    const name = fc.string({ maxLength: 4, unit: fc.constantFrom("a", "A", " ", "_", "-", "0") });
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 12 }), (names) => {
        const folders = classFolders(names).map((folder) => folder.toLowerCase());
        expect(new Set(folders).size).toBe(names.length);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test("number their images on their own", () => {
    const names = new ImageNames("images", ["a", "b"]);
    expect([names.next(0), names.next(1), names.next(0)]).toEqual([
      "images/a/000001.png",
      "images/b/000001.png",
      "images/a/000002.png",
    ]);
  });
});
