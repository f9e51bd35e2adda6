import type { ProgressListener } from "../core/progress.ts";
import { type FeatureExtractor, featureRows } from "../features/extractor.ts";
import type { LabelledSet } from "../features/labelled-set.ts";
import { type Linear64, type Matrix, rowsView, takeRows } from "../math/linear/linear64.ts";
import { reachedGroups } from "./attributes/reached-groups.ts";
import type { ComparisonPlan } from "./comparison-plan.ts";
import type { EvaluatedSets } from "./datasets.ts";
import { classRanges, type FloorSets, type MatchedSets } from "./matching.ts";
import type { Estimates, MetricsFile } from "./metrics-file.ts";
import { measure, measureValues } from "./quality/measure.ts";
import { METRICS } from "./quality/registry.ts";

/** Features of the three sets by one extractor. */
export interface SetFeatures {
  readonly real: Matrix;
  readonly synthetic: Matrix;
  readonly holdout: Matrix | null;
}

/** Features of all images of the sets. */
export async function extractAll(
  sets: EvaluatedSets,
  extractor: FeatureExtractor,
  onProgress: ProgressListener,
): Promise<SetFeatures> {
  const rows = async (images: LabelledSet) => featureRows(await extractor.extract(images.store, onProgress));
  return {
    real: await rows(sets.real),
    synthetic: await rows(sets.synthetic),
    holdout: sets.holdout === null ? null : await rows(sets.holdout),
  };
}

/** Rows of a comparison and of its floor. */
interface Rows {
  readonly real: Matrix;
  readonly synthetic: Matrix;
  readonly floorFirst: Matrix;
  readonly floorSecond: Matrix;
}

function rowsOf({ real, synthetic, holdout }: SetFeatures, matched: MatchedSets, floor: FloorSets): Rows {
  return {
    real: takeRows(real, matched.first),
    synthetic: takeRows(synthetic, matched.second),
    floorFirst: takeRows(real, floor.first),
    floorSecond: takeRows(floor.from === "holdout" && holdout !== null ? holdout : real, floor.second),
  };
}

async function estimates(rows: Rows, linear: Linear64, seed: number, extractor: string): Promise<Estimates> {
  const measured = await measure(rows.real, rows.synthetic, linear, seed, extractor);
  const floor = await measureValues(rows.floorFirst, rows.floorSecond, linear, extractor);
  return Object.fromEntries(
    METRICS.map((name) => [name, measured[name] === null ? null : { ...measured[name], floor: floor[name] }]),
  ) as Estimates;
}

/** Metrics overall, per class and per group of each attribute, on the features of one extractor. */
export async function compareFeatures(
  sets: EvaluatedSets,
  plan: ComparisonPlan,
  extractor: string,
  features: SetFeatures,
  linear: Linear64,
  seed: number,
  tell: (done: number, total: number) => void,
): Promise<Omit<MetricsFile["features"][string], "likeness">> {
  const { matched, floor, attributes } = plan;
  const whole = rowsOf(features, matched, floor);
  const named = sets.classes.filter((name) => name !== "");
  const total = 1 + named.length + attributes.reduce((n, { groups }) => n + groups.length, 0);
  let done = 0;
  const measured = async (rows: Rows): Promise<Estimates> => {
    tell(done, total);
    const found = await estimates(rows, linear, seed, extractor);
    tell(++done, total);
    return found;
  };
  const overall = await measured(whole);
  const perClass: Record<string, Estimates> = {};
  const places = classRanges(matched.counts);
  const floorPlaces = classRanges(floor.counts);
  for (const [c, name] of sets.classes.entries()) {
    if (name === "") continue;
    const part = (rows: Matrix, { start, count }: { start: number; count: number }) => rowsView(rows, start, count);
    perClass[name] = await measured({
      real: part(whole.real, places[c]!),
      synthetic: part(whole.synthetic, places[c]!),
      floorFirst: part(whole.floorFirst, floorPlaces[c]!),
      floorSecond: part(whole.floorSecond, floorPlaces[c]!),
    });
  }
  const perAttribute: MetricsFile["features"][string]["perAttribute"] = {};
  const indices = { realIndices: matched.first, floorIndices: floor.first };
  const reach = attributes.length === 0 ? null : await reachedGroups({ ...whole, ...indices }, linear, seed);
  for (const attribute of attributes) {
    const own: MetricsFile["features"][string]["perAttribute"][string] = {};
    for (const [g, group] of attribute.groups.entries()) {
      const found = await measured(rowsOf(features, group.matched, group.floor));
      own[group.value] = { ...found, reached: reach?.(attribute, g) ?? null };
    }
    perAttribute[attribute.column] = own;
  }
  return { overall, perClass, perAttribute };
}
