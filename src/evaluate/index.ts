export { type AblateOptions, type AblationResult, ablate } from "./ablation/run-ablation.ts";
export { type CompareOptions, type ComparisonResult, compareSets } from "./comparison/compare-sets.ts";
export { type ComparisonFile, comparisonJsonSchema, comparisonSchema } from "./comparison/comparison-file.ts";
export { distanceMonitor } from "./distance-monitor.ts";
export { type DrawCheckpointOptions, isCheckpoint, withDrawnCheckpoints } from "./draw-checkpoints.ts";
export { type EvaluateOptions, type EvaluationResult, evaluate } from "./evaluate.ts";
export { type MetricsFile, metricsJsonSchema, metricsSchema } from "./metrics-file.ts";
export { concludeTraining } from "./outcome/conclude-training.ts";
export { type NearestImages, nearestInFeatures, nearestInPixels, nearestRows } from "./privacy/nearest.ts";
export { authenticity } from "./quality/authenticity.ts";
export { fid } from "./quality/fid.ts";
export { kid } from "./quality/kid.ts";
export { type Measured, type Measurements, measure } from "./quality/measure.ts";
export { oneNearestNeighbour } from "./quality/one-nearest-neighbour.ts";
export { PRDC_NEIGHBOURS, type Prdc, prdc } from "./quality/prdc.ts";
export {
  IMAGE_METRICS,
  METRICS,
  type MetricEntry,
  type MetricName,
  metricRegistry,
  metricsOf,
} from "./quality/registry.ts";
export { alphaPrecisionBetaRecall } from "./quality/support.ts";
export { verdictLines } from "./verdict/verdict.ts";
export type { Verdict } from "./verdict/verdict-schema.ts";
