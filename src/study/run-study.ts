import { readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { GanglionError } from "../core/errors.ts";
import { fileError } from "../core/files.ts";
import { makeFolderInside, writeJsonInside } from "../core/inside-folder.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import type { StudyConfig } from "./config.ts";
import { readTestSet } from "./data/read-test-set.ts";
import { readScores } from "./data/scores.ts";
import { readStudySources, type StudySources } from "./data/study-sources.ts";
import { gatherOutcome } from "./gather-outcome.ts";
import { localHandlers } from "./handlers/local-handlers.ts";
import { HANDLERS } from "./handlers-module.ts";
import { openJobProcesses } from "./jobs/job-processes.ts";
import { localFirst } from "./jobs/local-jobs.ts";
import { openStore } from "./jobs/open-store.ts";
import { type JobEvent, type JobState, type RunJobsResult, runJobs } from "./jobs/run-jobs.ts";
import { LOCAL_JOBS, planStudy, type StudyPlan } from "./plan.ts";
import { checkRedis } from "./queue/connection.ts";
import { openQueueKey } from "./queue/queue-key.ts";
import { openQueueRunner } from "./queue/queue-runner.ts";
import type { StudyOutcome } from "./report/study-outcome.ts";
import { writeStudyReport } from "./report/write-study-report.ts";
import { openStudyWatch } from "./watch/study-watch.ts";

/** The resolved configuration in the folder of a study. */
const CONFIG = "study.json";
const REPORT = "report.html";

export interface StudyOptions {
  readonly config: StudyConfig;
  /** Leaves held-out images out that repeat training images. Defaults to false. */
  readonly dropDuplicates?: boolean | undefined;
  /** Of Ganglion. */
  readonly version: string;
  /** Folder for the report; one of an earlier call goes on. */
  readonly out: string;
  /** Artefact store: a folder, or `s3://BUCKET/PREFIX`. Defaults to `store` in {@link out}. */
  readonly store?: string | undefined;
  /** `redis://` address of a queue whose workers do the jobs. Defaults to processes of this machine. */
  readonly queue?: string | undefined;
  /** File of the key that coordinator and workers share. Defaults to GANGLION_QUEUE_KEY, else `queue.key` in the store. */
  readonly queueKeyFile?: string | undefined;
  /** Jobs at a time on this machine, where there is no queue. Defaults to the number of cores. */
  readonly workers?: number;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Told a line at a time what the data are and what fails. Defaults to nobody. */
  readonly onNote?: (line: string) => void;
  /** Ends the study; what is done is kept. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
}

/** What a study left. */
export interface StudyResult extends RunJobsResult {
  readonly outcome: StudyOutcome;
  /** Path of `report.html`. */
  readonly reportPath: string;
}

/** The files of a study read and its jobs planned; nothing is written. @throws GanglionError */
export async function prepareStudy(
  config: StudyConfig,
  dropDuplicates = false,
): Promise<{ sources: StudySources; plan: StudyPlan }> {
  const sources = await readStudySources(config, dropDuplicates);
  return { sources, plan: planStudy(config, sources.facts) };
}

/** @throws GanglionError `usage` when the folder holds something that is no study */
async function refuseOtherFolder(out: string): Promise<void> {
  const names = await readdir(out).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return [] as string[];
    throw fileError("list", out, cause);
  });
  const foreign = names.filter((name) => name !== "store" && !name.startsWith("."));
  if (foreign.length === 0 || names.includes(CONFIG)) return;
  throw new GanglionError("usage", `${out} is not empty and holds no study; name another folder with --out`);
}

/** Tells how many jobs are done, and what fails. */
function tally(total: number, onProgress: ProgressListener, onNote: (line: string) => void) {
  const states = new Map<string, JobState>();
  const counts = { kept: 0, made: 0, running: 0, waiting: 0, failed: 0, blocked: 0 } satisfies Record<JobState, number>;
  return ({ job, state, message, progress }: JobEvent): void => {
    const before = states.get(job.id);
    if (before !== undefined) counts[before]--;
    counts[state]++;
    states.set(job.id, state);
    if (state === "failed") onNote(`failed: ${job.title}: ${message ?? "no reason is known"}`);
    if (state !== "running") return;
    const share = progress?.total === undefined ? "" : ` ${Math.floor((100 * progress.done) / progress.total)} %`;
    const failed = counts.failed + counts.blocked;
    onProgress({
      stage: "study",
      done: counts.kept + counts.made,
      total,
      unit: "jobs",
      figures: { running: counts.running, ...(failed === 0 ? {} : { failed }), now: `${job.title}${share}` },
    });
  };
}

/**
 * Runs a study: every job that the store does not have, then the report. Interrupted anywhere, the same call goes on and
 * repeats nothing that is finished; the report is the same however and wherever the jobs ran.
 * @throws GanglionError
 */
export async function runStudy(options: StudyOptions): Promise<StudyResult> {
  const { config, dropDuplicates, version, out, queue, workers = availableParallelism(), signal } = options;
  const { onProgress = silent, onNote = () => undefined } = options;
  await refuseOtherFolder(out);
  if (queue !== undefined) for (const note of await checkRedis(queue)) onNote(note);
  const { sources, plan } = await prepareStudy(config, dropDuplicates);
  for (const note of [sources.real.how, ...sources.notes]) onNote(note);
  await writeJsonInside(out, CONFIG, config);
  const store = await openStore(options.store ?? (await makeFolderInside(out, "store")));
  const runner =
    queue === undefined
      ? openJobProcesses({ store: store.address, handlers: HANDLERS, count: workers })
      : openQueueRunner({
          address: queue,
          store,
          key: await openQueueKey(store, { file: options.queueKeyFile }, onNote),
          onNote,
        });
  const own = localHandlers(sources);
  const watch = openStudyWatch({
    ...{ config, plan, folder: out, store, readScores, readTestSet },
    processes: queue === undefined ? workers : null,
  });
  const count = tally(plan.jobs.size, onProgress, onNote);
  try {
    const done = await runJobs([...plan.jobs.values()], {
      store,
      runner: localFirst(runner, store, own, LOCAL_JOBS),
      signal,
      onEvent(event) {
        watch.onEvent(event);
        count(event);
      },
    });
    const outcome = await gatherOutcome({ config, version, sources, plan, store });
    await writeStudyReport(outcome, out);
    await watch.close("done");
    return { ...done, outcome, reportPath: join(out, REPORT) };
  } catch (error) {
    const stopped = signal?.aborted === true;
    await watch.close(stopped ? "stopped" : "failed", error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    await runner.close();
  }
}
