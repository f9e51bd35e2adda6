import { type ChildProcess, spawn } from "node:child_process";
import { GanglionError } from "../../core/errors.ts";
import type { JobCommand } from "../job-forms.ts";
import type { DryRun } from "../project-api.ts";
import type { AllowedPaths } from "./allowed-paths.ts";
import { buildWords } from "./build-words.ts";
import { endGroup } from "./end-group.ts";
import { MAIN } from "./main-module.ts";

/** Commands that say what they would do, and the option that makes them. */
const DRY: Readonly<Partial<Record<JobCommand, string>>> = {
  train: "--dry-run",
  generate: "--dry-run",
  balance: "--plan",
  study: "--dry-run",
  release: "--dry-run",
};

/** Milliseconds that an answer may take: a release decides by looking at every image. */
const LONGEST = 900_000;
/** Questions that may wait for their turn. */
const MOST_WAITING = 12;
/** Longest answer, in bytes. */
const MOST_ANSWER = 4 * 2 ** 20;

/**
 * Asks commands what they would do, one at a time: the same words as a job, with the option that writes nothing. The command
 * line so stays the one place where time, sizes and decisions are computed.
 */
export class DryRuns {
  readonly #paths: AllowedPaths;
  readonly #running = new Set<ChildProcess>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  constructor(paths: AllowedPaths) {
    this.#paths = paths;
  }

  /**
   * @param values A form, checked like that of a job.
   * @param signal Ends the command: nobody waits for the answer any more.
   * @throws GanglionError `usage` for a form that does not fit, or a command that has nothing to say; `refused` when too many ask
   */
  async ask(command: JobCommand, values: unknown, signal: AbortSignal): Promise<DryRun> {
    const option = DRY[command];
    if (option === undefined) throw new GanglionError("usage", `ganglion ${command} cannot say what it would do`);
    const words = [...(await buildWords(command, values, this.#paths)), option, "--json", "--quiet"];
    if (this.#waiting >= MOST_WAITING) {
      throw new GanglionError("refused", "too many forecasts wait already; wait for them");
    }
    this.#waiting++;
    const turn = this.#last.then(() => this.#run(words, signal)).finally(() => this.#waiting--);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Ends what runs. */
  close(): void {
    this.#closed = true;
    for (const { pid } of this.#running) if (pid !== undefined) endGroup(pid, "SIGKILL");
  }

  #run(words: readonly string[], signal: AbortSignal): Promise<DryRun> {
    const given = new GanglionError("refused", "nobody waits for this forecast any more");
    if (signal.aborted || this.#closed) return Promise.reject(given);
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [MAIN, ...words], {
        cwd: this.#paths.project,
        // A group of its own, which ends as a whole.
        detached: true,
        stdio: ["ignore", "pipe", "ignore"],
      });
      this.#running.add(child);
      const end = () => child.pid !== undefined && endGroup(child.pid, "SIGKILL");
      const timer = setTimeout(end, LONGEST);
      signal.addEventListener("abort", end, { once: true });
      const pieces: Buffer[] = [];
      let length = 0;
      child.stdout.on("data", (piece: Buffer) => {
        length += piece.length;
        if (length <= MOST_ANSWER) pieces.push(piece);
      });
      child.once("error", reject);
      child.once("close", (code) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        this.#running.delete(child);
        if (code === null) return reject(given);
        try {
          resolve(answerOf(Buffer.concat(pieces).toString("utf8")));
        } catch (cause) {
          const message = `the command ended with exit code ${code} and said nothing that can be read`;
          reject(new GanglionError("files", message, { cause }));
        }
      });
    });
  }
}

/** What a command printed with `--json`: its result, or why not. */
function answerOf(text: string): DryRun {
  const value = JSON.parse(text) as Record<string, unknown>;
  const { error } = value;
  return error === undefined ? { result: value, error: null } : { result: null, error: error as DryRun["error"] };
}
