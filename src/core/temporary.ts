import { existsSync, rmSync } from "node:fs";
import { sep } from "node:path";

/** Paths that must not outlive the process. */
const open = new Set<string>();

const ROUNDS = 5;
const PAUSE_MILLISECONDS = 20;

/**
 * Removes what is still open. A write of another thread may still be under way, which makes removing fail or makes the
 * folder anew: it is removed until it stays away.
 * @returns whether nothing is left
 */
export function removeOpen(): boolean {
  if (open.size === 0) return true;
  for (let round = 0; round < ROUNDS; round++) {
    for (const path of open) {
      try {
        rmSync(path, { recursive: true, force: true });
      } catch {
        // Tried again; what stays after the last round is left to the next command.
      }
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MILLISECONDS);
    if ([...open].every((path) => !existsSync(path))) return true;
  }
  return false;
}

/** Whether a path lies inside a temporary folder that is removed as a whole. */
export const isInsideOpen = (path: string): boolean =>
  [...open].some((folder) => path === folder || path.startsWith(folder + sep));

/**
 * Has a temporary file or folder removed when the process exits, e.g. on Ctrl-C, unless the returned function was called
 * first. A process that is killed outright leaves it behind: `temporaryBeside` and `withTemporaryFolder` have it
 * found by the next command.
 */
export function removeOnExit(path: string): () => void {
  if (open.size === 0) process.once("exit", removeOpen);
  open.add(path);
  return () => {
    open.delete(path);
    if (open.size === 0) process.off("exit", removeOpen);
  };
}
