import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { GanglionError } from "../../core/errors.ts";
import { removeLeftScratch } from "../../core/scratch/remove-left-scratch.ts";
import type { Job } from "./job.ts";
import { MissingInputError, OutOfRoomError } from "./perform-job.ts";
import type { JobReply, JobRequest } from "./process-messages.ts";
import type { HandOut, JobRunner } from "./run-jobs.ts";

export interface JobProcessesOptions {
  /** Address of the artefact store. */
  readonly store: string;
  /** URL of a module that exports `handlers`, compiled. */
  readonly handlers: string;
  /** Processes, each of which does one job at a time. */
  readonly count: number;
  /** Threads inside one operator. Defaults to 1. */
  readonly threads?: number | undefined;
}

const ENTRY = fileURLToPath(new URL("./job-process.js", import.meta.url));

/**
 * Does jobs in processes of this machine, as many at a time as there are processes. A process that dies fails its job only;
 * a new one takes its place. Close it.
 */
export function openJobProcesses({ store, handlers, count, threads = 1 }: JobProcessesOptions): JobRunner {
  const idle: ChildProcess[] = [];
  const all = new Set<ChildProcess>();
  const begin = (): ChildProcess => {
    // In a group of its own, which Ctrl-C in a terminal does not reach; it ends with this process all the same.
    const child = fork(ENTRY, [store, handlers], { stdio: ["ignore", "ignore", "inherit", "ipc"], detached: true });
    all.add(child);
    child.once("exit", () => {
      all.delete(child);
      const at = idle.indexOf(child);
      if (at >= 0) idle.splice(at, 1);
      // It is killed in the end, too, and left what it had. What cannot be removed now, the next command says.
      removeLeftScratch();
    });
    return child;
  };

  async function run(job: Job, { onBegin, onProgress, signal }: HandOut): Promise<void> {
    signal.throwIfAborted();
    const child = idle.pop() ?? begin();
    const stop = () => child.kill("SIGKILL");
    signal.addEventListener("abort", stop, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        const end = (settle: () => void) => {
          child.removeAllListeners("message");
          child.off("exit", died);
          child.off("error", reject);
          settle();
        };
        const died = (code: number | null, killedBy: string | null) => {
          const message =
            killedBy === null
              ? `its process ended (exit code ${code}); see its messages in the output of this command or worker`
              : `its process ended (signal ${killedBy}), which a lack of memory may cause`;
          end(() => reject(new GanglionError("training", message)));
        };
        child.once("exit", died);
        child.once("error", reject);
        child.on("message", (reply: JobReply) => {
          if (reply.type === "progress") return onProgress(reply.progress);
          end(() => {
            idle.push(child);
            if (reply.type === "done") resolve();
            else if (reply.type === "missing") reject(new MissingInputError(job, reply.role));
            else if (reply.type === "no-room") reject(new OutOfRoomError(reply.message));
            else reject(new GanglionError(reply.code, reply.message));
          });
        });
        const request: JobRequest = { job, threads };
        child.send(request);
        onBegin(`process ${child.pid}`);
      });
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  return {
    concurrency: count,
    run,
    async close() {
      const ended = [...all].map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exit = once(child, "exit");
        child.kill("SIGKILL");
        await exit;
      });
      await Promise.all(ended);
    },
  };
}
