import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Folder for what was found out about this machine and can be found out again: `GANGLION_CACHE`, else the user's cache;
 * null for a user who has no home.
 */
export function userCacheFolder(): string | null {
  const { GANGLION_CACHE, XDG_CACHE_HOME } = process.env;
  if (GANGLION_CACHE) return GANGLION_CACHE;
  try {
    return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "ganglion");
  } catch {
    return null;
  }
}
