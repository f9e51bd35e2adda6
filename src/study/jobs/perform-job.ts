import { GanglionError } from "../../core/errors.ts";
import type { ProgressListener } from "../../core/progress.ts";
import type { ArtefactStore } from "./artefact-store.ts";
import { checkIds, type Job } from "./job.ts";
import { openScratchFolder, removeScratchOf, type ScratchFolder } from "./scratch-folder.ts";

/** What a handler works with. */
export interface JobContext {
  /** Folders of the artefacts that it reads, by role. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Empty folder that becomes the artefact. */
  readonly out: string;
  /**
   * Folder that outlives a killed job and is there again when the job is done anew: checkpoints from which to go on. Empty at
   * first, and now and then after all, e.g. on another machine. Removed once the artefact is in place.
   */
  readonly scratch: string;
  readonly threads: number;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/** Makes the artefact of a job. It must write the same bytes whenever it is called with the same job and inputs. */
export type JobHandler = (job: Job, context: JobContext) => Promise<void>;

/** Handlers by kind. */
export type JobHandlers = Readonly<Record<string, JobHandler>>;

export interface PerformOptions {
  readonly threads: number;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/** An input is not there: it was lost or damaged after it had been made. The job is to be done again after it. */
export class MissingInputError extends Error {
  readonly inputId: string;

  constructor(job: Job, role: string) {
    super(`${job.title}: its input "${role}" is not in the store`);
    this.name = "MissingInputError";
    this.inputId = job.inputs[role]!;
  }
}

/** What the operating system says when this machine has no room for an artefact; another one may have. */
const NO_ROOM = ["ENOSPC", "EDQUOT", "EFBIG", "EROFS"];

/** Whether an error comes from a disk that takes no more. */
export function isOutOfRoom(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (NO_ROOM.includes((cause as NodeJS.ErrnoException).code ?? "")) return true;
  }
  return false;
}

/** A job was not done for want of room on the disk. */
export class OutOfRoomError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "OutOfRoomError";
  }
}

/**
 * Makes the artefact of a job unless the store has it.
 * @returns whether it was made now
 * @throws MissingInputError, what the handler throws, GanglionError `files`, `run` for an id that is not the hash of the job
 */
export async function performJob(
  job: Job,
  store: ArtefactStore,
  handlers: JobHandlers,
  { threads, onProgress, signal }: PerformOptions,
): Promise<boolean> {
  checkIds(job);
  if (await store.has(job.id)) {
    removeScratchOf(store.root, new Set([job.id]));
    return false;
  }
  const handler = Object.hasOwn(handlers, job.kind) ? handlers[job.kind] : undefined;
  if (handler === undefined) {
    throw new GanglionError("internal", `internal: there is no handler for jobs of kind ${job.kind}`);
  }
  const inputs: Record<string, string> = {};
  for (const [role, id] of Object.entries(job.inputs)) {
    const folder = await store.find(id);
    if (folder === null) throw new MissingInputError(job, role);
    inputs[role] = folder;
  }
  let scratch: ScratchFolder | undefined;
  try {
    await store.make(job, (out) =>
      handler(job, {
        ...{ inputs, out, threads, onProgress, signal },
        // Few jobs want one.
        get scratch() {
          scratch ??= openScratchFolder(store.root, job.id);
          return scratch.folder;
        },
      }),
    );
    scratch?.remove();
  } finally {
    scratch?.release();
  }
  return true;
}
