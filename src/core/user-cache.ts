import { homedir } from "node:os";
import { join } from "node:path";

/** Folder for what was found out about this machine and can be found out again: `GANGLION_CACHE`, else the user's cache. */
export function userCacheFolder(): string {
  const { GANGLION_CACHE, XDG_CACHE_HOME } = process.env;
  return GANGLION_CACHE || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "ganglion");
}
