import { existsSync, rmSync } from "node:fs";

/** Paths that must not outlive the process. */
const open = new Set<string>();

const ROUNDS = 5;
const PAUSE_MILLISECONDS = 20;

/**
 * A write of another thread may still be under way, which makes removing fail or makes the folder anew: it is removed
 * until it stays away.
 */
function removeAll(): void {
  for (let round = 0; round < ROUNDS; round++) {
    for (const path of open) {
      try {
        rmSync(path, { recursive: true, force: true });
      } catch {
        // Tried again; after the last round nothing can be done about the path any more.
      }
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MILLISECONDS);
    if ([...open].every((path) => !existsSync(path))) return;
  }
}

/**
 * Has a temporary file or folder removed when the process exits, e.g. on Ctrl-C, unless the returned function was called
 * first. A process that is killed outright leaves it behind.
 */
export function removeOnExit(path: string): () => void {
  if (open.size === 0) process.once("exit", removeAll);
  open.add(path);
  return () => {
    open.delete(path);
    if (open.size === 0) process.off("exit", removeAll);
  };
}
