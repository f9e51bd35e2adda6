import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileError, writeFileAtomic, writeJson } from "../core/files.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { removeOnExit } from "../core/temporary.ts";
import { type ControlFindings, measureControls } from "./controls/measure-controls.ts";
import { type EvaluatedSets, openSets } from "./datasets.ts";
import { type FeatureExtractor, featureRows } from "./features/extractor.ts";
import { openExtractor } from "./features/open-extractor.ts";
import { type Linear64, type Matrix, rowsView, takeRows } from "./linear/linear64.ts";
import { runtimeLinear64 } from "./linear/runtime-linear64.ts";
import { classRanges, type FloorSets, floorSets, type MatchedSets, matchClassCounts } from "./matching.ts";
import { type Estimates, type MetricsFile, metricsSchema } from "./metrics-file.ts";
import { featureFinding, type NearestFinding, pixelFinding } from "./privacy/nearest-summary.ts";
import { measure, measureValues } from "./quality/measure.ts";
import { METRICS, metricRegistry } from "./quality/registry.ts";
import { renderReport } from "./report/render-report.ts";
import { sizeWarnings } from "./warnings.ts";

export interface EvaluateOptions {
  /** Path of the real dataset, that the generator was trained on. */
  readonly real: string;
  /** Path of the synthetic dataset; its image size is the size of the evaluation. */
  readonly synthetic: string;
  /** Path of real images the generator has not seen. Defaults to none. */
  readonly holdout?: string;
  /** Extractors: `encoder` or `onnx:PATH`. Defaults to `["encoder"]`. */
  readonly features?: readonly string[];
  /** Images seen while `encoder` is trained. Defaults to 20,000. */
  readonly encoderImages?: number;
  /** Folder of the run that drew the synthetic images, to see what changes with the condition alone. Defaults to none. */
  readonly run?: string;
  /** Images seen in the training of each network that judges the controls. Defaults to 20,000. */
  readonly controlImages?: number;
  /** Folder for `metrics.json` and `report.html`. */
  readonly out: string;
  /** Class column of the real (and held-out) dataset. Defaults to what the dataset says, else a guess. */
  readonly label?: string;
  /** Seed of every draw. Defaults to 0. */
  readonly seed?: number;
  /** Threads inside one operator. Defaults to 1. */
  readonly threads?: number;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener;
}

/** What an evaluation found and where it wrote it. */
export interface EvaluationResult {
  readonly metrics: MetricsFile;
  readonly metricsPath: string;
  readonly reportPath: string;
  /** Guesses and choices of the readers, to be said aloud. */
  readonly notes: readonly string[];
}

/** Features of the three sets by one extractor. */
interface SetFeatures {
  readonly real: Matrix;
  readonly synthetic: Matrix;
  readonly holdout: Matrix | null;
}

/** The sets compared, and what they are compared with. */
interface Plan {
  readonly matched: MatchedSets;
  readonly floor: FloorSets;
}

async function extractAll(
  sets: EvaluatedSets,
  extractor: FeatureExtractor,
  onProgress: ProgressListener,
): Promise<SetFeatures> {
  const rows = async (images: EvaluatedSets["real"]) => featureRows(await extractor.extract(images.store, onProgress));
  return {
    real: await rows(sets.real),
    synthetic: await rows(sets.synthetic),
    holdout: sets.holdout === null ? null : await rows(sets.holdout),
  };
}

async function estimates(
  real: Matrix,
  synthetic: Matrix,
  floorFirst: Matrix,
  floorSecond: Matrix,
  linear: Linear64,
  seed: number,
): Promise<Estimates> {
  const measured = await measure(real, synthetic, linear, seed);
  const floor = await measureValues(floorFirst, floorSecond, linear);
  return Object.fromEntries(
    METRICS.map((name) => [name, measured[name] === null ? null : { ...measured[name], floor: floor[name] }]),
  ) as Estimates;
}

/** Metrics overall and per class on the features of one extractor. */
async function compareFeatures(
  sets: EvaluatedSets,
  plan: Plan,
  features: SetFeatures,
  linear: Linear64,
  seed: number,
  tell: (done: number, total: number) => void,
): Promise<{ overall: Estimates; perClass: Record<string, Estimates> }> {
  const { matched, floor } = plan;
  const floorSource = floor.from === "holdout" ? features.holdout! : features.real;
  const real = takeRows(features.real, matched.first);
  const synthetic = takeRows(features.synthetic, matched.second);
  const first = takeRows(features.real, floor.first);
  const second = takeRows(floorSource, floor.second);
  const named = sets.classes.filter((name) => name !== "");
  const total = 1 + named.length;
  tell(0, total);
  const overall = await estimates(real, synthetic, first, second, linear, seed);
  tell(1, total);
  const perClass: Record<string, Estimates> = {};
  const places = classRanges(matched.counts);
  const floorPlaces = classRanges(floor.counts);
  for (const [c, name] of sets.classes.entries()) {
    if (name === "") continue;
    const part = (rows: Matrix, { start, count }: { start: number; count: number }) => rowsView(rows, start, count);
    perClass[name] = await estimates(
      part(real, places[c]),
      part(synthetic, places[c]),
      part(first, floorPlaces[c]),
      part(second, floorPlaces[c]),
      linear,
      seed,
    );
    tell(1 + Object.keys(perClass).length, total);
  }
  return { overall, perClass };
}

const ENCODER_WARNING =
  "encoder: most of the real images were in its training and the synthetic ones were not, which may add to every distance above the floor; compare generators by it, or add an extractor trained elsewhere (onnx:PATH).";

const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

/** What is to be said about the sets themselves. */
function setWarnings(sets: EvaluatedSets, { matched, floor }: Plan): string[] {
  const { real, synthetic, classes } = sets;
  const warnings: string[] = [];
  const n = sum(matched.counts);
  if (n < real.store.count || n < synthetic.store.count) {
    warnings.push(
      `The sets differ in size or class counts (${real.store.count} real, ${synthetic.store.count} synthetic): compared are ${n} against ${n} with equal class counts, drawn with the seed.`,
    );
  }
  const absent = classes.filter((name, c) => name !== "" && !synthetic.labels.includes(c));
  if (absent.length > 0) warnings.push(`No synthetic images of ${absent.join(", ")}: these classes are not compared.`);
  const floorN = sum(floor.counts);
  if (floorN < n) {
    warnings.push(
      `The real-against-real floor has ${floorN} against ${floorN} images where ${n} were compared, for want of real images: its FID is biased upwards, so the distance above the floor is understated.`,
    );
  }
  return warnings;
}

function protocolOf(sets: EvaluatedSets, { matched, floor }: Plan, seed: number): MetricsFile["protocol"] {
  const compared = (c: number) => ({ n: matched.counts[c], floorN: floor.counts[c] });
  return {
    resolution: sets.resolution,
    channels: sets.channels,
    seed,
    overall: { n: sum(matched.counts), floorN: sum(floor.counts) },
    perClass: Object.fromEntries(
      sets.classes.map((name, c) => [name, compared(c)] as const).filter(([name]) => name !== ""),
    ),
    floor: floor.from,
    extractors: {},
    metrics: Object.fromEntries(
      METRICS.map((name) => {
        const { protocol, direction, source } = metricRegistry[name];
        return [name, { protocol, direction, source }];
      }),
    ),
  };
}

/** How the sets are compared. */
interface Settings {
  readonly seed: number;
  readonly threads: number;
  readonly encoderImages?: number;
  readonly controlImages?: number;
  /** Folder of the run that drew the images. */
  readonly run?: string;
  readonly onProgress: ProgressListener;
}

interface Findings {
  readonly metrics: MetricsFile;
  readonly pixel: NearestFinding;
  readonly byFeatures: Record<string, NearestFinding>;
  readonly controls: ControlFindings | null;
}

/** Compares the opened sets with every extractor; nothing is written. */
async function evaluateSets(sets: EvaluatedSets, specs: readonly string[], run: Settings): Promise<Findings> {
  const { seed, threads, onProgress } = run;
  const classes = sets.classes.length;
  const matched = matchClassCounts(sets.real.labels, sets.synthetic.labels, classes, seed);
  const floor = floorSets(sets.real.labels, sets.holdout?.labels, matched.counts, seed);
  const plan: Plan = { matched, floor };
  const protocol = protocolOf(sets, plan, seed);
  const warnings = setWarnings(sets, plan);
  const features: MetricsFile["features"] = {};
  const byFeatures: Record<string, NearestFinding> = {};
  const linear = runtimeLinear64({ threads });
  try {
    const { finding: pixel, found } = await pixelFinding(sets, linear, onProgress);
    for (const spec of specs) {
      const extractor = await openExtractor(spec, { real: sets.real, ...run });
      try {
        const { name, dimension, description } = extractor;
        const rows = await extractAll(sets, extractor, onProgress);
        features[name] = await compareFeatures(sets, plan, rows, linear, seed, (done, total) =>
          onProgress({ stage: `metrics ${name}`, done, total, unit: "comparisons" }),
        );
        byFeatures[name] = await featureFinding(sets, rows, found, extractor, linear, onProgress);
        protocol.extractors[name] = { dimension, description };
        const perClass = new Map(Object.entries(protocol.perClass).map(([label, { n }]) => [label, n]));
        if (name === "encoder") warnings.push(ENCODER_WARNING);
        warnings.push(...sizeWarnings(name, dimension, { overall: protocol.overall.n, perClass }));
      } finally {
        await extractor.close();
      }
    }
    const controls = await measureControls(sets, { ...run, imagesSeen: run.controlImages });
    if (run.run !== undefined && controls === null) {
      warnings.push("--run is not used: the synthetic set names no regions that were asked for (masks or boxes).");
    }
    const about = ({ store, hash }: EvaluatedSets["real"]) => ({ n: store.count, hash });
    const metrics = metricsSchema.parse({
      schema: 1,
      real: about(sets.real),
      synthetic: about(sets.synthetic),
      holdout: sets.holdout === null ? null : about(sets.holdout),
      features,
      warnings,
      protocol,
      nearest: {
        pixel: pixel.summary,
        features: Object.fromEntries(Object.entries(byFeatures).map(([name, { summary }]) => [name, summary])),
      },
      controls: controls?.summary ?? null,
    });
    return { metrics, pixel, byFeatures, controls };
  } finally {
    await linear.close();
  }
}

/**
 * Compares synthetic images with real ones and writes `metrics.json` (docs/metrics.schema.json) and a self-contained
 * `report.html`. Both sets are brought to equal class counts before they are compared; docs/metrics.md has every rule.
 * @throws GanglionError `dataset`, `image`, `files`, `usage`; nothing is written then
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationResult> {
  const { seed = 0, threads = 1, onProgress = silent, encoderImages, controlImages, run, out } = options;
  const settings = { seed, threads, encoderImages, controlImages, run, onProgress };
  const specs = options.features === undefined || options.features.length === 0 ? ["encoder"] : options.features;
  const cache = await mkdtemp(join(tmpdir(), "ganglion-evaluate-")).catch((cause: unknown) => {
    throw fileError("create a folder in", tmpdir(), cause);
  });
  // Decoded real images: they must not outlive a command that is stopped.
  const release = removeOnExit(cache);
  try {
    const sets = await openSets({ ...options, cache, onProgress });
    try {
      const findings = await evaluateSets(sets, [...new Set(specs)], settings);
      const { metrics } = findings;
      const report = await renderReport({ sets, ...findings });
      const metricsPath = join(out, "metrics.json");
      const reportPath = join(out, "report.html");
      await writeFileAtomic(reportPath, report);
      await writeJson(metricsPath, metrics);
      const all = [sets.real, sets.synthetic, ...(sets.holdout === null ? [] : [sets.holdout])];
      const notes = all.flatMap(({ name, dataset }) => dataset.notes.map((note) => `${name}: ${note}`));
      return { metrics, metricsPath, reportPath, notes };
    } finally {
      sets.close();
    }
  } finally {
    release();
    await rm(cache, { recursive: true, force: true });
  }
}
