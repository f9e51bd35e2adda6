import { GanglionError } from "./errors.ts";

/** What the operating system says of a failed file call, in words a user can act on. */
export function fileError(action: string, path: string, cause: unknown): GanglionError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  const remedies: Record<string, string> = {
    ENOENT: "there is no such file or folder; check the path",
    EACCES: "permission denied; check the owner and mode",
    EPERM: "not permitted; check the owner and mode",
    EROFS: "the file system is read-only; choose another folder",
    ENOSPC: "the disk is full; free some space and run the command again",
    EDQUOT: "the disk quota is used up; free some space and run the command again",
    EISDIR: "this is a folder, a file was expected",
    ENOTDIR: "a part of this path is a file, a folder was expected",
    EEXIST: "it exists already; choose another name",
    ENAMETOOLONG: "the name is too long for the file system; choose a shorter one",
    EMFILE: "too many open files; raise the limit with ulimit -n",
  };
  const remedy = remedies[code] ?? String((cause as Error).message ?? cause);
  return new GanglionError("files", `cannot ${action} ${path}: ${remedy}`, { cause });
}
