import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Dataset, imageFiles } from "../../data/index.ts";
import { findAttributes, matchingColumn } from "./attribute-columns.ts";
import { cellReader, sortGroups } from "./attribute-values.ts";
import { matchGroups } from "./match-groups.ts";
import type { AttributeGroups } from "./read-groups.ts";

const datasetOf = (attributes: Record<string, string>, columns: Dataset["columns"] = {}): Dataset => ({
  root: "/skin",
  reader: imageFiles("imagefolder"),
  columns,
  classes: ["a"],
  samples: [{ fileName: "1.png", label: "a", attributes }],
  notes: [],
});

describe("columns of attributes", () => {
  const real = datasetOf(
    { Sex: "f", age_approx: "40", localization: "back", fitzpatrick: "3", clinic: "x", region: "y" },
    { tone: "fitzpatrick" },
  );

  test("are found by their common names, further ones are named", () => {
    expect(findAttributes(real, ["clinic", "Sex"])).toEqual([
      { column: "Sex", kind: "sex" },
      { column: "age_approx", kind: "age" },
      { column: "localization", kind: "site" },
      { column: "fitzpatrick", kind: "tone" },
      { column: "clinic", kind: "other" },
    ]);
  });

  test("that play another role are not guessed: a class called site is no attribute", () => {
    expect(findAttributes(datasetOf({ sex: "f" }, { label: "site" }))).toEqual([{ column: "sex", kind: "sex" }]);
  });

  test("that are missing are listed all, with those there are", () => {
    expect(() => findAttributes(real, ["clinic", "ward", "bed"])).toThrow(/--by ward, --by bed.*Sex, age_approx/);
  });

  test("are looked up in another set by their own name, then by the common ones", () => {
    const other = datasetOf({ gender: "m", age_approx: "4", age: "5", tone: "2" }, { tone: "tone" });
    expect(matchingColumn(other, { column: "Sex", kind: "sex" })).toBe("gender");
    expect(matchingColumn(other, { column: "age_approx", kind: "age" })).toBe("age_approx");
    expect(matchingColumn(other, { column: "fitzpatrick", kind: "tone" })).toBe("tone");
    expect(matchingColumn(other, { column: "localization", kind: "site" })).toBeNull();
    expect(matchingColumn(other, { column: "clinic", kind: "other" })).toBeNull();
  });
});

describe("cells", () => {
  test("are read as groups", () => {
    const read = (kind: Parameters<typeof cellReader>[0], cells: string[]) =>
      cells.map((cell) => cellReader(kind, cells).read(cell));
    expect(read("sex", ["F", " female", "M", "man", "Other", "unknown", ""])).toEqual([
      "female",
      "female",
      "male",
      "male",
      "other",
      null,
      null,
    ]);
    expect(read("age", ["0", "19.5", "20", "59", "60.0", "79", "80", "034Y", "011M", "n/a", "-1", "Adult"])).toEqual([
      ...["under 20", "under 20", "20 to 39", "40 to 59", "60 to 79", "60 to 79", "80 and over", "20 to 39"],
      ...["under 20", null, null, "adult"],
    ]);
    expect(read("tone", ["3", "IV", "FST II", "9", ""])).toEqual(["III", "IV", "II", null, null]);
    expect(read("site", ["Back", "lower extremity"])).toEqual(["back", "lower extremity"]);
    expect(read("other", ["Ward A", "12", "Ward A"])).toEqual(["Ward A", "12", "Ward A"]);
    expect(read("other", ["2", "1", "0", "?"])).toEqual(["2", "1", "0", null]);
  });

  test("of many numbers are placed in the quarters of the real ones", () => {
    const cells = Array.from({ length: 21 }, (_, i) => String(i));
    const { read, order } = cellReader("other", cells);
    expect(order).toEqual(["up to 5", "over 5 to 10", "over 10 to 15", "over 15"]);
    expect(["-3", "5", "5.1", "15", "99", "many"].map(read)).toEqual([
      "up to 5",
      "up to 5",
      "over 5 to 10",
      "over 10 to 15",
      "over 15",
      null,
    ]);
  });

  test("groups stand in their natural order", () => {
    const { order } = cellReader("age", []);
    expect(sortGroups(["child", "80 and over", "under 20", "adult", "40 to 59"], order)).toEqual([
      "under 20",
      "40 to 59",
      "80 and over",
      "adult",
      "child",
    ]);
    expect(cellReader("other", ["10", "9", "100"]).order).toEqual(["9", "10", "100"]);
  });
});

describe("images of a group", () => {
  const side = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: -1, max: 1 })), { maxLength: 50 });
  const split = (pairs: [number, number][]) => ({
    labels: pairs.map(([label]) => label),
    groups: Int16Array.from(pairs, ([, group]) => group),
  });
  const counts = (labels: number[], chosen: Int32Array) =>
    [0, 1, 2].map((c) => [...chosen].filter((i) => labels[i] === c).length);
  const groupsOf = (
    real: Int16Array,
    synthetic: Int16Array | null,
    holdout: Int16Array | null = null,
  ): AttributeGroups => ({ column: "sex", values: ["f", "m"], real, synthetic, holdout, leftOut: [] });

  test("where both sets state it: both sides of that group, with its own class counts, the floor within the group", () => {
    fc.assert(
      fc.property(side, side, fc.nat(), (first, second, seed) => {
        const [real, fake] = [split(first), split(second)];
        const labels = { real: real.labels, synthetic: fake.labels, classes: 3 };
        const found = matchGroups(groupsOf(real.groups, fake.groups), labels, seed);
        expect(found.protocol).toBe("stated");
        expect(found.unstated).toBe(first.filter(([, g]) => g < 0).length);
        for (const [g, { matched, floor }] of found.groups.entries()) {
          for (const i of [...matched.first, ...floor.first, ...floor.second]) expect(real.groups[i]).toBe(g);
          for (const j of matched.second) expect(fake.groups[j]).toBe(g);
          const wanted = [0, 1, 2].map((c) => {
            const n = (pairs: [number, number][]) =>
              pairs.filter(([label, group]) => label === c && group === g).length;
            return Math.min(n(first), n(second));
          });
          expect(counts(real.labels, matched.first)).toEqual(wanted);
          expect(counts(fake.labels, matched.second)).toEqual(wanted);
          expect(new Set([...floor.first, ...floor.second]).size).toBe(floor.first.length + floor.second.length);
        }
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  test("where the synthetic set does not state it: any synthetic images of the group's class counts, and such a floor", () => {
    fc.assert(
      fc.property(side, side, fc.nat(), (first, second, seed) => {
        const [real, fake] = [split(first), split(second)];
        const labels = { real: real.labels, synthetic: fake.labels, classes: 3 };
        const found = matchGroups(groupsOf(real.groups, null), labels, seed);
        expect(found.protocol).toBe("class-mix");
        for (const [g, { matched, floor, synthetic }] of found.groups.entries()) {
          expect(synthetic).toBeNull();
          for (const i of [...matched.first, ...floor.first]) expect(real.groups[i]).toBe(g);
          const wanted = [0, 1, 2].map((c) =>
            Math.min(
              first.filter(([label, group]) => label === c && group === g).length,
              second.filter(([label]) => label === c).length,
            ),
          );
          expect(counts(real.labels, matched.first)).toEqual(wanted);
          expect(counts(fake.labels, matched.second)).toEqual(wanted);
          expect(counts(real.labels, floor.first)).toEqual(counts(real.labels, floor.second));
          expect(new Set([...floor.first, ...floor.second]).size).toBe(2 * floor.first.length);
        }
      }),
      { seed: 6, numRuns: 60 },
    );
  });

  test("the floor of a group that is not stated takes other images from all groups, or held-out ones where they are more", () => {
    const n = 60;
    const real = Int16Array.from({ length: n }, (_, i) => (i < 20 ? 0 : 1));
    const labels = { real: new Array<number>(n).fill(0), synthetic: new Array<number>(n).fill(0), classes: 1 };
    const [small] = matchGroups(groupsOf(real, null), labels, 1).groups;
    expect(small!.floor.from).toBe("halves");
    // 20 of 60: with k others drawn from all, k/3 of them are its own, so k + k/3 = 20.
    expect(small!.floor.counts[0]).toBeGreaterThan(10);
    const foreign = [...small!.floor.second].filter((i) => real[i] === 1).length;
    expect(foreign).toBeGreaterThan(small!.floor.second.length / 3);
    const held = { ...labels, holdout: new Array<number>(n).fill(0) };
    const [other] = matchGroups(groupsOf(real, null, null), held, 1).groups;
    expect(other!.floor).toMatchObject({ from: "holdout", counts: [20] });
  });
});
