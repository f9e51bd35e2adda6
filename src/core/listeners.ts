import type { ProgressListener } from "./progress.ts";

/** Who hears of a long piece of work, and may end it. */
export interface Listeners {
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Told a line at a time what was found or guessed. Defaults to nobody. */
  readonly onNote?: ((line: string) => void) | undefined;
  /** Told what is not done as it was asked for. Defaults to nobody. */
  readonly onWarning?: ((line: string) => void) | undefined;
  /**
   * Ends the work early once aborted; what was worth keeping is kept. It is read when the work comes to where it can be
   * ended, so a getter learns from being called that it can. Defaults to never.
   */
  readonly signal?: AbortSignal | undefined;
}
