import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AuditFile, AuditTest } from "../../audit/audit-file.ts";
import { writeJson } from "../../core/files.ts";
import { sealJson } from "../../core/sealed-json.ts";
import { datasetHash, readDataset } from "../../data/index.ts";
import { fillBoxes } from "../../data/maps/semantic-map.ts";
import { METRICS, type MetricsFile } from "../../evaluate/index.ts";
import { type TestRunOptions, writeTestRun } from "../../model/testing/run.ts";
import { fillMaps, generateDataset, openMapRun, openRun } from "../../sample/index.ts";
import { writeMapTestRun } from "../../sample/testing/map-run.ts";
import { DEFAULT_CONFIG, type ReleaseConfig } from "../config.ts";
import { type Release, type ReleaseOptions, release } from "../release.ts";

/** Images of each class in the sets of tests. */
export const PER_CLASS = 6;

/** Limits for sets of a dozen images whose audit is invented, so that it cannot be made again. */
export const CONFIG: ReleaseConfig = {
  ...DEFAULT_CONFIG,
  gate: {
    ...DEFAULT_CONFIG.gate,
    ...{ minTestImages: 10, minImagesPerClass: 5, maxCopyShare: 0.1, withoutTraining: true },
  },
};

const estimate = (value: number, half = 0.05) => ({ value, low: value - half, high: value + half });

const test = (id: string, figures: AuditTest["figures"], change: Partial<AuditTest> = {}): AuditTest => ({
  id,
  title: id.startsWith("copies") ? "Copy search" : "Membership inference",
  scope: "all",
  n: 2 * PER_CLASS,
  figures,
  control: null,
  severity: "none",
  needs: "the images",
  limits: "what it does not look for",
  ...change,
});

/** The audit of a clean set. */
export const cleanTests = (): AuditTest[] => [
  test("copies.pixel", {}),
  test("membership.domias", { auc: estimate(0.5), "tpr@fpr=0.01": estimate(0.01, 0.01) }),
];

/** Writes `audit.json` of a set, as `ganglion audit` does; `change` spoils it. */
export async function writeAudit(folder: string, dataset: string, change: Partial<AuditFile> = {}): Promise<AuditFile> {
  const read = await readDataset(dataset);
  const audit = {
    schema: 1,
    seed: 0,
    train: { n: 40, hash: "0".repeat(64) },
    holdout: { n: 20, hash: "1".repeat(64) },
    synthetic: { n: read.samples.length, hash: await datasetHash(read) },
    run: null,
    protocol: { resolution: 8, spaces: {}, unit: "image", falseAlarms: { copies: 0, tests: 0 } },
    verdict: "No leak was found.",
    tests: cleanTests(),
    copies: [],
    splitLeaks: [],
    objections: [],
    cautions: [],
    findings: [],
    warnings: [],
    ...change,
  } as AuditFile;
  await writeJson(join(folder, "audit.json"), sealJson(audit));
  return audit;
}

/** Writes `metrics.json` of a set: invented figures in the shape of real ones. */
export async function writeMetrics(folder: string, dataset: string): Promise<MetricsFile> {
  const { hash, n } = { hash: await datasetHash(await readDataset(dataset)), n: 2 * PER_CLASS };
  const found = { ...estimate(0.5), floor: 0.25 };
  const scope = Object.fromEntries(METRICS.map((name) => [name, found]));
  const distances = { median: 1, low: 0.5, n };
  const nearest = { searched: n, synthetic: distances, real: distances, holdout: null, suspects: 0, closest: [] };
  const metrics = {
    schema: 1,
    real: { n, hash: "0".repeat(64) },
    synthetic: { n, hash },
    holdout: null,
    features: {
      encoder: { overall: scope, perClass: { melanoma: scope, nevus: scope }, perAttribute: {}, likeness: null },
    },
    verdict: { grade: "partial", sentence: "The synthetic images resemble part of the real images", reasons: [] },
    selfTest: {},
    imageMetrics: {},
    warnings: ["FID on fewer than 2048 images is biased"],
    protocol: {
      resolution: 8,
      channels: 3,
      seed: 0,
      overall: { n, floorN: n / 2 },
      perClass: {},
      perAttribute: {},
      floor: "halves",
      extractors: { encoder: { dimension: 8, description: "A small classifier." } },
      metrics: Object.fromEntries(METRICS.map((name) => [name, { protocol: "p", direction: "lower", source: "s" }])),
    },
    nearest: { pixel: nearest, features: {} },
    controls: null,
  };
  await writeJson(join(folder, "metrics.json"), sealJson(metrics));
  return metrics as unknown as MetricsFile;
}

/** A run, a set that it drew, and its audit, in `folder/run`, `folder/set` and `folder/audit`. */
export async function writeCase(
  folder: string,
  { classes = ["melanoma", "nevus"], ...options }: TestRunOptions & { readonly classes?: readonly string[] } = {},
): Promise<void> {
  await writeTestRun(join(folder, "run"), classes, options);
  const run = await openRun(join(folder, "run"), { threads: 1 });
  const counts = classes.map((name) => ({ name, count: PER_CLASS }));
  try {
    await generateDataset(run, join(folder, "set"), { counts, sampler: { kind: "random" }, seed: 5 });
  } finally {
    await run.close();
  }
  await writeAudit(join(folder, "audit"), join(folder, "set"));
}

/** The same of a run of maps: boxes, masks and tones. */
export async function writeMapCase(folder: string): Promise<void> {
  await writeMapTestRun(join(folder, "run"));
  const run = await openMapRun(join(folder, "run"), { threads: 1 });
  const requests = Array.from({ length: 2 * PER_CLASS }, (_, i) => {
    const boxes = [{ xMin: 0.25, yMin: i / 32, xMax: 0.75, yMax: i / 32 + 0.5 }];
    const region = new Uint8Array(16 * 16);
    fillBoxes(region, 16, boxes);
    const tone = (1 + (i % 5)) as 1 | 2 | 3 | 4 | 5;
    return { condition: i % 2, tone, boxes, region, seed: i, source: `skin, image ISIC_00${i}, moved` };
  });
  try {
    await fillMaps(run, join(folder, "set"), { requests, sampler: { kind: "random" } });
  } finally {
    await run.close();
  }
  await writeAudit(join(folder, "audit"), join(folder, "set"));
}

/** Releases the set of a case, without its run unless `change` names one. */
export const releaseCase = (folder: string, change: Partial<ReleaseOptions> = {}): Promise<Release> =>
  release({
    dataset: join(folder, "set"),
    audit: join(folder, "audit"),
    out: null,
    format: "imagefolder",
    config: CONFIG,
    version: "0.0.0",
    withoutRun: change.run === undefined && change.withGenerator === undefined,
    ...change,
  });

/** Changes a text file. */
export async function edit(path: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(path, "utf8");
  const after = change(before);
  if (after === before) throw new Error(`the edit of ${path} changes nothing`);
  await writeFile(path, after);
}
