import type { Progress } from "../../core/progress.ts";
import type { Job } from "../jobs/job.ts";

/** What lies in the queue: the job, no path and no image. */
export interface QueuedData {
  readonly job: Job;
  /** Workers that gave it back because their disk is full. */
  readonly returned?: number;
}

/** What a worker tells while it does a job. */
export interface WorkerNews {
  /** `HOST:PID`. */
  readonly worker: string;
  /** Missing when it begins. */
  readonly progress?: Progress;
}

const MISSING = "missing input: ";

/** Reason of a job that ends because an input is not in the store. */
export const missingReason = (role: string): string => `${MISSING}${role}`;

/** Role of the input that a reason of failure names; null for any other reason. */
export const missingRole = (reason: string): string | null =>
  reason.startsWith(MISSING) ? reason.slice(MISSING.length) : null;
