import { parseStudyConfig, type StudyConfig } from "../config.ts";
import type { Job } from "../jobs/job.ts";
import { planStudy, type StudyFacts, type StudyPlan } from "../plan.ts";
import { studyConfig } from "./config.ts";

/** What is known of files that there are not. */
export const FACTS: StudyFacts = {
  classes: ["negative", "positive"],
  channels: 3,
  real: "real",
  shares: [{ share: 1, hash: "whole", counts: [100, 20], regions: { box: [100, 20], mask: [100, 20] } }],
  testSets: { "held-out": "test" },
  maps: "maps",
  starts: {},
  frozen: {},
  runs: {},
  extractor: null,
};

/** A run from noise that was trained on the whole of these, whose classes divide one of theirs. */
export const RUN_FACTS: StudyFacts["runs"][string] = {
  generator: "g",
  judge: null,
  data: "whole",
  classes: ["negative", "a", "b"],
  counts: [100, 10, 10],
  mapKind: null,
};

export interface PlannedStudy {
  readonly config: StudyConfig;
  readonly plan: StudyPlan;
  /** Jobs of a kind, in order. */
  ofKind(kind: string): Job[];
  titled(title: string): Job;
  /** The job that scores an arm of a seed on the held-out images. */
  scored(arm: string, seed: number): Job;
}

/** The small study of {@link studyConfig} with four seeds, planned. */
export function plannedStudy(changes: object = {}, facts: StudyFacts = FACTS): PlannedStudy {
  const config = parseStudyConfig({ ...studyConfig(), seeds: [0, 1, 2, 3], ...changes }, "study.json");
  const plan = planStudy(config, facts);
  const titled = (title: string) => {
    const job = [...plan.jobs.values()].find((one) => one.title === title);
    if (job === undefined) throw new Error(`there is no job "${title}"`);
    return job;
  };
  return {
    config,
    plan,
    ofKind: (kind) => [...plan.jobs.values()].filter((job) => job.kind === kind),
    titled,
    scored: (arm, seed) => titled(`score ${arm}, seed ${seed}, on held-out`),
  };
}
