import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { GanglionError } from "../core/errors.ts";
import { parseStudyConfig, studyConfigJsonSchema } from "./config.ts";
import { studyConfig } from "./testing/config.ts";

function problemsOf(value: unknown): string[] {
  try {
    parseStudyConfig(value, "study.json");
  } catch (error) {
    if (error instanceof GanglionError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe("a configuration", () => {
  test("has its defaults filled in", () => {
    const config = parseStudyConfig(studyConfig(), "study.json");
    expect(config.data).toMatchObject({ resolution: 64, validation: 0.2, positive: null });
    expect(config.generators.gan).toEqual({
      ...{
        from: "train",
        model: "r3gan",
        mapKind: "box",
        preset: null,
        images: 40_000,
        set: {},
        perSeed: false,
        seed: 0,
        start: null,
        startClasses: {},
        startLicense: null,
        frozen: null,
      },
    });
    expect(config.arms.synthetic[0]).toMatchObject({ samplers: ["random"], classes: ["as is"], only: false });
    expect(config).toMatchObject({ alpha: 0.05, resamples: 1000, classifier: { kind: "network", views: 4 } });
  });

  test.each(["quick", "bissoto", "dermgan"])("may leave to the preset %s all but data and test sets", (preset) => {
    const { format, data, testSets } = studyConfig();
    const config = parseStudyConfig({ format, preset, data, testSets }, "study.json");
    expect(config.seeds.length).toBeGreaterThanOrEqual(5);
    expect(parseStudyConfig({ format, preset, data, testSets, seeds: [7] }, "study.json")).toEqual({
      ...config,
      seeds: [7],
    });
  });

  test("that is wrong in its fields says all of them", () => {
    const wrong = { ...studyConfig(), format: "ganglion.study/2", alpha: 0.7, seeds: [], color: true };
    const found = problemsOf(wrong).join("\n");
    for (const part of ["format: ", "alpha: ", "seeds: ", '"color"']) expect(found).toContain(part);
    expect(problemsOf({ ...studyConfig(), preset: "huge" })[0]).toMatch(/^preset: /);
    expect(problemsOf("text")[0]).toMatch(/^file: /);
  });

  test("says nothing of a start that there is not", () => {
    const generators = { gan: { from: "train", startClasses: { a: "b" } } };
    expect(problemsOf({ ...studyConfig(), generators }).join("\n")).toContain(
      "generators.gan.startClasses: says something of a start, and there is none; name one with start",
    );
  });

  test("says that a block asks for no arm, or for one twice", () => {
    const block = (asked: object) => ({ ...studyConfig(), arms: { synthetic: [{ generators: ["gan"], ...asked }] } });
    expect(problemsOf(block({}))).toEqual(["arms.synthetic.0: has no arm; give ratios, or only"]);
    expect(problemsOf(block({ only: [2, 4, 2] }))).toEqual(["arms.synthetic.0.only: has 2 twice; each counts once"]);
    expect(problemsOf(block({ only: true }))).toEqual([]);
  });

  test("whose fields contradict each other says all of it", () => {
    const config = studyConfig();
    const found = problemsOf({
      ...config,
      data: { ...config.data, positive: "melanoma" },
      testSets: [...config.testSets, config.testSets[0]],
      generators: { ...config.generators, idle: { from: "run", run: "runs/idle" } },
      arms: {
        synthetic: [{ generators: ["gan", "missing"], samplers: ["random", "truncation:2"], ratios: [1] }],
        reduced: { generators: ["lost"], shares: [0.5, 0.5] },
      },
      seeds: [1, 2, 1],
      metrics: ["auc", "auc", "auc:nevus", "speed"],
      primary: "f1",
    }).join("\n");
    for (const part of [
      'arms.synthetic.0.generators: no generator "missing"; there are gan, idle',
      "arms.synthetic.0.samplers: truncation:2: psi is above 0 and at most 1",
      'arms.reduced.generators: no generator "lost"',
      "generators.idle: no arm uses it",
      "seeds: has 1 twice",
      "testSets: two are named held-out",
      "testSets: two are the held-out images of the data",
      "arms.reduced.shares: has 0.5 twice",
      "metrics: auc:nevus: the classes are melanoma and other",
      'metrics: no metric "speed"',
      "metrics: has auc twice",
      "primary: f1 is not among the metrics",
    ]) {
      expect(found).toContain(part);
    }
  });
});

test("mistakes in fields and between them are said together", () => {
  const wrong = {
    ...studyConfig(),
    data: {},
    seeds: [1, 1],
    arms: { synthetic: [{ generators: ["gun"], ratios: [1] }] },
  };
  const problems = problemsOf({ ...wrong, metrics: ["auc", "auc"] });
  expect(problems.some((problem) => problem.includes("data.dataset"))).toBe(true);
  expect(problems.some((problem) => problem.includes("has 1 twice"))).toBe(true);
  expect(problems.some((problem) => problem.includes('no generator "gun"'))).toBe(true);
  // A rule that reads what cannot be read is not judged.
  expect(problems.some((problem) => problem.includes("has auc twice"))).toBe(false);
});

test("docs/study.schema.json is the schema of this version, and docs/study.md names every key", async () => {
  const schema = studyConfigJsonSchema();
  expect(JSON.parse(await readFile("docs/study.schema.json", "utf8"))).toEqual(schema);
  const text = await readFile("docs/study.md", "utf8");
  const keys = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("properties" in value) for (const key of Object.keys(value.properties as object)) keys.add(key);
    for (const own of Object.values(value)) collect(own);
  };
  collect(schema);
  expect([...keys].filter((key) => key !== "$schema" && !text.includes(`\`${key}\``))).toEqual([]);
});
