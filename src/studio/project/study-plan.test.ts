import { mkdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { readStudyConfig } from "../../study/config.ts";
import { AllowedPaths } from "../jobs/allowed-paths.ts";
import { studyPlanSchema, writeStudyPlan } from "./study-plan.ts";

let paths: AllowedPaths;
const REQUEST = {
  name: "study",
  dataset: "skin",
  positive: "melanoma",
  resolution: 32,
  seeds: 3,
  images: 20_000,
  run: null,
  heldOut: 0.25,
  epochs: 15,
};

beforeEach(async () => {
  const folder = await realpath(await temporaryFolder());
  for (const name of ["work/skin", "work/run", "outside"]) await mkdir(join(folder, name), { recursive: true });
  paths = await AllowedPaths.open(join(folder, "work"), []);
});

test("what the form says is the configuration that the command reads, and the same form makes one file", async () => {
  const path = await writeStudyPlan(paths, REQUEST);
  expect(path).toBe("study.json");
  const config = await readStudyConfig(join(paths.project, path));
  expect(config).toMatchObject({
    data: { dataset: "skin", positive: "melanoma", resolution: 32, heldOut: 0.25 },
    generators: { model: { from: "train", images: 20_000 } },
    seeds: [0, 1, 2],
    classifier: { epochs: 15 },
  });
  const text = await readFile(join(paths.project, path), "utf8");
  expect(await writeStudyPlan(paths, REQUEST)).toBe(path);
  // What a person has changed is not written over.
  expect((await failure(writeStudyPlan(paths, { ...REQUEST, seeds: 5 }))).message).toContain("choose another name");
  expect(await readFile(join(paths.project, path), "utf8")).toBe(text);
});

test("a model of the project can draw, and nothing outside is named", async () => {
  await writeStudyPlan(paths, { ...REQUEST, name: "own", images: null, run: "run" });
  expect((await readStudyConfig(join(paths.project, "own.json"))).generators).toEqual({
    model: { from: "run", run: "run" },
  });
  for (const change of [{ dataset: "../outside" }, { run: "/etc" }]) {
    expect((await failure(writeStudyPlan(paths, { ...REQUEST, ...change }))).code).toBe("usage");
  }
  for (const name of ["../x", "a/b", "", ".hidden", "x".repeat(65)]) {
    expect(studyPlanSchema.safeParse({ ...REQUEST, name }).success, name).toBe(false);
  }
});
