export {
  type FeatureExtractor,
  type FeatureMatrix,
  featureRows,
  type ImageSource,
  imagesInMemory,
  selectImages,
} from "./extractor.ts";
export type { LabelledSet } from "./labelled-set.ts";
export { type OnnxExtractorOptions, openOnnxExtractor } from "./onnx-extractor.ts";
export { type ExtractorContext, openExtractor } from "./open-extractor.ts";
export { TRANSFORMS } from "./pixel-vectors.ts";
export { extractRadiomics } from "./radiomics/extract.ts";
export type { RadiomicsSettings } from "./radiomics/settings.ts";
export type { LabelVolume, Volume } from "./radiomics/volume.ts";
