import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GanglionError } from "../core/errors.ts";
import { writeExtractor, writeLesions } from "../features/testing/lesions.ts";
import { type EvaluationResult, evaluate } from "./evaluate.ts";
import { metricsJsonSchema, metricsSchema } from "./metrics-file.ts";
import { METRICS, metricsOf } from "./quality/registry.ts";

let folder: string;
let features: string[];
let same: EvaluationResult;
let shifted: EvaluationResult;
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganglion-test-"));
  features = [`onnx:${await writeExtractor(folder)}`];
  await writeLesions(path("real"), { dark: 60, red: 24, pale: 4 }, 1);
  await writeLesions(path("same"), { dark: 40, red: 40 }, 2);
  await writeLesions(path("shifted"), { dark: 40, red: 40 }, 2, 45);
  same = await evaluate({ real: path("real"), synthetic: path("same"), features, out: path("a") });
  shifted = await evaluate({ real: path("real"), synthetic: path("shifted"), features, out: path("b") });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const overall = ({ metrics }: EvaluationResult) => metrics.features["onnx:small.onnx"]!.overall;

describe("evaluate", () => {
  test("compares as many real as synthetic images of each class, and says where the sets differ", () => {
    const { protocol, real, synthetic, warnings } = same.metrics;
    expect([real.n, synthetic.n]).toEqual([88, 80]);
    expect(protocol.perClass).toEqual({
      dark: { n: 40, floorN: 30 },
      pale: { n: 0, floorN: 0 },
      red: { n: 24, floorN: 12 },
    });
    expect(protocol.overall).toEqual({ n: 64, floorN: 42 });
    expect(warnings.join("\n")).toMatch(/88 real, 80 synthetic.*64 against 64/);
    expect(warnings.join("\n")).toMatch(/No synthetic images of pale/);
    expect(warnings.join("\n")).toMatch(/floor has 42 against 42/);
    expect(warnings.join("\n")).toMatch(/FID on fewer than 2048 images/);
  });

  test("a shifted set is farther than one of the same distribution by FID, KID and coverage", () => {
    const [near, far] = [overall(same), overall(shifted)];
    expect(far.fid!.value).toBeGreaterThan(2 * near.fid!.value);
    expect(far.kid!.low).toBeGreaterThan(near.kid!.high);
    expect(far.coverage!.high).toBeLessThan(near.coverage!.low);
  });

  test("every value lies in its interval, and classes without images have none", () => {
    for (const found of [overall(same), overall(shifted), same.metrics.features["onnx:small.onnx"]!.perClass.dark]) {
      for (const name of metricsOf("onnx:small.onnx")) {
        const cell = found![name];
        expect(cell!.low, name).toBeLessThanOrEqual(cell!.value);
        expect(cell!.high, name).toBeGreaterThanOrEqual(cell!.value);
        expect(Number.isFinite(cell!.floor), name).toBe(true);
      }
    }
    expect(Object.values(same.metrics.features["onnx:small.onnx"]!.perClass.pale!)).toEqual(METRICS.map(() => null));
  });

  test("the same call writes the same bytes", async () => {
    const again = await evaluate({ real: path("real"), synthetic: path("same"), features, out: path("c") });
    for (const [first, second] of [
      [same.metricsPath, again.metricsPath],
      [same.reportPath, again.reportPath],
    ]) {
      expect(await readFile(second!, "utf8")).toBe(await readFile(first!, "utf8"));
    }
  });

  test("a set against itself: FID 0, everything covered, nothing authentic, every image its own copy", async () => {
    const copied = await evaluate({ real: path("real"), synthetic: path("real"), features, out: path("d") });
    const found = overall(copied);
    expect(Math.abs(found.fid!.value)).toBeLessThan(1e-9 * overall(shifted).fid!.value);
    expect(found.coverage!.value).toBe(1);
    expect(found.authenticity!.value).toBe(0);
    expect(copied.metrics.nearest.pixel.suspects).toBe(88);
    for (const pair of copied.metrics.nearest.pixel.closest)
      expect(pair).toMatchObject({ real: pair.synthetic, distance: 0 });
  });

  test("a held-out set gives the floor where it gives more images, and distances to compare with", async () => {
    await writeLesions(path("held"), { dark: 50, red: 30 }, 3);
    const { metrics } = await evaluate({
      real: path("real"),
      synthetic: path("same"),
      holdout: path("held"),
      features,
      out: path("e"),
    });
    expect(metrics.protocol).toMatchObject({ floor: "holdout", overall: { n: 64, floorN: 64 } });
    expect(metrics.holdout!.n).toBe(80);
    expect(metrics.nearest.pixel.holdout!.n).toBe(80);
  });
});

test("of a balanced dataset only the synthetic images are compared, of a split one the training part", async () => {
  await writeLesions(path("balanced"), { dark: 30, red: 30 }, 5, 0, (_, i) => ({ synthetic: i < 12 ? "0" : "1" }));
  await writeLesions(path("split"), { dark: 30, red: 30 }, 6, 0, (_, i) => ({ split: i < 20 ? "train" : "test" }));
  const { metrics, notes } = await evaluate({
    real: path("split"),
    synthetic: path("balanced"),
    features,
    out: path("g"),
  });
  expect([metrics.real.n, metrics.holdout!.n, metrics.synthetic.n]).toEqual([40, 20, 36]);
  expect(metrics.protocol.overall.n).toBe(36);
  expect(notes.join("\n")).toMatch(/36 synthetic images of 60.*column synthetic/);
  expect(notes.join("\n")).toMatch(/40 training images are the real set, 20 others the held-out set/);
});

test("the encoder is trained on the real images, states its held-out accuracy and has features of size 1", async () => {
  const { metrics } = await evaluate({
    real: path("real"),
    synthetic: path("shifted"),
    features: ["encoder"],
    encoderImages: 640,
    out: path("f"),
  });
  const { description, dimension } = metrics.protocol.extractors.encoder!;
  expect(description).toMatch(/held-out real images its accuracy is \d/);
  const { fid, kid } = metrics.features.encoder!.overall;
  expect(fid!.value).toBeGreaterThan(0);
  expect(fid!.value).toBeLessThan(4 * dimension);
  expect(Math.abs(kid!.value)).toBeLessThan(100);
  expect(metrics.warnings.join()).toMatch(/encoder: most of the real images were in its training/);
});

test("metrics.json keeps the contract's shape, and docs/metrics.schema.json is the schema of this version", async () => {
  const file = JSON.parse(await readFile(same.metricsPath, "utf8"));
  expect(metricsSchema.parse(file)).toEqual(file);
  expect(file.schema).toBe(1);
  expect(Object.keys(file.features["onnx:small.onnx"])).toEqual(["overall", "perClass", "perAttribute", "likeness"]);
  expect(Object.keys(file.features["onnx:small.onnx"].overall.fid)).toEqual(["value", "low", "high", "floor"]);
  expect(metricsSchema.safeParse({ ...file, warnings: [3] }).success).toBe(false);
  const { real: _, ...withoutReal } = file;
  expect(metricsSchema.safeParse(withoutReal).success).toBe(false);
  expect(JSON.parse(await readFile("docs/metrics.schema.json", "utf8"))).toEqual(metricsJsonSchema());
});

describe("refusals name the place, the rule and the remedy, and write nothing", () => {
  const fails = async (options: Partial<Parameters<typeof evaluate>[0]>): Promise<GanglionError> => {
    const out = path("never");
    const error = await evaluate({ real: path("real"), synthetic: path("same"), features, out, ...options }).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(error).toBeInstanceOf(GanglionError);
    expect(await readdir(folder)).not.toContain("never");
    return error as GanglionError;
  };

  test("a synthetic class that the real set lacks", async () => {
    await writeLesions(path("fewer"), { dark: 5, red: 5 }, 4);
    const error = await fails({ real: path("fewer"), synthetic: path("real") });
    expect(error.message).toMatch(/pale.*dark, pale, red.*dark, red/);
  });

  test("an unknown extractor, a missing path, a missing model, a file that is no model", async () => {
    expect((await fails({ features: ["inception"] })).message).toMatch(
      /no such extractor; there are encoder, multiscale, onnx, radiomics/,
    );
    expect((await fails({ features: ["onnx:"] })).message).toMatch(/onnx:PATH/);
    expect((await fails({ features: [`onnx:${path("none.onnx")}`] })).code).toBe("files");
    expect((await fails({ features: [`onnx:${path("real/metadata.csv")}`] })).code).toBe("graph");
  });

  test("a missing dataset", async () => {
    expect((await fails({ synthetic: path("nowhere") })).message).toContain("nowhere");
  });
});
