import { type JobJson, type JobsOptions, type Job as QueuedJob, Worker } from "bullmq";
import { MAX_CHARACTERS } from "./queued-data.ts";

const MAX_ATTEMPTS = 100;

/** How a job goes through the queue. */
export const queueOptions = (attempts: number): JobsOptions => ({
  attempts,
  backoff: { type: "exponential", delay: 1_000 },
  removeOnComplete: true,
  removeOnFail: false,
  // A stack names folders of a worker, which others who read Redis need not know.
  stackTraceLimit: 0,
});

const count = (value: number): number => (Number.isSafeInteger(value) && value >= 0 ? value : 0);

/** Data as JSON that is sure to be read: null for what is none, is too large, or is no text. */
function readable(data: unknown): string {
  // The envelope beside the text of the job is short; its quotes take a character more each.
  if (typeof data !== "string" || data.length > 2 * MAX_CHARACTERS) return "null";
  try {
    JSON.parse(data);
    return data;
  } catch {
    return "null";
  }
}

/**
 * A worker of BullMQ that takes from Redis no more than a job of ours has. Whoever can write to Redis could otherwise give a job
 * that cannot be read, has itself repeated, or has others made; such a job comes out as one without data, which is refused.
 */
export class GuardedWorker extends Worker<unknown> {
  protected override createJob(found: JobJson, id: string): QueuedJob<unknown> {
    const attempts = Math.min(count(found.opts?.attempts ?? 1), MAX_ATTEMPTS);
    return super.createJob(
      {
        id,
        name: "job",
        data: readable(found.data),
        opts: queueOptions(attempts),
        progress: 0,
        attemptsMade: count(found.attemptsMade),
        attemptsStarted: count(found.attemptsStarted),
        stalledCounter: count(found.stalledCounter),
        processedOn: count(found.processedOn ?? 0),
        timestamp: count(found.timestamp),
        failedReason: "",
        returnvalue: "",
      },
      id,
    );
  }
}
