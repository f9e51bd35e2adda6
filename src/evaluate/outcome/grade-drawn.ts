import type { ProgressListener } from "../../core/progress.ts";
import { type FeatureExtractor, featureRows, selectImages } from "../../features/extractor.ts";
import type { LabelledSet } from "../../features/labelled-set.ts";
import { openMultiscaleExtractor } from "../../features/multiscale/multiscale-extractor.ts";
import { runtimeLinear64 } from "../../math/linear/runtime-linear64.ts";
import type { Outcome } from "../../train/index.ts";
import type { EvaluatedSets } from "../datasets.ts";
import type { Estimates, MetricsFile } from "../metrics-file.ts";
import { METRICS } from "../quality/registry.ts";
import { gradeExtractor } from "../verdict/grade-extractor.ts";
import { sightOf } from "../verdict/self-test.ts";
import { verdictOf } from "../verdict/verdict.ts";
import type { Verdict } from "../verdict/verdict-schema.ts";

/** Nothing is known of all images: the draws alone decide. */
const NOTHING = Object.fromEntries(METRICS.map((name) => [name, null])) as Estimates;

/** The images that are graded: everything at the sets' size. */
export type GradedSets = Pick<EvaluatedSets, "real" | "synthetic" | "holdout" | "classes">;

/** Grade and distance of a drawn set. */
export interface DrawnGrade {
  readonly verdict: Verdict;
  readonly distance: Outcome["distance"];
}

/** Grades a drawn set as `evaluate` does, by the fixed features alone and without metrics over all images. */
export async function gradeDrawn(
  sets: GradedSets,
  {
    seed,
    threads,
    onProgress,
  }: { readonly seed: number; readonly threads: number; readonly onProgress: ProgressListener },
): Promise<DrawnGrade> {
  const { resolution, channels } = sets.real.store;
  const whole: EvaluatedSets = { ...sets, resolution, channels, close: () => undefined };
  const extractor = await openMultiscaleExtractor(sets.real.store, { threads, onProgress });
  const linear = runtimeLinear64({ threads });
  try {
    const rows = async ({ store }: LabelledSet) => featureRows(await extractor.extract(store));
    const holdout = sets.holdout === null ? null : await rows(sets.holdout);
    const features = { real: await rows(sets.real), synthetic: await rows(sets.synthetic), holdout };
    const sight = await sightOf(whole, extractor, features, linear, seed, onProgress);
    const { likeness, selfTest } = gradeExtractor(sight, extractor.learned, sets.classes);
    const found = { overall: NOTHING, likeness, perClass: {}, perAttribute: {} };
    const verdict = verdictOf({
      features: { [extractor.name]: found },
      selfTest: { [extractor.name]: selfTest },
      // Every class of the sets was drawn.
      protocol: { perClass: {} } as MetricsFile["protocol"],
    });
    return { verdict, distance: distanceOf(extractor, likeness) };
  } finally {
    await Promise.all([extractor.close(), linear.close()]);
  }
}

function distanceOf(
  { name }: FeatureExtractor,
  likeness: ReturnType<typeof gradeExtractor>["likeness"],
): Outcome["distance"] {
  if (likeness === null) return null;
  const { n, control, fid } = likeness;
  return {
    features: name,
    value: fid.value,
    floor: fid.floor,
    n,
    control: control === "holdout" ? "holdout" : "halves",
  };
}

/** Some images of a set, as a set of their own. */
export function someOf(set: LabelledSet, chosen: readonly number[]): LabelledSet {
  const { store, dataset } = set;
  const { resolution, channels } = store;
  const labels = Uint16Array.from(chosen, (i) => set.labels[i]!);
  const source = selectImages(store, chosen);
  const picked = { ...source, source: store.source, resolution, channels, classes: store.classes, labels };
  const samples = chosen.map((i) => dataset.samples[i]!);
  return { ...set, dataset: { ...dataset, samples }, store: { ...picked, close: () => undefined }, labels };
}
