// A process that does one job at a time for its parent: `node job-process.js STORE HANDLERS`, where HANDLERS is the URL of a
// module that exports `handlers`. It ends with its parent, in the middle of a job too: the store holds whole artefacts only.
import { GanglionError } from "../../core/errors.ts";
import type { Job } from "./job.ts";
import { openStore } from "./open-store.ts";
import { isOutOfRoom, type JobHandlers, MissingInputError, performJob } from "./perform-job.ts";
import type { JobReply, JobRequest } from "./process-messages.ts";

const PROGRESS_MILLISECONDS = 500;

// Some systems send a signal to every process; the parent decides what becomes of the job at hand.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
const endWithParent = () => process.kill(process.pid, "SIGKILL");
process.on("disconnect", endWithParent);

const [address, module] = process.argv.slice(2);
const store = await openStore(address!);
const { handlers } = (await import(module!)) as { handlers: JobHandlers };
/** A parent that was killed is noticed here where a message is on its way before "disconnect": nothing is said of it either. */
const reply = (message: JobReply) =>
  process.send?.(message, undefined, undefined, (failed) => {
    if (failed !== null) endWithParent();
  });

async function answer({ job, threads }: JobRequest): Promise<void> {
  let told = 0;
  try {
    const made = await performJob(job, store, handlers, {
      threads,
      signal: new AbortController().signal,
      onProgress(progress) {
        if (Date.now() - told < PROGRESS_MILLISECONDS) return;
        told = Date.now();
        reply({ type: "progress", progress });
      },
    });
    reply({ type: "done", made });
  } catch (cause) {
    reply(errorReply(job, cause));
  }
}

function errorReply(job: Job, cause: unknown): JobReply {
  if (cause instanceof MissingInputError) {
    const role = Object.keys(job.inputs).find((name) => job.inputs[name] === cause.inputId)!;
    return { type: "missing", role };
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  if (isOutOfRoom(cause)) return { type: "no-room", message };
  return { type: "error", code: cause instanceof GanglionError ? cause.code : "internal", message };
}

process.on("message", (request: JobRequest) => void answer(request));
