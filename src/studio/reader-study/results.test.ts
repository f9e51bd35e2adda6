import { describe, expect, test } from "vitest";
import { parseCsv } from "../../data/csv.ts";
import type { Answer } from "./answers.ts";
import { answersCsv, resultsJson, studyResults } from "./results.ts";
import type { Kind, StudyFile } from "./study-file.ts";

const study: StudyFile = {
  format: "ganglion.reader-study/1",
  name: "Pilot",
  seed: 1,
  created: "2024-05-01T00:00:00.000Z",
  realDataset: "skin",
  syntheticDataset: "made",
  size: 64,
  images: [
    { key: "a", kind: "real", label: "nevus", source: "images/secret.png" },
    { key: "b", kind: "synthetic", label: "nevus", source: "1.png" },
    { key: "c", kind: "real", label: "melanoma", source: "2.png" },
    { key: "d", kind: "synthetic", label: "melanoma", source: "3.png" },
  ],
};
const said = (reader: string, key: string, answer: Kind): Answer => ({
  reader,
  key,
  answer,
  milliseconds: 500,
  at: "2024-05-01T00:00:00.000Z",
});
/** Ada takes everything for synthetic, Bob is right but for d, Cy has only begun. */
const answers = [
  ...["a", "b", "c", "d"].map((key) => said("Ada", key, "synthetic")),
  said("Bob", "a", "real"),
  said("Bob", "b", "synthetic"),
  said("Bob", "c", "real"),
  said("Bob", "d", "real"),
];
const row = (given: readonly Answer[], reader: string, label: string) => {
  const found = studyResults(study, given).rows.find((one) => one.reader === reader && one.label === label);
  return found && [found.truePositive.hits, found.truePositive.n, found.falsePositive.hits, found.falsePositive.n];
};

describe("results", () => {
  test("count synthetic images called so, and real ones, by reader and class", () => {
    expect(row(answers, "all", "all")).toEqual([3, 4, 2, 4]);
    expect(row(answers, "Ada", "all")).toEqual([2, 2, 2, 2]);
    expect(row(answers, "Bob", "all")).toEqual([1, 2, 0, 2]);
    expect(row(answers, "Bob", "melanoma")).toEqual([0, 1, 0, 1]);
    expect(row(answers, "all", "nevus")).toEqual([2, 2, 1, 2]);
  });

  test("have a kappa over the pictures that every reader answered for", () => {
    // Pairs agree on b alone: P = 1/4; 5 of 8 answers are synthetic: Pe = (25 + 9) / 64.
    const chance = 34 / 64;
    expect(studyResults(study, answers).kappa).toEqual({
      value: expect.closeTo((0.25 - chance) / (1 - chance), 12),
      images: 4,
      readers: 2,
    });
    // Cy's one answer leaves one picture.
    const three = [...answers, said("Cy", "a", "real")];
    expect(studyResults(study, three).kappa).toMatchObject({ images: 1, readers: 3 });
    expect(studyResults(study, answers.slice(0, 4)).kappa).toBeNull();
  });

  test("before any answer are empty, and leave out pictures that are not of the study", () => {
    expect(row([], "all", "all")).toEqual([0, 0, 0, 0]);
    expect(studyResults(study, [said("Eve", "x", "real")]).rows.map(({ reader }) => reader)).not.toContain("Eve");
  });
});

describe("the sentence", () => {
  const many: StudyFile = {
    ...study,
    images: Array.from({ length: 40 }, (_, i) => ({
      ...{ key: `k${i}`, kind: i < 20 ? "synthetic" : "real", label: "nevus", source: "1.png" },
    })) as StudyFile["images"],
  };
  /** One reader who calls so many of the synthetic and of the real images synthetic. */
  const found = (synthetic: number, real: number) => {
    const called = (i: number) => (i < 20 ? i < synthetic : i - 20 < real);
    return studyResults(
      many,
      many.images.map(({ key }, i) => said("Ada", key, called(i) ? "synthetic" : "real")),
    ).verdict;
  };

  test("says told apart where the interval of the difference lies above 0", () => {
    const { toldApart, sentence, difference } = found(16, 6);
    expect(toldApart).toBe(true);
    expect(sentence).toBe(
      "Readers tell the synthetic images from real ones: they called 80 % of the synthetic and 30 % of the real images synthetic (difference +50 points, 95 % interval +19 points to +70 points, 40 answers)",
    );
    // Newcombe's method 10 by hand: Wilson (.584, .919) and (.145, .519).
    expect(difference!.value).toBeCloseTo(0.5, 12);
    expect(difference!.low).toBeCloseTo(0.5 - Math.hypot(0.8 - 0.58398, 0.51899 - 0.3), 3);
    expect(difference!.high).toBeCloseTo(0.5 + Math.hypot(0.91933 - 0.8, 0.3 - 0.14547), 3);
  });

  test("says not shown where it holds 0, the contrary where synthetic images pass for the real ones, nothing of a few", () => {
    expect(found(11, 10)).toMatchObject({
      toldApart: false,
      sentence: expect.stringMatching(/^Not shown that readers tell/),
    });
    expect(found(2, 15).sentence).toMatch(
      /^Readers tell the synthetic images from real ones, but take them for the real ones/,
    );
    expect(studyResults(study, answers).verdict).toMatchObject({
      toldApart: null,
      difference: null,
      sentence: expect.stringMatching(
        /^Cannot say whether .* 4 synthetic and 4 real images were answered for, 10 of each/,
      ),
    });
  });

  test("stands in the export", () => {
    const json = resultsJson(study, answers);
    expect(JSON.parse(json)).toMatchObject({ study: "Pilot", verdict: studyResults(study, answers).verdict });
    expect(json).not.toContain("secret");
  });
});

test("no cell of the table is a formula, wherever its text came from", () => {
  // Names are checked when they are sent; a file of answers, or classes of a dataset, can hold others.
  const evil = { ...study, images: study.images.map((image) => ({ ...image, label: "@SUM(A1:A9)" })) };
  const csv = answersCsv(evil, [said('=HYPERLINK("http://x","y")', "a", "real"), said("-2+3", "b", "real")]);
  const { rows } = parseCsv(csv, "answers.csv");
  expect(rows.map(([reader, , label]) => [reader, label])).toEqual([
    ['\'=HYPERLINK("http://x","y")', "'@SUM(A1:A9)"],
    ["'-2+3", "'@SUM(A1:A9)"],
  ]);
  expect(rows[0]![6]).toBe("500");
});

test("the table has every answer beside the truth and no file", () => {
  const lines = answersCsv(study, answers).trimEnd().split("\n");
  expect(lines[0]).toBe("reader,key,label,kind,answer,correct,milliseconds,at");
  expect(lines[1]).toBe("Ada,a,nevus,real,synthetic,0,500,2024-05-01T00:00:00.000Z");
  expect(lines).toHaveLength(9);
  expect(lines.join()).not.toContain("secret");
});
