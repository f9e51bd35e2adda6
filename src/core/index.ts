export {
  type ErrorCode,
  formatProblems,
  GanglionError,
  invariant,
  type Problem,
  throwIfProblems,
} from "./errors.ts";
export { fileError, joinInside, readBytes, readJson, writeFileAtomic, writeJson } from "./files.ts";
export { sha256, sha256File } from "./hash.ts";
export type { Listeners } from "./listeners.ts";
export { type Progress, type ProgressListener, silent } from "./progress.ts";
export { Rng, type SeedKey } from "./rng.ts";
export { removeLeftScratch } from "./scratch/remove-left-scratch.ts";
export { openTemporaryFolder, type TemporaryFolder, withTemporaryFolder } from "./scratch/temporary-folder.ts";
export { removeOnExit } from "./temporary.ts";
export { VERSION } from "./version.ts";
