export {
  type Architecture,
  designArchitecture,
  type NetworkSize,
  PRESETS,
  type Preset,
  presetNetworks,
  presetResolution,
  SEED_RESOLUTION,
} from "./architecture.ts";
export {
  type Checkpoint,
  readCheckpoint,
  STATE_NAMES,
  type StateName,
  stateLayouts,
  type TrainingProgress,
  type TrainingState,
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
export { discriminate, discriminatorFeatures, discriminatorLayout, featureLength } from "./discriminator.ts";
export { generate, generatorLayout } from "./generator.ts";
export {
  encodeGenerator,
  GENERATION_BATCH,
  type Generator,
  type GeneratorDescription,
  openGenerator,
  toBytes,
  writeGenerator,
} from "./generator-file.ts";
export { type Judge, type JudgeOptions, judgeOf, openJudge } from "./judge.ts";
export * from "./layers.ts";
export * from "./parameters.ts";
export { decodeSafetensors, encodeSafetensors, type SafetensorsFile, type StoredTensor } from "./safetensors.ts";
