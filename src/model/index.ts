export { type CarriedWeights, carryWeights } from "./carry-weights.ts";
export {
  type Checkpoint,
  readCheckpoint,
  type TrainingProgress,
  writeCheckpoint,
} from "./checkpoint.ts";
export {
  CLASSIFIER_FEATURES,
  type ClassifierArchitecture,
  classifierFeatures,
  classifierLayout,
  classifierLogits,
  designClassifier,
} from "./classifier.ts";
export {
  type DermganArchitecture,
  type DermganSize,
  dermganSizes,
  designDermgan,
  LATENT_KINDS,
  type LatentKind,
} from "./dermgan/architecture.ts";
export { dermganDiscriminatorLayout, type PatchScores, scorePatches } from "./dermgan/discriminator.ts";
export { dermganGeneratorLayout, fillImage } from "./dermgan/generator.ts";
export { DEVIATION, type Judgement } from "./deviation-head.ts";
export {
  ADAM_STATE,
  type Architecture,
  MAP_CHANNELS,
  type MapFamily,
  type ModelFamily,
  type Network,
  type NoiseFamily,
} from "./family.ts";
export { foreignOrigins, foreignOriginText } from "./foreign-origins.ts";
export {
  type FeatureTap,
  type FrozenNetwork,
  featureTaps,
  frozenNetworkSchema,
  tappedFeatures,
} from "./frozen-network.ts";
export {
  encodeGenerator,
  type Generator,
  type GeneratorDescription,
  type GeneratorFile,
  generationBatch,
  openGenerator,
  readGeneratorFile,
  toBytes,
  writeGenerator,
} from "./generator-file.ts";
export { grownState, newestWeights } from "./grow-state.ts";
export { fromHalf, toHalf } from "./half.ts";
export { type ImageScorer, openScorer, type ScorerOptions, scorerOf } from "./image-scorer.ts";
export type { InputKind } from "./input-kind.ts";
export {
  DEFAULT_FAMILY,
  familyNames,
  familyOf,
  isFamily,
  mapFamilyOf,
  modelFamily,
  noiseFamilyOf,
} from "./known-families.ts";
export * from "./layers.ts";
export type { MapDescription } from "./map-description.ts";
export type { MapGenerator } from "./map-generator.ts";
export { openMapGenerator, writeMapGenerator } from "./map-generator-file.ts";
export { type Origin, originSchema } from "./origin.ts";
export * from "./parameters.ts";
export type { ScaleScores } from "./patch-scales.ts";
export { designPggan, type PgganArchitecture, type PgganSize, pgganSizes } from "./pggan/architecture.ts";
export { judgeGrowing, pgganDiscriminatorLayout } from "./pggan/discriminator.ts";
export { drawGrowing, pgganGeneratorLayout } from "./pggan/generator.ts";
export {
  designPix2pixhd,
  type Pix2pixhdArchitecture,
  type Pix2pixhdSize,
  pix2pixhdSizes,
} from "./pix2pixhd/architecture.ts";
export { pix2pixhdDiscriminatorLayout, scoreTranslated } from "./pix2pixhd/discriminator.ts";
export { pix2pixhdGeneratorLayout, translateMaps } from "./pix2pixhd/generator.ts";
export { PRESETS, type Preset, presetResolution, usualPreset } from "./presets.ts";
export {
  designArchitecture,
  earlierNetworks,
  type NetworkSize,
  presetNetworks,
  type R3ganArchitecture,
} from "./r3gan/architecture.ts";
export {
  classScores,
  discriminate,
  discriminatorFeatures,
  discriminatorLayout,
  featureLength,
  logitsOf,
} from "./r3gan/discriminator.ts";
export { headLogits, unitFeatures } from "./r3gan/feature-heads.ts";
export { generate, generatorLayout } from "./r3gan/generator.ts";
export { decodeSafetensors, encodeSafetensors, type SafetensorsFile, type StoredTensor } from "./safetensors.ts";
export { designSegmenter, type SegmenterArchitecture, segment, segmenterLayout } from "./segmenter.ts";
export { sharedArchitecture, widths } from "./shared-architecture.ts";
export { START_FILE, type StartFolder, startFolders } from "./shipped-starts.ts";
export { signedLevel, toSignedRange } from "./signed-range.ts";
export { designSpade, type SpadeArchitecture, type SpadeSize, spadeSizes } from "./spade/architecture.ts";
export { scoreScales, spadeDiscriminatorLayout } from "./spade/discriminator.ts";
export { type CodeDistribution, encodeImages } from "./spade/encoder.ts";
export { paintMaps, spadeGeneratorLayout } from "./spade/generator.ts";
export { iterateVectors, spectralLayers } from "./spade/spectral-norm.ts";
export { SEED_RESOLUTION, type StageSizes } from "./stage-widths.ts";
export {
  networkLayouts,
  STATE_NAMES,
  stateLayouts,
  stateNames,
  type TrainingState,
} from "./state.ts";
export {
  designStylegan2,
  type Stylegan2Architecture,
  type Stylegan2Size,
  styleCount,
  stylegan2Sizes,
} from "./stylegan2/architecture.ts";
export { judgeImages, PATH_LENGTH, stylegan2DiscriminatorLayout } from "./stylegan2/discriminator.ts";
export { MIDDLE, paint, splitLatent, stylegan2GeneratorLayout } from "./stylegan2/generator.ts";
export { mapping } from "./stylegan2/mapping.ts";
