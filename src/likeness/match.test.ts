import { describe, expect, test } from "vitest";
import { phantomPlan, renderPhantom } from "../phantom/index.ts";
import { evidenceOf } from "./evidence.ts";
import { Likeness } from "./likeness.ts";
import { bestMatch, matchInWords } from "./match.ts";
import { IDENTITY, inWords, type Similarity, transformed } from "./similarity.ts";
import { structureOf, viewsOf } from "./structure.ts";

const SIDE = 64;
/** Grey pictures of different patients. */
const greys = phantomPlan(24, 1)
  .filter((spec, i, all) => all.findIndex(({ patient }) => patient === spec.patient) === i)
  .slice(0, 8)
  .map((spec) => {
    const { data, channels } = renderPhantom(spec, SIDE).image;
    return Float32Array.from({ length: SIDE * SIDE }, (_, p) => data[p * channels]!);
  });
const likenesses = greys.map((grey) => new Likeness(grey, SIDE));
const DEGREE = Math.PI / 180;

/** The best match of a picture among all, each from where a search would have started. */
const match = (grey: Float32Array, start: Partial<Similarity> = {}, rough = true) =>
  bestMatch(
    new Likeness(grey, SIDE),
    likenesses.map((_, target) => ({ target, similarity: { ...IDENTITY, ...start }, rough })),
    (target) => likenesses[target]!,
  );

describe("similarities", () => {
  test("a quarter turn and a mirror are exact", () => {
    const plane = Float32Array.of(1, 2, 3, 4);
    const of = (similarity: Partial<Similarity>) => [...transformed(plane, 2, { ...IDENTITY, ...similarity }).values];
    expect(of({ mirrored: true })).toEqual([2, 1, 4, 3]);
    // Counter-clockwise: the right column becomes the upper row.
    expect(of({ angle: 90 * DEGREE }).map(Math.round)).toEqual([2, 4, 1, 3]);
    expect(of({ dx: 0.5 })).toEqual([1, 1, 3, 3]);
  });

  test("what lies outside is told", () => {
    const { inside } = transformed(new Float32Array(16), 4, { ...IDENTITY, dx: 0.25 });
    expect([...inside.subarray(0, 4)]).toEqual([0, 1, 1, 1]);
  });

  test("words", () => {
    expect(inWords(IDENTITY)).toBe("as it is");
    expect(inWords({ mirrored: true, angle: -10 * DEGREE, scale: 1.05, dx: 0.03, dy: 0 })).toBe(
      "mirrored, turned 350°, scaled 1.05, moved 3 %",
    );
  });
});

describe("evidence", () => {
  const view = viewsOf(SIDE)[0]!;
  const structures = greys.map((grey) => structureOf(grey, SIDE, view.smooth));
  const of = (a: number, b: number) => evidenceOf(structures[a]!, structures[b]!, SIDE, view, IDENTITY).value;

  test("of a picture with itself it is far above that of two patients", () => {
    const own = greys.map((_, i) => of(i, i));
    const others = greys.flatMap((_, i) => greys.map((_, j) => (i === j ? 0 : of(i, j))));
    expect(Math.min(...own)).toBeGreaterThan(60);
    expect(Math.max(...others)).toBeLessThan(8);
  });

  test("flat pictures have none, not even with themselves", () => {
    const flat = structureOf(new Float32Array(SIDE * SIDE).fill(90), SIDE, true);
    expect(evidenceOf(flat, flat, SIDE, view, IDENTITY).value).toBe(0);
    expect(evidenceOf(flat, structures[0]!, SIDE, view, IDENTITY).value).toBe(0);
  });
});

describe("a picture is found", () => {
  test("turned, scaled and moved a little", () => {
    const turned = transformed(greys[3]!, SIDE, { ...IDENTITY, angle: 12 * DEGREE, scale: 1.04, dx: 0.02 }).values;
    const found = match(turned, { angle: -10 * DEGREE })!;
    expect(found.target).toBe(3);
    expect(found.similarity.angle / DEGREE).toBeCloseTo(-12, 0);
    expect(found.value).toBeGreaterThan(30);
  });

  test("as half of another, and says which half", () => {
    const halves = greys[2]!.map((value, p) => (p % SIDE < SIDE / 2 ? value : greys[5]![p]!));
    const found = match(halves, {}, false)!;
    expect([2, 5]).toContain(found.target);
    expect(matchInWords(found)).toBe(found.target === 2 ? "as it is, left half" : "as it is, right half");
    expect(found.value).toBeGreaterThan(25);
  });

  test("mixed with another", () => {
    const mixed = greys[1]!.map((value, p) => (value + greys[6]![p]!) / 2);
    const found = match(mixed, {}, false)!;
    expect([1, 6]).toContain(found.target);
    expect(found.value).toBeGreaterThan(12);
  });

  test("without candidates nothing is", () => {
    expect(bestMatch(likenesses[0]!, [], () => likenesses[0]!)).toBeNull();
  });
});
