import { Rng } from "../../core/rng.ts";
import { type Linear64, type Matrix, matrix, takeRows } from "../../math/linear/linear64.ts";
import { deviation, mean } from "../../math/mean.ts";
import { percentiles } from "../../math/quantile.ts";
import type { fid } from "./fid.ts";
import type { weightedKid } from "./kid.ts";
import { type Neighbourhoods, neighbourhoods } from "./neighbourhood.ts";
import { PRDC_NEIGHBOURS } from "./prdc.ts";
import { METRICS, type MetricForm, type MetricName, metricRegistry, metricsOf } from "./registry.ts";
import { integratedSupport, type SupportDistances, supportValue } from "./support.ts";

/** A metric with its 95 % interval. */
export interface Measured {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

type FeatureForm = Exclude<MetricForm, { kind: "images" }>;

/** Every metric; null where a set is too small for it. */
export type Measurements = Record<MetricName, Measured | null>;

/** Every metric without interval; null where a set is too small for it. */
export type MetricValues = Record<MetricName, number | null>;

/** Resamples of FID and FRD; each needs two covariances and a decomposition. */
export const FRECHET_RESAMPLES = 20;
/** 97.5 % quantile of Student's t with FRECHET_RESAMPLES - 1 degrees of freedom. */
const FRECHET_QUANTILE = 2.093;
/** Resamples of KID. */
export const KID_RESAMPLES = 200;
/** Resamples of alpha-precision and beta-recall. */
export const SUPPORT_RESAMPLES = 200;
/** Resamples of the metrics that are means over images. */
export const MEAN_RESAMPLES = 1000;

/** How often each of n images is drawn in n draws with replacement, one column a resample; column 0 is all ones. */
function bootstrapWeights(n: number, resamples: number, rng: Rng): Matrix {
  const out = matrix(n, resamples + 1);
  for (let i = 0; i < n; i++) out.data[i * out.columns] = 1;
  for (let r = 1; r <= resamples; r++) for (let i = 0; i < n; i++) out.data[rng.integer(n) * out.columns + r]!++;
  return out;
}

/**
 * Value ± t * standard deviation of values of resampled sets; resampling adds bias, so only their spread is used. Resampled
 * sets for which the distance is not defined (one real image many times, for FRD) are left out.
 * @returns null where the value or its spread is not defined
 */
async function measureFrechet(
  distance: typeof fid,
  real: Matrix,
  synthetic: Matrix,
  linear: Linear64,
  rng: Rng,
): Promise<Measured | null> {
  const value = await distance(real, synthetic, linear);
  const drawn = new Float64Array(FRECHET_RESAMPLES);
  const draw = (n: number) => Int32Array.from({ length: n }, () => rng.integer(n));
  for (let r = 0; r < FRECHET_RESAMPLES; r++) {
    drawn[r] = await distance(
      takeRows(real, draw(real.rows)),
      takeRows(synthetic, draw(synthetic.rows)),
      linear,
      "spread",
    );
  }
  const finite = drawn.filter(Number.isFinite);
  if (!Number.isFinite(value) || finite.length < 2) return null;
  const reach = FRECHET_QUANTILE * deviation(finite);
  return { value, low: value - reach, high: value + reach };
}

async function measureWeighted(
  statistic: typeof weightedKid,
  real: Matrix,
  synthetic: Matrix,
  linear: Linear64,
  rng: Rng,
): Promise<Measured> {
  const x = bootstrapWeights(real.rows, KID_RESAMPLES, rng);
  const y = bootstrapWeights(synthetic.rows, KID_RESAMPLES, rng);
  const values = await statistic(real, synthetic, x, y, linear);
  return { value: values[0]!, ...percentiles(values.slice(1).filter(Number.isFinite)) };
}

/** Mean of n parts with the quantiles of {@link MEAN_RESAMPLES} means of n parts drawn with replacement. */
export function measureMean(parts: Float64Array, rng: Rng): Measured {
  const n = parts.length;
  const drawn = new Float64Array(MEAN_RESAMPLES);
  for (let r = 0; r < MEAN_RESAMPLES; r++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += parts[rng.integer(n)]!;
    drawn[r] = sum / n;
  }
  return { value: mean(parts), ...percentiles(drawn) };
}

/** n draws with replacement from a sorted list, sorted. */
function resampledSorted(sorted: Float64Array, rng: Rng): Float64Array {
  const n = sorted.length;
  const counts = new Int32Array(n);
  for (let i = 0; i < n; i++) counts[rng.integer(n)]!++;
  const out = new Float64Array(n);
  for (let i = 0, at = 0; i < n; i++) for (let c = 0; c < counts[i]!; c++) out[at++] = sorted[i]!;
  return out;
}

function measureSupport(distances: SupportDistances, rng: Rng): Measured {
  const base = distances.base.slice().sort();
  const asked = distances.asked.slice().sort();
  const drawn = new Float64Array(SUPPORT_RESAMPLES);
  for (let r = 0; r < SUPPORT_RESAMPLES; r++) {
    drawn[r] = integratedSupport(resampledSorted(base, rng), resampledSorted(asked, rng));
  }
  const value = integratedSupport(base, asked);
  const reach = 1.96 * deviation(drawn);
  return { value, low: Math.max(0, value - reach), high: Math.min(1, value + reach) };
}

/**
 * Neighbours of sets of at least two images; fewer neighbours than the protocol's where the sets are too small for
 * precision, recall, density and coverage.
 */
const near = (real: Matrix, synthetic: Matrix, linear: Linear64): Promise<Neighbourhoods> =>
  neighbourhoods(real, synthetic, Math.min(PRDC_NEIGHBOURS, real.rows - 1, synthetic.rows - 1), linear);

const defined = (name: MetricName, real: Matrix, synthetic: Matrix): boolean =>
  Math.min(real.rows, synthetic.rows) >= metricRegistry[name].leastImages;

const nothing = <T>(): Record<MetricName, T | null> =>
  Object.fromEntries(METRICS.map((name) => [name, null])) as Record<MetricName, T | null>;

/**
 * All metrics with 95 % intervals, from a seeded bootstrap over images:
 * FID and FRD value ± t * standard deviation of {@link FRECHET_RESAMPLES} resampled values (resampling adds bias, so only their
 * spread is used), alpha-precision and beta-recall likewise from {@link SUPPORT_RESAMPLES} values within 0..1; KID percentiles of {@link KID_RESAMPLES} resampled values, pairs of an image with itself left out; the
 * others percentiles of {@link MEAN_RESAMPLES} resampled means over images, the balls held fixed.
 * @param extractor Name of what the features came from; some metrics are of one extractor only. Defaults to none of those.
 */
export async function measure(
  real: Matrix,
  synthetic: Matrix,
  linear: Linear64,
  seed: number,
  extractor = "",
): Promise<Measurements> {
  const out = nothing<Measured>();
  if (Math.min(real.rows, synthetic.rows) < 2) return out;
  const relations = await near(real, synthetic, linear);
  const measureOne = async (form: FeatureForm, rng: Rng): Promise<Measured | null> => {
    if (form.kind === "mean") {
      const { value, low, high } = measureMean(form.parts(relations), rng);
      const of = (mean: number) => form.ofMean?.(mean, relations) ?? mean;
      return { value: of(value), low: of(low), high: of(high) };
    }
    if (form.kind === "support") return measureSupport(form.distances(relations), rng);
    if (form.kind === "weighted") return measureWeighted(form.values, real, synthetic, linear, rng);
    const { distance, bound = Number.NEGATIVE_INFINITY } = form;
    const found = await measureFrechet(distance, real, synthetic, linear, rng);
    return found === null ? null : { ...found, low: Math.max(bound, found.low) };
  };
  for (const name of metricsOf(extractor)) {
    const { form } = metricRegistry[name];
    if (form.kind === "images" || !defined(name, real, synthetic)) continue;
    out[name] = await measureOne(form, new Rng(seed, "bootstrap", name));
  }
  return out;
}

/** All metrics without intervals. */
export async function measureValues(
  real: Matrix,
  synthetic: Matrix,
  linear: Linear64,
  extractor = "",
): Promise<MetricValues> {
  const out = nothing<number>();
  if (Math.min(real.rows, synthetic.rows) < 2) return out;
  const relations = await near(real, synthetic, linear);
  const ones = (n: number) => matrix(n, 1, new Float64Array(n).fill(1));
  const figureOf = async (form: FeatureForm): Promise<number> => {
    if (form.kind === "mean") {
      const found = mean(form.parts(relations));
      return form.ofMean?.(found, relations) ?? found;
    }
    if (form.kind === "support") return supportValue(form.distances(relations));
    if (form.kind === "frechet") return form.distance(real, synthetic, linear);
    return (await form.values(real, synthetic, ones(real.rows), ones(synthetic.rows), linear))[0]!;
  };
  for (const name of metricsOf(extractor)) {
    const { form } = metricRegistry[name];
    if (form.kind === "images" || !defined(name, real, synthetic)) continue;
    const value = await figureOf(form);
    out[name] = Number.isFinite(value) ? value : null;
  }
  return out;
}
