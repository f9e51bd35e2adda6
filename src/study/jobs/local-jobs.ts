import type { ArtefactStore } from "./artefact-store.ts";
import { type JobHandlers, performJob } from "./perform-job.ts";
import type { JobRunner } from "./run-jobs.ts";

/**
 * A runner that does the jobs of some kinds in this process, one at a time and beside the others, and hands the others to a
 * runner: for jobs that read what only this process can see. Closing it closes the other.
 */
export function localFirst(
  runner: JobRunner,
  store: ArtefactStore,
  handlers: JobHandlers,
  kinds: readonly string[],
): JobRunner {
  const local = new Set(kinds);
  return {
    concurrency: runner.concurrency,
    beside: local,
    async run(job, how) {
      if (!local.has(job.kind)) return runner.run(job, how);
      how.signal.throwIfAborted();
      how.onBegin(`process ${process.pid}`);
      await performJob(job, store, handlers, { threads: 1, onProgress: how.onProgress, signal: how.signal });
    },
    close: () => runner.close(),
  };
}
