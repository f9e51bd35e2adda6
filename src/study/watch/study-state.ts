import type { StudyConfig } from "../config.ts";
import type { JobEvent, JobState } from "../jobs/run-jobs.ts";
import type { StudyPlan } from "../plan.ts";
import { parseOutcomeMetric } from "../statistics/outcome-metric.ts";
import { cellState, cellsOf } from "./cells.ts";
import { JOB_STATES, MAX_LISTED, type StudyProgress } from "./progress-schema.ts";
import { COORDINATOR_KINDS, shownMessage } from "./shown-message.ts";
import { type FirstShare, openTimeBook, paceOf } from "./time-left.ts";

export interface StudyStateOptions {
  readonly config: StudyConfig;
  readonly plan: StudyPlan;
  /** Jobs that this machine does at a time; null where workers take them from a queue. */
  readonly processes: number | null;
  /** Paths besides those of the configuration that no message may name. */
  readonly paths: readonly string[];
  /** Milliseconds since 1970. */
  readonly started: number;
}

/** A change of a job, with the worker that has it where that is known. */
export interface WatchedEvent extends JobEvent {
  readonly worker?: string;
}

/** Where a study stands, in memory. Times are milliseconds since 1970. */
export interface StudyState {
  onEvent(event: WatchedEvent, now: number): void;
  /** What was begun is given up. @param message Why the study failed, where no job says so. */
  end(state: "done" | "stopped" | "failed", message?: string): void;
  progress(now: number, estimates: StudyProgress["estimates"]): StudyProgress;
}

/** Milliseconds of silence after which a worker does not count for the time left. */
const WORKER_SILENCE = 120_000;

interface Begun {
  readonly at: number;
  readonly worker: string | null;
  readonly progress: JobEvent["progress"];
  readonly first: FirstShare | null;
}

/** Share that is done; null where it is not known. */
const shareOf = (progress: JobEvent["progress"]) => (progress?.total ? progress.done / progress.total : null);
const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString();

/** The state of a study of which nothing is done. */
export function openStudyState({ config, plan, processes, paths, started }: StudyStateOptions): StudyState {
  const states = new Map<string, JobState>([...plan.jobs.keys()].map((id) => [id, "waiting"]));
  const begun = new Map<string, Begun>();
  const workers = new Map<string, { readonly jobs: number; readonly seen: number }>();
  const failures = new Map<string, StudyProgress["failures"][number]>();
  const cells = cellsOf(plan, config.seeds);
  const times = openTimeBook(plan.jobs);
  let state: StudyProgress["state"] = "running";
  const stateOf = (id: string) => states.get(id) ?? "waiting";

  function begin({ job, progress, worker }: WatchedEvent, now: number): void {
    const known = begun.get(job.id);
    // What lies in a queue has been handed out and is not begun.
    const isBegun =
      processes !== null || COORDINATOR_KINDS.has(job.kind) || (progress ?? worker ?? known) !== undefined;
    if (!isBegun) return;
    const share = shareOf(progress);
    begun.set(job.id, {
      at: known?.at ?? now,
      worker: worker ?? known?.worker ?? null,
      progress: progress ?? known?.progress,
      first: known?.first ?? (share === null ? null : { at: now, share }),
    });
    states.set(job.id, "running");
  }

  function onEvent(event: WatchedEvent, now: number): void {
    const { job, state: told, message } = event;
    if (!plan.jobs.has(job.id)) return;
    const known = begun.get(job.id);
    const worker = event.worker ?? known?.worker ?? undefined;
    // The study's own process takes no job from others.
    if (worker !== undefined && !COORDINATOR_KINDS.has(job.kind)) {
      const before = workers.get(worker)?.jobs ?? 0;
      workers.set(worker, { jobs: before + Number(told === "made"), seen: now });
    }
    if (told === "running") {
      begin(event, now);
      return;
    }
    if (told === "made" && known !== undefined) times.took(job.kind, now - known.at);
    begun.delete(job.id);
    failures.delete(job.id);
    states.set(job.id, told);
    if (told !== "failed") return;
    const said = shownMessage(job, message ?? "it does not say why", config, paths);
    failures.set(job.id, { title: job.title, message: said });
  }

  function atATime(now: number): number {
    if (processes !== null) return Math.max(1, processes);
    const alive = [...workers.values()].filter(({ seen }) => now - seen < WORKER_SILENCE).length;
    return Math.max(1, alive, begun.size);
  }

  function secondsLeft(now: number): number | null {
    const begunJob = (id: string) => {
      const job = begun.get(id);
      if (job === undefined) return undefined;
      const share = shareOf(job.progress);
      return {
        elapsed: now - job.at,
        pace: job.first === null || share === null ? null : paceOf(job.first, share, now),
      };
    };
    return times.secondsLeft(stateOf, begunJob, atATime(now));
  }

  function counts(): StudyProgress["jobs"] {
    const byKind = new Map<string, StudyProgress["jobs"][number]>();
    for (const { id, kind } of plan.jobs.values()) {
      const none = Object.fromEntries(JOB_STATES.map((name) => [name, 0])) as Record<JobState, number>;
      const own = byKind.get(kind) ?? { kind, ...none };
      own[stateOf(id)]++;
      byKind.set(kind, own);
    }
    return [...byKind.values()];
  }

  const running = () =>
    [...begun].slice(0, MAX_LISTED).map(([id, { at, worker, progress: told }]) => ({
      title: plan.jobs.get(id)!.title,
      since: isoTime(at),
      worker,
      progress:
        told === undefined ? null : { stage: told.stage, done: told.done, total: told.total ?? null, unit: told.unit },
    }));

  return {
    onEvent,
    end(ended, message) {
      state = ended;
      for (const id of begun.keys()) states.set(id, "waiting");
      begun.clear();
      if (message === undefined || failures.size > 0) return;
      failures.set("", { title: "the study", message: shownMessage({ kind: "" }, message, config, paths) });
    },
    progress: (now, estimates) => ({
      format: "ganglion.study-progress/1",
      state,
      started: isoTime(started),
      updated: isoTime(now),
      secondsLeft: state === "running" ? secondsLeft(now) : null,
      processes,
      seeds: [...config.seeds],
      testSets: config.testSets.map(({ name, distribution }) => ({ name, distribution })),
      metric: { name: config.primary, better: parseOutcomeMetric(config.primary).better },
      alpha: config.alpha,
      jobs: counts(),
      arms: plan.arms.map(({ name, controls }, a) => ({
        name,
        controls: [...controls],
        cells: cells[a]!.map((jobs) => cellState(jobs, stateOf)),
      })),
      estimates,
      running: running(),
      workers: [...workers].map(([name, { jobs, seen }]) => ({ name, jobs, seen: isoTime(seen) })),
      failures: [...failures.values()].slice(0, MAX_LISTED),
    }),
  };
}
