import type { Job } from "../jobs/job.ts";

/** What lies in the queue: the job, no path and no image. */
export interface QueuedData {
  readonly job: Job;
}

const MISSING = "missing input: ";

/** Reason of a job that ends because an input is not in the store. */
export const missingReason = (role: string): string => `${MISSING}${role}`;

/** Role of the input that a reason of failure names; null for any other reason. */
export const missingRole = (reason: string): string | null =>
  reason.startsWith(MISSING) ? reason.slice(MISSING.length) : null;
