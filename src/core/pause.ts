import { setImmediate } from "node:timers/promises";

/** Longest stretch of work between two pauses, in milliseconds. */
const STRETCH = 50;

/**
 * Lets a long computation give way, so that Ctrl-C, progress and requests are served meanwhile: the returned function is
 * called often and waits one turn of the event loop where 50 ms have gone by since the last turn.
 * @returns True where it gave way: the moment to tell of progress.
 */
export function pauses(): () => Promise<boolean> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < STRETCH) return false;
    await setImmediate();
    last = performance.now();
    return true;
  };
}
