import type { Progress } from "../core/progress.ts";

/** Rates are taken over about this many milliseconds, so that they follow a change of pace without flicker. */
const RATE_WINDOW_MS = 15_000;

/** What a report is to the one before. */
export interface Paced {
  /** The first of its stage. */
  readonly fresh: boolean;
  /** The first that has all of its stage done. */
  readonly completes: boolean;
}

/** Follows the reports of a job: where a stage begins and ends, and how fast it goes. */
export class Pace {
  /** Reports of the current stage within the rate window. */
  #marks: { at: number; done: number }[] = [];
  #last: Progress | undefined;

  /** @param now Milliseconds of any clock. */
  take(progress: Progress, now: number): Paced {
    const last = this.#last;
    const fresh = last?.stage !== progress.stage || progress.done < last.done;
    if (fresh) this.#marks = [];
    const completes =
      progress.total !== undefined && progress.done >= progress.total && (fresh || last?.done !== progress.done);
    this.#last = { ...progress };
    this.#marks.push({ at: now, done: progress.done });
    while (this.#marks.length > 2 && now - this.#marks[1]!.at >= RATE_WINDOW_MS) this.#marks.shift();
    return { fresh, completes };
  }

  /** The last report; undefined before the first. */
  get last(): Progress | undefined {
    return this.#last;
  }

  /** Units a second; undefined before time has passed in a stage. */
  get rate(): number | undefined {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    const seconds = first === undefined ? 0 : (last!.at - first.at) / 1000;
    return seconds > 0 ? (last!.done - first!.done) / seconds : undefined;
  }

  forget(): void {
    this.#last = undefined;
    this.#marks = [];
  }
}

/** Seconds left of a stage; undefined where its end is not known. */
export function secondsLeft({ done, total, secondsLeft }: Progress, rate: number | undefined): number | undefined {
  if (total !== undefined && done >= total) return 0;
  return secondsLeft ?? (total !== undefined && rate ? (total - done) / rate : undefined);
}
