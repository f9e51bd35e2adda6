export { type CompareOptions, type ComparisonResult, compareSets } from "./comparison/compare-sets.ts";
export { type ComparisonFile, comparisonJsonSchema, comparisonSchema } from "./comparison/comparison-file.ts";
export { type EvaluateOptions, type EvaluationResult, evaluate } from "./evaluate.ts";
export {
  type FeatureExtractor,
  type FeatureMatrix,
  featureRows,
  type ImageSource,
  imagesInMemory,
  selectImages,
} from "./features/extractor.ts";
export { type OnnxExtractorOptions, openOnnxExtractor } from "./features/onnx-extractor.ts";
export { extractRadiomics } from "./features/radiomics/extract.ts";
export type { RadiomicsSettings } from "./features/radiomics/settings.ts";
export type { LabelVolume, Volume } from "./features/radiomics/volume.ts";
export { type Linear64, type Matrix, matrix } from "./linear/linear64.ts";
export { referenceLinear64 } from "./linear/reference-linear64.ts";
export { type RuntimeLinearOptions, runtimeLinear64 } from "./linear/runtime-linear64.ts";
export { type MetricsFile, metricsJsonSchema, metricsSchema } from "./metrics-file.ts";
export { type NearestImages, nearestInFeatures, nearestInPixels, nearestRows } from "./privacy/nearest.ts";
export { TRANSFORMS } from "./privacy/pixel-vectors.ts";
export { authenticity } from "./quality/authenticity.ts";
export { fid } from "./quality/fid.ts";
export { kid } from "./quality/kid.ts";
export { type Measured, type Measurements, measure } from "./quality/measure.ts";
export { oneNearestNeighbour } from "./quality/one-nearest-neighbour.ts";
export { PRDC_NEIGHBOURS, type Prdc, prdc } from "./quality/prdc.ts";
export { METRICS, type MetricEntry, type MetricName, metricRegistry, metricsOf } from "./quality/registry.ts";
export { alphaPrecisionBetaRecall } from "./quality/support.ts";
export { verdictLines } from "./verdict/verdict.ts";
export type { Verdict } from "./verdict/verdict-schema.ts";
