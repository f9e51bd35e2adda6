import { percentFixed } from "../core/percent.ts";
import type { ProgressListener } from "../core/progress.ts";
import type { LabelledSet } from "../features/labelled-set.ts";
import type { OpenedExtractors } from "../features/opened-extractors.ts";
import { runtimeLinear64 } from "../math/linear/runtime-linear64.ts";
import { coveredGroups } from "./attributes/lagging-groups.ts";
import { compareFeatures, extractAll } from "./compare-features.ts";
import { describePlan, planComparison, planWarnings } from "./comparison-plan.ts";
import { type ControlFindings, measureControls } from "./controls/measure-controls.ts";
import type { EvaluatedSets } from "./datasets.ts";
import { measureImages, withImageMetrics } from "./measure-images.ts";
import { type MetricsFile, metricsSchema } from "./metrics-file.ts";
import { equalImages, featureFinding, type NearestFinding, pixelFinding } from "./privacy/nearest-summary.ts";
import { gradeExtractor } from "./verdict/grade-extractor.ts";
import { sightOf } from "./verdict/self-test.ts";
import { verdictOf } from "./verdict/verdict.ts";
import { sizeWarnings } from "./warnings.ts";

const ENCODER_WARNING =
  "encoder: most of the real images were in its training and the synthetic ones were not, which may add to every distance above the floor; compare generators by it, or add an extractor trained elsewhere (onnx:PATH).";

/** Names the groups that an extractor shows to be covered less than the whole. */
function laggingWarning(name: string, metrics: Pick<MetricsFile, "features" | "protocol">): string[] {
  const lagging = coveredGroups(metrics, name).filter(({ lags }) => lags);
  if (lagging.length === 0) return [];
  const named = lagging.map(
    ({ column, value, covered, floor }) =>
      `${column} ${value} (${percentFixed(covered.value)} of ${percentFixed(floor)})`,
  );
  return [`${name}: groups covered less than the whole: ${named.join(", ")}.`];
}

/** How the sets are compared. */
export interface EvaluationSettings {
  readonly seed: number;
  readonly threads: number;
  /** Further columns whose groups are compared. */
  readonly by?: readonly string[] | undefined;
  /** Most images per class. */
  readonly most?: readonly number[];
  readonly controlImages?: number | undefined;
  /** SHA-256 of the frozen network that judged the run that drew the images. Defaults to none. */
  readonly judge?: string | null | undefined;
  /** Folder of the run that drew the images. */
  readonly run?: string | undefined;
  readonly onProgress: ProgressListener;
}

/** What one evaluation found; nothing is written yet. */
export interface Findings {
  readonly metrics: MetricsFile;
  readonly pixel: NearestFinding;
  readonly byFeatures: Record<string, NearestFinding>;
  readonly controls: ControlFindings | null;
}

/** An image that pleases a network is not better for it (Kynkäänniemi et al. 2023, arXiv 2203.06026). */
const judgeWarning = (name: string): string =>
  `${name} judged the training (--frozen): its figures flatter these images; add features that did not, e.g. --features multiscale.`;

/** Compares the opened sets with every extractor; nothing is written. */
export async function evaluateSets(
  sets: EvaluatedSets,
  extractors: OpenedExtractors,
  settings: EvaluationSettings,
): Promise<Findings> {
  const { seed, threads, onProgress } = settings;
  const plan = planComparison(sets, settings);
  const protocol = describePlan(sets, plan, seed);
  const warnings = planWarnings(sets, plan);
  const features: MetricsFile["features"] = {};
  const selfTest: MetricsFile["selfTest"] = {};
  const byFeatures: Record<string, NearestFinding> = {};
  const linear = runtimeLinear64({ threads });
  try {
    const { finding: pixel, found } = await pixelFinding(sets, linear, onProgress);
    const images = measureImages({ sets, matched: plan.matched, copies: equalImages(found), seed }, onProgress);
    for (const extractor of await extractors.all()) {
      const { name, dimension, description } = extractor;
      const rows = await extractAll(sets, extractor, onProgress);
      const compared = await compareFeatures(sets, plan, name, rows, linear, seed, (done, total) =>
        onProgress({ stage: `metrics ${name}`, done, total, unit: "comparisons" }),
      );
      const sight = await sightOf(sets, extractor, rows, linear, seed, onProgress);
      const graded = gradeExtractor(sight, extractor.learned, sets.classes);
      features[name] = { ...withImageMetrics(compared, images), likeness: graded.likeness };
      selfTest[name] = graded.selfTest;
      byFeatures[name] = await featureFinding(sets, rows, found, extractor, linear, onProgress);
      protocol.extractors[name] = { dimension, description };
      const perClass = new Map(Object.entries(protocol.perClass).map(([label, { n }]) => [label, n]));
      if (extractor.sha256 !== undefined && extractor.sha256 === settings.judge) warnings.push(judgeWarning(name));
      if (name === "encoder") warnings.push(ENCODER_WARNING);
      warnings.push(...laggingWarning(name, { features, protocol }));
      warnings.push(...sizeWarnings(name, dimension, { overall: protocol.overall.n, perClass }));
    }
    warnings.push(...Object.values(images).flatMap(({ warnings }) => warnings));
    const controls = await measureControls(sets, { ...settings, imagesSeen: settings.controlImages });
    if (settings.run !== undefined && controls === null) {
      warnings.push("--run is not used: the synthetic set names no regions that were asked for (masks or boxes).");
    }
    const about = ({ store, hash }: LabelledSet) => ({ n: store.count, hash });
    const metrics = metricsSchema.parse({
      schema: 1,
      real: about(sets.real),
      synthetic: about(sets.synthetic),
      holdout: sets.holdout === null ? null : about(sets.holdout),
      features,
      verdict: verdictOf({ features, selfTest, protocol, imageMetrics: images }),
      selfTest,
      imageMetrics: images,
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
