import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeExtractor, writeLesions } from "../../features/testing/lesions.ts";
import { evaluate } from "../evaluate.ts";
import { metricsSchema } from "../metrics-file.ts";
import { bestSet } from "./best.ts";
import { type ComparisonResult, compareSets } from "./compare-sets.ts";
import { comparisonJsonSchema, comparisonSchema } from "./comparison-file.ts";

const estimate = (value: number, low: number, high: number) => ({ value, low, high });

describe("the best set", () => {
  test("is named only where its interval overlaps no other", () => {
    const [a, b, c] = [estimate(1, 0.8, 1.2), estimate(2, 1.3, 2.5), estimate(3, 2, 4)];
    expect(bestSet("kid", { a, b, c }, 0)).toBe("a");
    expect(bestSet("kid", { a, b: estimate(2, 1.1, 2.5), c }, 0)).toBeNull();
    // The interval of the second best may be the narrow one: that of the third reaches the best.
    expect(bestSet("kid", { a, b, c: estimate(3, 1.1, 4) }, 0)).toBeNull();
    expect(bestSet("coverage", { a, b, c }, 5)).toBeNull();
    expect(bestSet("coverage", { a, b, c: estimate(3, 2.6, 4) }, 5)).toBe("c");
    expect(bestSet("coverage", { a, b, c: estimate(3, 2.6, 4) }, null)).toBe("c");
  });

  test("is the one nearest to the floor where the floor is right", () => {
    const sets = { low: estimate(0.1, 0.05, 0.2), near: estimate(0.55, 0.5, 0.65), high: estimate(0.9, 0.8, 0.95) };
    expect(bestSet("oneNearestNeighbour", sets, 0.5)).toBe("near");
    expect(bestSet("oneNearestNeighbour", { ...sets, near: estimate(0.7, 0.5, 0.85) }, 0.5)).toBeNull();
    expect(bestSet("oneNearestNeighbour", sets, null)).toBeNull();
  });

  test("is not one that is only farther beyond the floor", () => {
    const sets = { crowded: estimate(1.2, 1.14, 1.27), like: estimate(0.93, 0.85, 1.01) };
    expect(bestSet("density", sets, 0.97)).toBeNull();
    expect(bestSet("density", { ...sets, like: estimate(0.8, 0.7, 0.9) }, 0.97)).toBe("crowded");
    expect(bestSet("fid", { low: estimate(1, 0.9, 1.1), high: estimate(2, 1.8, 2.2) }, 2.5)).toBeNull();
  });

  test("is not named among fewer than two", () => {
    expect(bestSet("kid", { a: estimate(1, 0.8, 1.2), b: null }, 0)).toBeNull();
  });
});

describe("several synthetic sets", () => {
  let folder: string;
  let found: ComparisonResult;
  let features: string[];
  const path = (name: string) => join(folder, name);
  const NAME = "onnx:small.onnx";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ganglion-test-"));
    features = [`onnx:${await writeExtractor(folder)}`];
    await writeLesions(path("real"), { dark: 40, red: 40 }, 1);
    await writeLesions(path("near"), { dark: 30, red: 40 }, 2);
    await writeLesions(path("far"), { dark: 40, red: 25 }, 3, 60);
    await writeLesions(path("more/near"), { dark: 30, red: 30 }, 4);
    const synthetic = [path("near"), path("far"), path("more/near")];
    found = await compareSets({ real: path("real"), synthetic, features, out: path("out") });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("stand on the same number of images of each class, and have one floor", async () => {
    const { protocol, sets } = found.comparison;
    expect(protocol.perClass).toMatchObject({ dark: { n: 30 }, red: { n: 25 } });
    expect(sets.map(({ name, n }) => [name, n])).toEqual([
      ["near", 70],
      ["far", 65],
      ["near-2", 60],
    ]);
    for (const { name, folder: own } of sets) {
      const metrics = metricsSchema.parse(JSON.parse(await readFile(join(path("out"), own, "metrics.json"), "utf8")));
      expect(metrics.protocol.overall).toEqual(protocol.overall);
      const { coverage } = metrics.features[NAME]!.overall;
      const beside = found.comparison.features[NAME]!.overall.coverage;
      expect(beside.sets[name]!.value).toBe(coverage!.value);
      expect(beside.floor).toBe(coverage!.floor);
    }
  });

  test("are told apart where they differ: a shifted set is never best, of two alike none is", () => {
    const { overall } = found.comparison.features[NAME]!;
    expect(overall.kid.sets.far!.low).toBeGreaterThan(overall.kid.sets.near!.high);
    expect(Object.values(overall).map(({ best }) => best)).not.toContain("far");
    expect(overall.kid.best).toBeNull();
  });

  test("have a page with links to their own reports, and comparison.json keeps its schema", async () => {
    const page = await readFile(found.reportPath, "utf8");
    for (const { name, verdict } of found.comparison.sets) {
      expect(page).toContain(`href="${name}/report.html"`);
      const own = await readFile(join(path("out"), name, "report.html"), "utf8");
      expect(own).toMatch(/^<!doctype html>/);
      expect(own).toContain(`<p class="headline">${verdict.sentence}</p>`);
      expect(page).toContain(`<b>${name}</b>: ${verdict.sentence}.`);
    }
    const { winner } = found.comparison;
    expect(winner.set).not.toBe("far");
    expect(page).toContain(`<p class="headline">${winner.sentence}`);
    const file = JSON.parse(await readFile(found.comparisonPath, "utf8"));
    expect(comparisonSchema.parse(file)).toEqual(file);
    expect(JSON.parse(await readFile("docs/comparison.schema.json", "utf8"))).toEqual(comparisonJsonSchema());
  });

  test("of equal class counts have the numbers that each has alone", async () => {
    await writeLesions(path("far2"), { dark: 30, red: 40 }, 5, 60);
    const common = { real: path("real"), features };
    const { comparison } = await compareSets({
      ...common,
      synthetic: [path("near"), path("far2")],
      out: path("pair"),
    });
    const alone = await evaluate({ ...common, synthetic: path("near"), out: path("alone") });
    for (const [metric, cell] of Object.entries(alone.metrics.features[NAME]!.overall)) {
      const { floor = null, ...own } = cell ?? {};
      const beside = comparison.features[NAME]!.overall[metric as "fid"];
      expect(beside.sets.near, metric).toEqual(cell === null ? null : own);
      expect(beside.floor, metric).toBe(floor);
    }
    expect(comparison.features[NAME]!.overall.kid.best).toBe("near");
  });
});
