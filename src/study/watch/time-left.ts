import type { Job } from "../jobs/job.ts";
import type { JobState } from "../jobs/run-jobs.ts";

/** A job that runs. */
export interface BegunJob {
  /** Milliseconds since it began. */
  readonly elapsed: number;
  /** What it says of itself: the share that is done, 0 to 1, and what all of it takes at its pace; null where it says nothing. */
  readonly pace: { readonly share: number; readonly milliseconds: number } | null;
}

/** What jobs of each kind took, and what that makes of those that are left. */
export interface TimeBook {
  /** Notes what a job took. */
  took(kind: string, milliseconds: number): void;
  /**
   * Seconds until all jobs are done: the mean of their kind for each that is left, over the jobs that are done at a time, and no
   * less than the longest chain of jobs that wait for each other. A kind of which none is done takes what its running jobs say;
   * null where nothing is known of a kind.
   * @param stateOf Where a job stands.
   * @param begun A running one, by its id.
   * @param atATime Jobs at a time, 1 or more.
   */
  secondsLeft(
    stateOf: (id: string) => JobState,
    begun: (id: string) => BegunJob | undefined,
    atATime: number,
  ): number | null;
}

const isOver = (state: JobState) => state !== "waiting" && state !== "running";

/** @param jobs Inputs before those that read them. */
export function openTimeBook(jobs: ReadonlyMap<string, Job>): TimeBook {
  const taken = new Map<string, { jobs: number; milliseconds: number }>();
  const add = (to: Map<string, { jobs: number; milliseconds: number }>, kind: string, milliseconds: number) => {
    const sum = to.get(kind) ?? { jobs: 0, milliseconds: 0 };
    to.set(kind, { jobs: sum.jobs + 1, milliseconds: sum.milliseconds + milliseconds });
  };
  return {
    took: (kind, milliseconds) => add(taken, kind, milliseconds),
    secondsLeft(stateOf, begun, atATime) {
      const projected = new Map<string, { jobs: number; milliseconds: number }>();
      for (const { id, kind } of jobs.values()) {
        const pace = begun(id)?.pace;
        if (pace != null && !taken.has(kind)) add(projected, kind, pace.milliseconds);
      }
      let sum = 0;
      let longest = 0;
      const ends = new Map<string, number>();
      for (const { id, kind, inputs } of jobs.values()) {
        if (isOver(stateOf(id))) continue;
        const known = taken.get(kind) ?? projected.get(kind);
        if (known === undefined) return null;
        const job = begun(id);
        const left =
          job?.pace == null
            ? Math.max(0, known.milliseconds / known.jobs - (job?.elapsed ?? 0))
            : (1 - job.pace.share) * job.pace.milliseconds;
        const before = Object.values(inputs).reduce((most, input) => Math.max(most, ends.get(input) ?? 0), 0);
        sum += left;
        ends.set(id, before + left);
        longest = Math.max(longest, before + left);
      }
      return Math.max(sum / atATime, longest) / 1000;
    },
  };
}

/** How far a job was when it first said so. */
export interface FirstShare {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly share: number;
}

/** Share that has to be done before anything is concluded from it. */
const MIN_SHARE = 0.02;

/** The pace of a job since it first said how far it is: one that goes on from a checkpoint begins in the middle. */
export function paceOf(first: FirstShare, share: number, now: number): BegunJob["pace"] {
  const done = Math.min(1, share) - first.share;
  return done < MIN_SHARE ? null : { share: Math.min(1, share), milliseconds: (now - first.at) / done };
}
