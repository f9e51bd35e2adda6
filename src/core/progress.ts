/** How a long job tells the outside where it stands; the command line draws it, a library caller may ignore it. */
export interface Progress {
  /** Name of the stage, e.g. `decode` or `train`. */
  stage: string;
  /** Units done so far. */
  done: number;
  /** Units in all; undefined when the end is not known. */
  total?: number;
  /** Name of the unit, e.g. `images`. */
  unit: string;
  /** Further figures for the live line, in this order. */
  figures?: Record<string, string | number>;
  /** Seconds left when the job knows better than done / total, e.g. under a time budget. */
  secondsLeft?: number;
}

export type ProgressListener = (progress: Progress) => void;

/** Listener that ignores everything; the default of the library. */
export const silent: ProgressListener = () => undefined;
