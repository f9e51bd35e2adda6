import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { writeDataset } from "../../data/index.ts";
import { drawLesion, writeExtractor, writeLesions } from "../../features/testing/lesions.ts";
import { type EvaluationResult, evaluate } from "../evaluate.ts";
import { coveredGroups } from "./lagging-groups.ts";

const NAME = "onnx:small.onnx";
let folder: string;
let stated: EvaluationResult;
let mixed: EvaluationResult;
const path = (name: string) => join(folder, name);

/** Lesions of one class whose colours are moved for one sex only. */
async function writeBySex(name: string, seed: number, shift: Readonly<Record<"f" | "m", number>>): Promise<void> {
  const rows = (["f", "m"] as const).flatMap((sex) =>
    Array.from({ length: 40 }, (_, i) => ({
      fileName: `images/${sex}${i}.png`,
      image: drawLesion("red", new Rng(seed, sex, i), shift[sex]),
      columns: { diagnosis: "red", sex, ward: i % 2 === 0 ? "A" : "B" },
    })),
  );
  await writeDataset(path(name), { rows, description: { label: "diagnosis" } });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganglion-test-"));
  const features = [`onnx:${await writeExtractor(folder)}`];
  await writeBySex("real", 1, { f: 0, m: 0 });
  await writeBySex("lopsided", 2, { f: 60, m: 0 });
  await writeLesions(path("unstated"), { red: 60 }, 3);
  const common = { real: path("real"), features, by: ["ward"] };
  stated = await evaluate({ ...common, synthetic: path("lopsided"), out: path("a") });
  mixed = await evaluate({ ...common, synthetic: path("unstated"), out: path("b") });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a set that is bad for one group is seen, in the file, the warnings and the report", async () => {
  const { perAttribute } = stated.metrics.features[NAME]!;
  expect(Object.keys(perAttribute)).toEqual(["sex", "ward"]);
  const { female, male } = perAttribute.sex!;
  expect(female!.coverage!.high).toBeLessThan(male!.coverage!.low);
  // Women and men look alike here, so that synthetic men cover real women: only within the group it shows.
  expect(female!.reached!.low).toBeGreaterThan(0.7);
  expect(female!.kid!.low).toBeGreaterThan(male!.kid!.high);
  expect(stated.metrics.protocol.perAttribute.sex).toMatchObject({
    protocol: "stated",
    values: { female: { n: 40, floorN: 20, real: 40, synthetic: 40 } },
  });
  const [worst, ...others] = coveredGroups(stated.metrics, NAME);
  expect(worst).toMatchObject({ column: "sex", value: "female", by: "group", lags: true });
  expect(others.map(({ lags }) => lags)).toEqual([false, false, false]);
  expect(stated.metrics.warnings.join("\n")).toMatch(/covered less than the whole: sex female \(/);
  const report = await readFile(stated.reportPath, "utf8");
  expect(report).toMatch(/Some groups are covered less than the whole: sex female/);
});

test("what is covered of all images is told by group: the groups' shares add up to the whole", () => {
  const { overall, perAttribute } = stated.metrics.features[NAME]!;
  for (const groups of Object.values(perAttribute)) {
    const found = Object.values(groups).map(({ reached }) => reached!);
    const n = found.reduce((sum, group) => sum + group.n, 0);
    expect(n).toBe(stated.metrics.protocol.overall.n);
    expect(found.reduce((sum, group) => sum + group.n * group.value, 0) / n).toBeCloseTo(overall.coverage!.value, 12);
    for (const { value, low, high, floor } of found) {
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThanOrEqual(value);
      expect(floor).toBeGreaterThan(0.5);
    }
  }
});

test("a set that states no groups is compared by class counts, which is said", async () => {
  const { protocol, features, warnings } = mixed.metrics;
  expect(protocol.perAttribute.sex).toMatchObject({
    protocol: "class-mix",
    unstatedSynthetic: null,
    values: { male: { n: 40, real: 40, synthetic: null } },
  });
  expect(features[NAME]!.perAttribute.sex!.male!.coverage!.value).toBeGreaterThan(0.6);
  expect(warnings.join("\n")).toMatch(/does not state sex, ward: .*class counts/);
  expect(warnings.join("\n")).toMatch(
    /fewer than 100 images per side: sex \(female 40, male 40\); ward \(A 40, B 40\)/,
  );
  expect(coveredGroups(mixed.metrics, NAME).some(({ lags }) => lags)).toBe(false);
});

test("a group that no synthetic image looks like is seen, though the synthetic set states no groups", async () => {
  await writeBySex("unlike", 1, { f: 60, m: 0 });
  const features = [`onnx:${path("small.onnx")}`];
  const { metrics } = await evaluate({ real: path("unlike"), synthetic: path("unstated"), features, out: path("c") });
  const { female, male } = metrics.features[NAME]!.perAttribute.sex!;
  expect(female!.reached!.high).toBeLessThan(male!.reached!.low);
  expect(coveredGroups(metrics, NAME)).toMatchObject([
    { value: "female", by: "all", lags: true },
    { value: "male", lags: false },
  ]);
});

test("a column that is not there is refused with those that are", async () => {
  const options = { real: path("real"), synthetic: path("unstated"), by: ["bed"], out: path("never") };
  await expect(evaluate(options)).rejects.toThrow(/--by bed.*diagnosis, sex, ward/);
});
