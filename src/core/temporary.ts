import { rmSync } from "node:fs";

/** Paths that must not outlive the process. */
const open = new Set<string>();

function removeAll(): void {
  // A write of another thread may still be under way; a few retries let it end.
  for (const path of open) {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    } catch {
      // The process is ending and nothing can be done about the path any more.
    }
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
