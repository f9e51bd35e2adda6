import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { commandLine } from "../../core/command-line.ts";
import { GanglionError } from "../../core/errors.ts";
import { MACHINE, processEnded } from "../../core/process-owner.ts";
import { VERSION } from "../../core/version.ts";
import type { JobCommand } from "../job-forms.ts";
import type { AllowedPaths } from "./allowed-paths.ts";
import { buildWords, type ImageNames } from "./build-words.ts";
import { endGroup } from "./end-group.ts";
import { hasEnded, JOB_ID, type JobRecord } from "./job-record.ts";
import { type Ending, JobStore, type JobsFound, leftOutFile } from "./job-store.ts";

/** Runs what waits. */
const WORKER = fileURLToPath(new URL("./job-worker.js", import.meta.url));

/** Jobs that may wait at once. */
const MOST_WAITING = 50;
/** How often it is looked whether jobs wait that nobody runs, in milliseconds. */
const LOOK = 1500;

/** Words of a training without when it ends. */
const withoutBudget = (words: readonly string[]): string[] =>
  words.filter((word, i) => !BUDGET.has(word) && !BUDGET.has(words[i - 1] ?? ""));
const BUDGET: ReadonlySet<string> = new Set(["--minutes", "--images"]);

function checkId(id: string): void {
  if (!JOB_ID.test(id)) throw new GanglionError("usage", "a job's id is 12 to 32 hexadecimal digits");
}

/** The jobs of a project: they are processes of their own, which go on without the studio that asked for them. */
export class Jobs {
  readonly store: JobStore;
  readonly #paths: AllowedPaths;
  readonly #note: (message: string) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(paths: AllowedPaths, note: (message: string) => void) {
    this.store = new JobStore(paths.project);
    this.#paths = paths;
    this.#note = note;
  }

  read(): Promise<JobsFound> {
    return this.store.read();
  }

  /**
   * Adds a job, unless there is one of this id: then that one is given.
   * @param id Chosen by who asks, see {@link JOB_ID}.
   * @param nameOf Of images that the form leaves out. Defaults to a studio that has no images open.
   * @throws GanglionError `usage` for a form that does not fit, `refused` when too many jobs wait
   */
  async add(id: string, command: JobCommand, values: unknown, nameOf: ImageNames = () => null): Promise<JobRecord> {
    checkId(id);
    const known = await this.store.one(id);
    if (known !== null) return known;
    let leftOut: readonly string[] = [];
    const keepNames = (names: readonly string[]): string => {
      leftOut = names;
      return leftOutFile(id);
    };
    const words = await buildWords(command, values, this.#paths, { nameOf, keepNames });
    return this.#queue(id, command, words, leftOut);
  }

  /**
   * Goes on with a training that was ended, from its last checkpoint: the same command with `--resume`. Or with a study: the
   * same command, which keeps what was done.
   * @param id Of the new job.
   * @returns null where there is no such job
   * @throws GanglionError `usage` for a job that cannot be gone on with
   */
  async resume(ended: string, id: string): Promise<JobRecord | null> {
    checkId(id);
    const job = await this.store.one(ended);
    if (job === null) return null;
    if ((job.command !== "train" && job.command !== "study") || !hasEnded(job)) {
      throw new GanglionError(
        "usage",
        "only a training or a study that has ended can go on; wait for it, or end it first",
      );
    }
    const words = job.command === "study" || job.words.includes("--resume") ? job.words : [...job.words, "--resume"];
    return (await this.store.one(id)) ?? this.#queue(id, job.command, words);
  }

  /**
   * Ends a training that was paused for good, with what it has: the same command with `--resume` and a budget that is used up,
   * which judges the run and says what comes next.
   * @param id Of the new job.
   * @returns null where there is no such job
   * @throws GanglionError `usage` for a job that is no paused training
   */
  async finish(ended: string, id: string): Promise<JobRecord | null> {
    checkId(id);
    const job = await this.store.one(ended);
    if (job === null) return null;
    if (job.command !== "train" || !hasEnded(job) || job.state === "done") {
      throw new GanglionError("usage", "only a training that was paused can be ended with what it has; pause it first");
    }
    const words = withoutBudget(job.words.filter((word) => word !== "--resume"));
    return (await this.store.one(id)) ?? this.#queue(id, job.command, [...words, "--images", "1", "--resume"]);
  }

  /** What the person chose for this: jobs go on without the studio, or the training saves its state and the rest waits. */
  async studioStops(): Promise<void> {
    if ((await this.store.whenStopped()) === "go-on") return;
    const { jobs } = await this.read();
    const running = jobs.filter(({ state }) => state === "running");
    if (running.length + jobs.filter(({ state }) => state === "queued").length === 0) return;
    await this.store.hold(true);
    for (const { id, command } of running) if (command === "train") await this.end(id, "stop");
  }

  /** @param leftOut File names for {@link leftOutFile}. Defaults to none. */
  async #queue(
    id: string,
    command: string,
    words: readonly string[],
    leftOut: readonly string[] = [],
  ): Promise<JobRecord> {
    const waiting = (await this.read()).jobs.filter(({ state }) => state === "queued");
    if (waiting.length >= MOST_WAITING) {
      throw new GanglionError("refused", `${waiting.length} jobs wait already; wait for them, or cancel some`);
    }
    const record: JobRecord = {
      format: "ganglion.job/1",
      id,
      command,
      words: [...words],
      line: commandLine(...words),
      versions: { ganglion: VERSION, node: process.version },
      created: new Date().toISOString(),
      started: null,
      ended: null,
      state: "queued",
      process: null,
      exitCode: null,
      signal: null,
      progress: null,
      error: null,
      outputs: {},
      warnings: [],
      next: null,
    };
    await this.store.create(record, leftOut);
    this.#startWorker();
    return (await this.store.one(id)) ?? record;
  }

  /** Ends a job: `stop` lets a training save its checkpoint. @returns null where there is no such job */
  async end(id: string, how: Ending): Promise<JobRecord | null> {
    const job = await this.store.one(id);
    if (job === null || hasEnded(job)) return job;
    await this.store.askToEnd(id, how);
    const { process: found } = job;
    // Its runner was killed, and it goes on alone.
    if (found !== null && !(await this.store.isWatched(id)) && found.machine === MACHINE) {
      if (!processEnded(found.pid, found.start)) endGroup(found.pid, how === "kill" ? "SIGKILL" : "SIGTERM");
    }
    return this.store.one(id);
  }

  /** Sees to it that waiting jobs are run, also those of a studio that is gone. */
  watch(closing: AbortSignal): void {
    const look = async () => {
      // Another studio on this folder may have been stopped; this one lives.
      await this.store.hold(false);
      const { jobs, busy } = await this.read();
      if (!busy && jobs.some(({ state }) => state === "queued")) this.#startWorker();
    };
    const failed = (error: Error) => this.#note(`studio: ${error.message}`);
    look().catch(failed);
    this.#timer = setInterval(() => look().catch(failed), LOOK);
    this.#timer.unref();
    closing.addEventListener("abort", () => clearInterval(this.#timer), { once: true });
  }

  #startWorker(): void {
    const worker = spawn(process.execPath, [WORKER, this.#paths.project], {
      cwd: this.#paths.project,
      detached: true,
      stdio: "ignore",
    });
    worker.on("error", (error) => this.#note(`studio: the jobs cannot be run: ${error.message}`));
    worker.unref();
  }
}
