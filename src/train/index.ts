export type { Computing } from "./choose-computing.ts";
export {
  type ClassifierOptions,
  type ClassifierReader,
  type ClassRecall,
  type LabelledImages,
  openClassifier,
  type TrainedClassifier,
  trainClassifier,
} from "./classifier.ts";
export { comparedText } from "./compared-families.ts";
export { architectureOf, parseConfig, readConfig } from "./config.ts";
export { type CopiedState, type CopyCount, type CopyMonitor, copiesText, isCopying } from "./copy-monitor.ts";
export type { DermganConfig } from "./dermgan/config.ts";
export { buildDermganStep } from "./dermgan/step-graph.ts";
export { Accountant } from "./dp/accountant.ts";
export { PRIVACY_UNITS, type Privacy, type PrivacyRequest, type PrivacyUnit } from "./dp/privacy.ts";
export { isPrivate } from "./dp/private-config.ts";
export { type DifferentialPrivacy, readDifferentialPrivacy } from "./dp/read-differential-privacy.ts";
export { estimateRun, type PrivacyPlan, type RunEstimate } from "./estimate-run.ts";
export type { FamilyPreset, PrivateTraining, StepGraph, TrainingFamily } from "./family.ts";
export type { FeedModule, FeedOptions, FeedSource, StepFeeds } from "./feed-source.ts";
export { frozenOfRun } from "./frozen-of-run.ts";
export { gridPicture, unpackImages } from "./grid.ts";
export type { Fade, Grow, Stage } from "./growth/stages.ts";
export { type Family, registerFamily, trainingFamily } from "./known-families.ts";
export { measureStep } from "./measure-step.ts";
export { budgetWarning, COVERAGE_WORDS, expectedText, knownBudget } from "./measured-runs.ts";
export { type OpenTrainingOptions, openTraining, refuseFailed, type Training } from "./open-training.ts";
export { type Outcome, outcomeSchema } from "./outcome-file.ts";
export { planRun } from "./plan-cache.ts";
export { type PreparedRun, prepareRun, type ResolvedRun, resolveRun } from "./prepare.ts";
export { profileRun } from "./profile/profile-run.ts";
export { profileStep, type StepProfile, type TimedPart } from "./profile/profile-step.ts";
export type { KeptState, MeasuredState, Quality, QualityMonitor } from "./quality-monitor.ts";
export type { R3ganConfig } from "./r3gan/config.ts";
export { defaultRecipes, type Recipe } from "./r3gan/recipe.ts";
export { resumeState } from "./resume-state.ts";
export { configHash, type MapsConfig, type RunConfig } from "./run-config.ts";
export { RunFolder } from "./run-folder.ts";
export { lockRun } from "./run-lock.ts";
export { type MonitorContext, type RunTrainingOptions, runTraining } from "./run-training.ts";
export { openTrainingSampler } from "./sampler.ts";
export {
  type MaskedImages,
  openSegmenter,
  type SegmenterOptions,
  type SegmenterReader,
  type TrainedSegmenter,
  trainSegmenter,
} from "./segmenter.ts";
export { openStart } from "./start/open-start.ts";
export { type PackRequest, packStart } from "./start/pack-start.ts";
export { type Start, weightsHash } from "./start/start.ts";
export { readStartFile, type StartFile } from "./start/start-file.ts";
export { train } from "./train.ts";
export type { TrainOptions, TrainResult } from "./train-options.ts";
export type { TrainRequest } from "./train-request.ts";
export type { TrainingMaps } from "./training-maps.ts";
