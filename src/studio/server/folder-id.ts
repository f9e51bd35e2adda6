import { sha256 } from "../../core/hash.ts";

/** Name of an opened folder in URLs: the same at every start, so that a bookmark holds, and without its path. */
export const folderId = (path: string): string => sha256(`studio:${path}`).slice(0, 12);
