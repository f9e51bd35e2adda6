import { describe, expect, test } from "vitest";
import { chooseImages, type ImagePool, readerOrder, shareOut } from "./choose-images.ts";

const upTo = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i);
const pool: ImagePool = {
  real: new Map([
    ["nevus", upTo(60)],
    ["melanoma", upTo(10, 60)],
    ["only real", upTo(5, 70)],
  ]),
  synthetic: new Map([
    ["nevus", upTo(30)],
    ["melanoma", upTo(40, 30)],
    ["only synthetic", upTo(5, 70)],
  ]),
};

describe("images of a study", () => {
  test("are as many real as synthetic in each class, classes in the proportions of the smaller set of each", () => {
    const chosen = chooseImages(pool, 12, 1);
    const count = (kind: string, label: string) =>
      chosen.filter((image) => image.kind === kind && image.label === label).length;
    // The smaller sets hold 30 nevi and 10 melanomas.
    for (const kind of ["real", "synthetic"]) {
      expect([count(kind, "nevus"), count(kind, "melanoma")]).toEqual([9, 3]);
    }
    expect(chosen).toHaveLength(24);
    for (const kind of ["real", "synthetic"] as const) {
      const indices = chosen.filter((image) => image.kind === kind).map(({ index }) => index);
      expect(new Set(indices).size).toBe(12);
      for (const image of chosen.filter((one) => one.kind === kind)) {
        expect(pool[kind].get(image.label)).toContain(image.index);
      }
    }
  });

  test("follow the seed, and keys do not tell kind or class", () => {
    expect(chooseImages(pool, 12, 1)).toEqual(chooseImages(pool, 12, 1));
    expect(chooseImages(pool, 12, 2)).not.toEqual(chooseImages(pool, 12, 1));
    const chosen = chooseImages(pool, 40, 5);
    expect(chosen.map(({ key }) => key)).toEqual(chosen.map(({ key }) => key).sort());
    const firstHalf = chosen.slice(0, 40).filter(({ kind }) => kind === "real").length;
    expect(firstHalf).toBeGreaterThan(10);
    expect(firstHalf).toBeLessThan(30);
  });

  test("are refused where there are too few, or no class in both", () => {
    expect(() => chooseImages(pool, 41, 1)).toThrow("hold 40 at most");
    const apart: ImagePool = { real: new Map([["a", [1]]]), synthetic: new Map([["b", [1]]]) };
    expect(() => chooseImages(apart, 1, 1)).toThrow("classes are a (real) and b (synthetic)");
  });
});

test("a total is shared out by largest remainders and within limits", () => {
  expect(shareOut([30, 10], 12)).toEqual([9, 3]);
  expect(shareOut([1, 1, 1], 2)).toEqual([1, 1, 0]);
  expect(shareOut([5, 1], 6)).toEqual([5, 1]);
  expect(shareOut([2, 3, 5], 5)).toEqual([1, 2, 2]);
});

test("each reader has an order of their own, which stays", () => {
  const keys = upTo(20).map((i) => `key ${i}`);
  const ada = readerOrder(keys, 7, "Ada");
  expect([...ada].sort()).toEqual([...keys].sort());
  expect(readerOrder([...keys].reverse(), 7, "Ada")).toEqual(ada);
  expect(readerOrder(keys, 7, "Bob")).not.toEqual(ada);
  expect(readerOrder(keys, 8, "Ada")).not.toEqual(ada);
  expect(ada).not.toEqual(keys);
});
