import { extractFeatures } from "./handlers/extract-features.ts";
import { sample } from "./handlers/sample.ts";
import { score } from "./handlers/score.ts";
import { trainClassifier } from "./handlers/train-classifier.ts";
import { trainGenerator } from "./handlers/train-generator.ts";
import type { JobHandlers } from "./jobs/perform-job.ts";
import type { POOLED_JOBS } from "./plan.ts";

/** What each job does that reads the artefacts of others alone. */
export const handlers = {
  "train-generator": trainGenerator,
  sample,
  "extract-features": extractFeatures,
  "train-classifier": trainClassifier,
  score,
} satisfies JobHandlers & Record<(typeof POOLED_JOBS)[number], unknown>;
