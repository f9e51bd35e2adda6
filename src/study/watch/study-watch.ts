import { GanglionError } from "../../core/errors.ts";
import type { StudyConfig } from "../config.ts";
import type { ArtefactStore } from "../jobs/artefact-store.ts";
import type { JobEvent, JobState } from "../jobs/run-jobs.ts";
import type { PlannedTrial, StudyPlan } from "../plan.ts";
import { parseOutcomeMetric } from "../statistics/outcome-metric.ts";
import { cellState, cellsOf } from "./cells.ts";
import { writeStudyProgress } from "./progress-file.ts";
import { HEARTBEAT_SECONDS, JOB_STATES, MOST_LISTED, type StudyProgress } from "./progress-schema.ts";
import { type OutcomeReaders, openRunningEstimates } from "./running-estimates.ts";
import { COORDINATOR_KINDS, shownMessage } from "./shown-message.ts";
import { type FirstShare, openTimeBook, paceOf } from "./time-left.ts";

export interface StudyWatchOptions extends OutcomeReaders {
  readonly config: StudyConfig;
  readonly plan: StudyPlan;
  /** Folder of the study; `progress.json` is written there. */
  readonly folder: string;
  readonly store: ArtefactStore;
  /** Jobs that this machine does at a time; null where workers take them from a queue. */
  readonly processes: number | null;
}

/** A change of a job, with the worker that has it where that is known. */
export interface WatchedEvent extends JobEvent {
  readonly worker?: string;
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
/** Milliseconds of silence after which a worker does not count for the time left. */
const WORKER_SILENCE = 120_000;

interface Begun {
  readonly at: number;
  worker: string | null;
  progress: JobEvent["progress"];
  first: FirstShare | null;
}

/** Share that is done; null where it is not known. */
const shareOf = (progress: JobEvent["progress"]) => (progress?.total ? progress.done / progress.total : null);

const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString();

/**
 * Begins to watch a study. What cannot be written or read is no harm to the study, so nothing here fails it: the next
 * writing may succeed.
 */
export function openStudyWatch(options: StudyWatchOptions): StudyWatch {
  const { config, plan, folder, store, processes } = options;
  const started = Date.now();
  const states = new Map<string, JobState>([...plan.jobs.keys()].map((id) => [id, "waiting"]));
  const begun = new Map<string, Begun>();
  const workers = new Map<string, { jobs: number; seen: number }>();
  const failures: StudyProgress["failures"] = [];
  const failed = new Map<string, StudyProgress["failures"][number]>();
  const cells = cellsOf(plan, config.seeds);
  const times = openTimeBook(plan.jobs);
  const estimates = openRunningEstimates(options);
  const trials = new Map<string, PlannedTrial[]>();
  for (const trial of plan.trials) trials.set(trial.job, [...(trials.get(trial.job) ?? []), trial]);
  let state: StudyProgress["state"] = "running";
  const stateOf = (id: string) => states.get(id) ?? "waiting";

  function onEvent({ job, state: told, message, progress, worker }: WatchedEvent): void {
    if (!plan.jobs.has(job.id) || state !== "running") return;
    const now = Date.now();
    const running = begun.get(job.id);
    if (worker !== undefined) workers.set(worker, { jobs: workers.get(worker)?.jobs ?? 0, seen: now });
    if (told === "running") {
      // What lies in a queue has been handed out and is not begun.
      const isBegun = processes !== null || COORDINATOR_KINDS.has(job.kind) || progress !== undefined;
      if (!isBegun && worker === undefined && running === undefined) return;
      const share = shareOf(progress);
      begun.set(job.id, {
        at: running?.at ?? now,
        worker: worker ?? running?.worker ?? null,
        progress: progress ?? running?.progress,
        first: running?.first ?? (share === null ? null : { at: now, share }),
      });
    } else {
      begun.delete(job.id);
      failed.delete(job.id);
    }
    states.set(job.id, told);
    if (told === "made") {
      if (running !== undefined) times.took(job.kind, now - running.at);
      const by = worker ?? running?.worker;
      if (by != null) workers.set(by, { jobs: (workers.get(by)?.jobs ?? 0) + 1, seen: now });
    }
    if (told === "failed") {
      const said = shownMessage(job, message ?? "it does not say why", config, [store.root, folder]);
      failed.set(job.id, { title: job.title, message: said });
    }
    if (told === "made" || told === "kept") {
      for (const trial of trials.get(job.id) ?? []) estimates.add(trial);
      planEstimate();
    }
    planWrite();
  }

  function atATime(now: number): number {
    if (processes !== null) return Math.max(1, processes);
    const alive = [...workers.values()].filter(({ seen }) => now - seen < WORKER_SILENCE).length;
    return Math.max(1, alive, begun.size);
  }

  function progressAt(now: number): StudyProgress {
    const counts = new Map<string, StudyProgress["jobs"][number]>();
    for (const { id, kind } of plan.jobs.values()) {
      const none = Object.fromEntries(JOB_STATES.map((name) => [name, 0])) as Record<JobState, number>;
      const own = counts.get(kind) ?? { kind, ...none };
      own[stateOf(id)]++;
      counts.set(kind, own);
    }
    const begunJob = (id: string) => {
      const job = begun.get(id);
      if (job === undefined) return undefined;
      const share = shareOf(job.progress);
      return {
        elapsed: now - job.at,
        pace: job.first === null || share === null ? null : paceOf(job.first, share, now),
      };
    };
    return {
      format: "ganglion.study-progress/1",
      state,
      started: isoTime(started),
      updated: isoTime(now),
      secondsLeft: state === "running" ? times.secondsLeft(stateOf, begunJob, atATime(now)) : null,
      processes,
      seeds: [...config.seeds],
      testSets: config.testSets.map(({ name, distribution }) => ({ name, distribution })),
      metric: { name: config.primary, better: parseOutcomeMetric(config.primary).better },
      alpha: config.alpha,
      jobs: [...counts.values()],
      arms: plan.arms.map(({ name, controls }, a) => ({
        name,
        controls: [...controls],
        cells: cells[a].map((jobs) => cellState(jobs, stateOf)),
      })),
      estimates: estimates.table(),
      running: [...begun].slice(0, MOST_LISTED).map(([id, { at, worker, progress }]) => ({
        title: plan.jobs.get(id)!.title,
        since: isoTime(at),
        worker,
        progress:
          progress === undefined
            ? null
            : { stage: progress.stage, done: progress.done, total: progress.total ?? null, unit: progress.unit },
      })),
      workers: [...workers].map(([name, { jobs, seen }]) => ({ name, jobs, seen: isoTime(seen) })),
      failures: [...failures, ...failed.values()].slice(0, MOST_LISTED),
    };
  }

  let writing: Promise<void> = Promise.resolve();
  let written = Number.NEGATIVE_INFINITY;
  let writeTimer: NodeJS.Timeout | null = null;
  function write(): Promise<void> {
    written = Date.now();
    writing = writing.then(() => writeStudyProgress(folder, progressAt(Date.now()))).catch(() => undefined);
    return writing;
  }
  function planWrite(): void {
    if (writeTimer !== null || state !== "running") return;
    const wait = Math.max(0, written + WRITE - Date.now());
    writeTimer = setTimeout(async () => {
      await write();
      writeTimer = null;
    }, wait).unref();
  }
  const heartbeat = setInterval(planWrite, 1000 * HEARTBEAT_SECONDS).unref();

  let estimating: Promise<void> = Promise.resolve();
  let estimateTimer: NodeJS.Timeout | null = null;
  let estimated = Number.NEGATIVE_INFINITY;
  function planEstimate(): void {
    if (estimateTimer !== null || estimates.pending === 0 || state !== "running") return;
    const wait = Math.max(0, estimated + ESTIMATE - Date.now());
    estimateTimer = setTimeout(() => {
      estimating = estimates
        .update(() => state === "running")
        .finally(() => {
          estimated = Date.now();
          estimateTimer = null;
          planEstimate();
          planWrite();
        });
    }, wait).unref();
  }
  planWrite();

  return {
    onEvent,
    async close(ended, message) {
      if (state !== "running") throw new GanglionError("internal", "internal: the watch of the study was closed twice");
      state = ended;
      clearInterval(heartbeat);
      clearTimeout(writeTimer ?? undefined);
      clearTimeout(estimateTimer ?? undefined);
      if (ended === "done") {
        await estimating;
        const until = Date.now() + LAST_ESTIMATE;
        await estimates.update(() => Date.now() < until);
      }
      // What was begun is given up.
      for (const id of begun.keys()) states.set(id, "waiting");
      begun.clear();
      if (message !== undefined && failed.size === 0) {
        failures.push({
          title: "the study",
          message: shownMessage({ kind: "" }, message, config, [store.root, folder]),
        });
      }
      await write();
    },
  };
}
