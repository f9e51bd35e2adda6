export {
  parseStudyConfig,
  readStudyConfig,
  type StudyConfig,
  studyConfigJsonSchema,
} from "./config.ts";
export type { StudySources } from "./data/study-sources.ts";
export { type EstimateOptions, estimateStudy, type StudyEstimate } from "./estimate-study.ts";
export type { Job, Json } from "./jobs/job.ts";
export type { StudyPlan } from "./plan.ts";
export { STUDY_PRESETS, type StudyPreset } from "./presets.ts";
export { recommendation } from "./report/recommendation.ts";
export { type StudyResultsFile, studyResultsJsonSchema, studyResultsSchema } from "./report/results-file.ts";
export type { StudyOutcome } from "./report/study-outcome.ts";
export { checkRunLabeller, openRunLabeller } from "./run-labeller.ts";
export { prepareStudy, runStudy, type StudyOptions, type StudyResult } from "./run-study.ts";
export { type RunWorkerOptions, runWorker, type WorkerResult } from "./run-worker.ts";
