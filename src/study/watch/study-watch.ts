import { invariant } from "../../core/errors.ts";
import type { StudyConfig } from "../config.ts";
import type { ArtefactStore } from "../jobs/artefact-store.ts";
import type { PlannedTrial, StudyPlan } from "../plan.ts";
import { writeStudyProgress } from "./progress-file.ts";
import { HEARTBEAT_SECONDS } from "./progress-schema.ts";
import { type OutcomeReaders, openRunningEstimates } from "./running-estimates.ts";
import { openStudyState, type WatchedEvent } from "./study-state.ts";

export interface StudyWatchOptions extends OutcomeReaders {
  readonly config: StudyConfig;
  readonly plan: StudyPlan;
  /** Folder of the study; `progress.json` is written there. */
  readonly folder: string;
  readonly store: Pick<ArtefactStore, "root" | "find">;
  /** Jobs that this machine does at a time; null where workers take them from a queue. */
  readonly processes: number | null;
}

/** Keeps `progress.json` of a study up to date. */
export interface StudyWatch {
  /** What `runJobs` tells. Takes no time worth speaking of. */
  onEvent(event: WatchedEvent): void;
  /** Writes how the study ended, and stops. @param message Why it failed, where no job says so. */
  close(state: "done" | "stopped" | "failed", message?: string): Promise<void>;
}

/** Least milliseconds between two writings, and between two estimates. */
const WRITE = 1000;
const ESTIMATE = 5000;
/** Longest that the last estimates may take at the end: the report is what counts then. */
const LAST_ESTIMATE = 10_000;

/** Does a piece of work when asked, no sooner than so many milliseconds after it was last done, and never twice at a time. */
function paced(milliseconds: number, work: () => Promise<void>) {
  let timer: NodeJS.Timeout | null = null;
  let busy: Promise<void> | null = null;
  let wanted = false;
  let over = false;
  let doneAt = Number.NEGATIVE_INFINITY;
  function ask(): void {
    wanted = true;
    if (timer !== null || busy !== null || over) return;
    timer = setTimeout(begin, Math.max(0, doneAt + milliseconds - Date.now())).unref();
  }
  function begin(): void {
    timer = null;
    wanted = false;
    doneAt = Date.now();
    busy = work().then(() => {
      busy = null;
      if (wanted) ask();
    });
  }
  return {
    ask,
    /** Begins nothing any more, and waits for what is at work. */
    async stop(): Promise<void> {
      over = true;
      clearTimeout(timer ?? undefined);
      await busy;
    },
  };
}

/**
 * Begins to watch a study. What cannot be written or read is no harm to the study, so nothing here fails it: the next
 * writing may succeed.
 */
export function openStudyWatch(options: StudyWatchOptions): StudyWatch {
  const { plan, folder, store } = options;
  const state = openStudyState({ ...options, paths: [store.root, folder], started: Date.now() });
  const estimates = openRunningEstimates(options);
  const trials = new Map<string, PlannedTrial[]>();
  for (const trial of plan.trials) trials.set(trial.job, [...(trials.get(trial.job) ?? []), trial]);
  let closed = false;

  const write = () => writeStudyProgress(folder, state.progress(Date.now(), estimates.table())).catch(() => undefined);
  const writing = paced(WRITE, write);
  const estimating = paced(ESTIMATE, async () => {
    await estimates.update(() => !closed);
    writing.ask();
  });
  const heartbeat = setInterval(writing.ask, 1000 * HEARTBEAT_SECONDS).unref();
  writing.ask();

  return {
    onEvent(event) {
      if (closed) return;
      state.onEvent(event, Date.now());
      writing.ask();
      if (event.state !== "made" && event.state !== "kept") return;
      const scored = trials.get(event.job.id) ?? [];
      scored.forEach(estimates.add);
      if (scored.length > 0) estimating.ask();
    },
    async close(ended, message) {
      invariant(!closed, "the watch of the study was closed twice");
      closed = true;
      clearInterval(heartbeat);
      await estimating.stop();
      await writing.stop();
      const until = Date.now() + LAST_ESTIMATE;
      if (ended === "done") await estimates.update(() => Date.now() < until);
      state.end(ended, message);
      await write();
    },
  };
}
