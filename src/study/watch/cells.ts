import type { JobState } from "../jobs/run-jobs.ts";
import type { StudyPlan } from "../plan.ts";
import { STAGES, type Stage, type StudyCell } from "./progress-schema.ts";

/** The jobs that one training of an arm needs, by stage. */
export type CellJobs = Readonly<Record<Stage, readonly string[]>>;

function stageOf(plan: StudyPlan, id: string): Stage {
  const { kind, inputs } = plan.jobs.get(id)!;
  switch (kind) {
    case "score":
      return "scoring";
    case "train-classifier":
      return "training";
    case "sample":
      return "drawing";
    case "train-generator":
    case "take-start":
    case "take-generator":
      return "generator";
    case "extract-features":
      return stageOf(plan, inputs.images!);
    default:
      return "images";
  }
}

/** The jobs of every arm with every seed, its tests and all that they read. @returns by arm, then seed, in their order */
export function cellsOf(plan: StudyPlan, seeds: readonly number[]): CellJobs[][] {
  const scores = new Map<string, string[]>();
  const key = (arm: string, seed: number) => JSON.stringify([arm, seed]);
  for (const { arm, seed, job } of plan.trials) {
    scores.set(key(arm, seed), [...(scores.get(key(arm, seed)) ?? []), job]);
  }
  return plan.arms.map(({ name }) =>
    seeds.map((seed) => {
      const found: Record<Stage, string[]> = { images: [], generator: [], drawing: [], training: [], scoring: [] };
      const seen = new Set<string>();
      const visit = (id: string) => {
        if (seen.has(id)) return;
        seen.add(id);
        found[stageOf(plan, id)].push(id);
        for (const input of Object.values(plan.jobs.get(id)!.inputs)) visit(input);
      };
      for (const id of scores.get(key(name, seed)) ?? []) visit(id);
      return found;
    }),
  );
}

const isDone = (state: JobState) => state === "kept" || state === "made";

/** Where a training stands, from the states of its jobs. */
export function cellState(jobs: CellJobs, stateOf: (id: string) => JobState): StudyCell {
  const has = (stage: Stage, state: JobState) => jobs[stage].some((id) => stateOf(id) === state);
  if (jobs.scoring.every((id) => isDone(stateOf(id)))) return { state: "done", stage: null };
  const failed = STAGES.findLast((stage) => has(stage, "failed"));
  if (failed !== undefined) {
    const own = failed === "drawing" || failed === "training" || failed === "scoring";
    return { state: own ? "failed" : "blocked", stage: failed };
  }
  const running = STAGES.findLast((stage) => has(stage, "running"));
  if (running !== undefined) return { state: "running", stage: running };
  const next = STAGES.find((stage) => !jobs[stage].every((id) => isDone(stateOf(id))));
  return { state: "waiting", stage: next ?? "scoring" };
}
