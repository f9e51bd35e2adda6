import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProgressListener } from "../../core/progress.ts";
import { writeExtractor } from "../../features/testing/lesions.ts";
import { evaluate } from "../evaluate.ts";
import { metricsSchema } from "../metrics-file.ts";
import { LESIONS, type Shown, TONES_USED, writeControlled } from "../testing/controlled.ts";
import type { ControlsSummary } from "./controls-schema.ts";

const cache = process.env.GANGLION_CACHE;
let folder: string;
let features: string[];
let obeyed: ControlsSummary;
let ignored: ControlsSummary;
let page: string;
const path = (name: string) => join(folder, name);

/** What an image shows whose generator listens to nothing: the other condition, another tone, a box elsewhere. */
function otherwise({ condition, tone, box: [left, top, right, bottom] }: Shown): Shown {
  const conditions = Object.keys(LESIONS);
  const away = left < 6 ? 10 : -Math.min(left, 9);
  return {
    condition: conditions[1 - conditions.indexOf(condition)]!,
    tone: TONES_USED[(TONES_USED.indexOf(tone) + 1) % TONES_USED.length]!,
    box: [left + away, top, right + away, bottom],
  };
}

const sets = () => ({ real: path("real"), holdout: path("held"), features, controlImages: 1200 });
const NETWORKS = ["condition classifier", "segmenter"];
/** Networks that were trained in each evaluation. */
const trained = new Map<string, string[]>();
function noting(evaluation: string): ProgressListener {
  const own: string[] = [];
  trained.set(evaluation, own);
  return ({ stage }) => {
    if (NETWORKS.includes(stage) && !own.includes(stage)) own.push(stage);
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganglion-test-"));
  features = [`onnx:${await writeExtractor(folder)}`];
  await writeControlled(path("real"), 90, 1);
  await writeControlled(path("held"), 60, 2);
  await writeControlled(path("obeyed"), 60, 3);
  await writeControlled(path("ignored"), 60, 4, otherwise, 1);
  process.env.GANGLION_CACHE = path("cache");
  const good = await evaluate({ ...sets(), synthetic: path("obeyed"), out: path("a"), onProgress: noting("obeyed") });
  const bad = await evaluate({ ...sets(), synthetic: path("ignored"), out: path("b"), onProgress: noting("ignored") });
  [obeyed, ignored] = [good.metrics.controls!, bad.metrics.controls!];
  page = await readFile(bad.reportPath, "utf8");
  expect(metricsSchema.parse(JSON.parse(await readFile(good.metricsPath, "utf8"))).controls).toEqual(obeyed);
});
afterAll(async () => {
  if (cache === undefined) delete process.env.GANGLION_CACHE;
  else process.env.GANGLION_CACHE = cache;
  await rm(folder, { recursive: true, force: true });
});

test("the networks are trained once for the same real images, the segmenter again where a mask has changed", async () => {
  expect(trained.get("obeyed")).toEqual(NETWORKS);
  expect(trained.get("ignored")).toEqual([]);
  const masks = await readdir(path("real/masks"));
  await copyFile(path(`real/masks/${masks[1]}`), path(`real/masks/${masks[0]}`));
  await evaluate({ ...sets(), synthetic: path("obeyed"), out: path("c"), onProgress: noting("masked") });
  expect(trained.get("masked")).toEqual(["segmenter"]);
});

describe("images that hold what was asked", () => {
  test("agree in condition, region and tone as real images do", () => {
    const { condition, region, tone, segmenter, baseline } = obeyed;
    expect([baseline, segmenter!.masks]).toEqual(["holdout", 90]);
    expect(condition!.synthetic.balanced!.value).toBeGreaterThan(0.9);
    expect(condition!.real.balanced!.value).toBeGreaterThan(0.9);
    expect(region!.kind).toBe("box");
    expect(region!.shape.synthetic.median!.value).toBeGreaterThan(0.7);
    expect(region!.shape.ratio!.value).toBeGreaterThan(0.9);
    expect(region!.box.ratio!.value).toBeGreaterThan(0.9);
    expect(tone!.synthetic.correlation!.value).toBeGreaterThan(0.95);
    expect(tone!.real!.correlation!.value).toBeGreaterThan(0.95);
  });

  test("n is that of each set, and nothing is said of the outside without a run", () => {
    expect([obeyed.condition!.synthetic.n, obeyed.condition!.real.n]).toEqual([60, 60]);
    expect(obeyed.condition!.synthetic.perClass.blue!.n).toBe(30);
    expect(obeyed.outside).toBeNull();
  });
});

describe("images that hold something else", () => {
  test("disagree in every control, while the real images agree as before", () => {
    const { condition, region, tone } = ignored;
    expect(condition!.synthetic.balanced!.value).toBeLessThan(0.1);
    expect(condition!.synthetic.confusion[0]![1]).toBeGreaterThan(27);
    expect(region!.shape.ratio!.high).toBeLessThan(0.6);
    expect(region!.box.ratio!.high).toBeLessThan(0.6);
    expect(tone!.synthetic.correlation!.value).toBeLessThan(0);
    expect(condition!.real).toEqual(obeyed.condition!.real);
    expect(region!.shape.real).toEqual(obeyed.region!.shape.real);
  });

  test("the report has a section with figures and pictures, and asks no host for anything", () => {
    const section = page.slice(page.indexOf('id="controls"'), page.indexOf('id="nearest"'));
    expect(section).toMatch(/Does the control work\?/);
    for (const part of ["Condition", "Region", "Skin tone"]) expect(section).toContain(`<h3>${part}</h3>`);
    // Eight times map, image and outlines; eight images of each tone.
    expect(section.match(/<img /g)!.length).toBe(8 * 3 + TONES_USED.length * 8);
    expect(section.includes("http")).toBe(false);
    const words = section.replace(/src="[^"]*"/g, "");
    expect(/NaN|undefined|\[object/.exec(words)).toBeNull();
  });
});
