import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import type { Progress } from "../../core/progress.ts";
import { jobSchema } from "../jobs/artefact-store.ts";
import { idProblem, isJobId, type Job } from "../jobs/job.ts";
import type { QueueKey, SignedKind } from "./queue-key.ts";

/** Characters that a job may have as JSON. One of a study has some hundreds. */
export const MAX_CHARACTERS = 262_144;

const queuedSchema = z.strictObject({
  /** A job as JSON, as it was signed: it is not even parsed before the signature was found right. */
  job: z.string().max(MAX_CHARACTERS),
  signature: z.string(),
  /** Workers that gave it back because their disk is full. */
  returned: z.int().nonnegative().optional(),
});

/** What lies in the queue: the job, no path and no image. */
export type QueuedData = Readonly<z.infer<typeof queuedSchema>>;

/** A job came off the queue that is not done. Its message says why, in words of ours alone. */
export class RefusedJobError extends Error {
  /** The job where it is signed by one who has the key. */
  readonly job: Job | null;

  constructor(reason: string, job: Job | null = null) {
    super(reason);
    this.name = "RefusedJobError";
    this.job = job;
  }
}

/** What is wrong with the kind, the parameters or the roles of the inputs of a job; null for nothing. */
export type JobCheck = (job: Job) => string | null;

/** @throws GanglionError `usage` for a job that no worker would take for its size */
export function sealJob(job: Job, key: QueueKey): QueuedData {
  const { id, kind, title, parameters, inputs } = job;
  const text = JSON.stringify({ id, kind, title, parameters, inputs });
  if (text.length > MAX_CHARACTERS) {
    const message = `${title}: the job has ${text.length} characters as JSON, at most ${MAX_CHARACTERS} go through a queue; do the study without --queue`;
    throw new GanglionError("usage", message);
  }
  return { job: text, signature: key.sign("job", "", text) };
}

/**
 * The job in what lay in the queue. Nothing of it is used before the signature was found right; then its ids are held against
 * their form and their hash, then its kind and parameters against what the kind takes.
 * @throws RefusedJobError
 */
export function openJob(data: unknown, key: QueueKey, check: JobCheck): Job {
  const queued = queuedSchema.safeParse(data);
  if (!queued.success) throw new RefusedJobError("it is no job, or larger than one may be");
  const { job: text, signature } = queued.data;
  if (!key.verify("job", "", text, signature)) throw new RefusedJobError("it is not signed with the key of this store");
  const job = jobSchema.safeParse(JSON.parse(text));
  if (!job.success) throw new RefusedJobError("its form or that of an id is not that of a job");
  const problem = idProblem(job.data) ?? check(job.data);
  if (problem !== null) throw new RefusedJobError(problem, isJobId(job.data.id) ? job.data : null);
  return job.data;
}

/** What a worker tells while it does a job. */
export interface WorkerNews {
  /** `HOST:PID`. */
  readonly worker: string;
  /** Missing when it begins. */
  readonly progress?: Progress;
}

/** A text about a job, signed: `SIGNATURE TEXT`. */
export const sealText = (key: QueueKey, kind: SignedKind, jobId: string, text: string): string =>
  `${key.sign(kind, jobId, text)} ${text}`;

/** A text about a job; null when none with the key has signed it. */
export function openText(key: QueueKey, kind: SignedKind, jobId: string, sealed: unknown): string | null {
  if (typeof sealed !== "string" || sealed.length > MAX_CHARACTERS) return null;
  const text = sealed.slice(65);
  return sealed[64] === " " && key.verify(kind, jobId, text, sealed.slice(0, 64)) ? text : null;
}

const MISSING = "missing input: ";

/** Reason of a job that ends because an input is not in the store. */
export const missingReason = (role: string): string => `${MISSING}${role}`;

/** Role of the input that a reason of failure names; null for any other reason. */
export const missingRole = (reason: string): string | null =>
  reason.startsWith(MISSING) ? reason.slice(MISSING.length) : null;
