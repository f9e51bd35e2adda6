import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { GanglionError } from "../errors.ts";
import { fileError } from "../file-error.ts";

/** Folder of this user in the temporary folder, `ganglion-UID`: one folder for each thread of each process that has scratch. */
export const scratchRoot = (): string =>
  join(tmpdir(), `ganglion-${(process.geteuid?.() ?? userInfo().username).toString()}`);

/**
 * The folder must be this user's alone: in a temporary folder that all share another user could have made it first.
 * @returns false where it is not there
 * @throws GanglionError `files`
 */
export function checkScratchRoot(root: string): boolean {
  const found = lstatSync(root, { throwIfNoEntry: false });
  if (found === undefined) return false;
  const own = process.geteuid === undefined || (found.uid === process.geteuid() && (found.mode & 0o077) === 0);
  if (found.isDirectory() && own) return true;
  const what = found.isSymbolicLink()
    ? "is a link"
    : found.isDirectory()
      ? `belongs to user ${found.uid} with mode ${(found.mode & 0o777).toString(8)}`
      : "is a file";
  const remedy = "remove it, or set TMPDIR to a folder of your own";
  throw new GanglionError("files", `${root} must be a folder of yours alone (mode 700) and ${what}; ${remedy}`);
}

/**
 * Makes the folder of the user where it is not there. A process that ends may remove an empty one at any time, so what is
 * made inside may fail with ENOENT and is tried again by the caller.
 * @throws GanglionError `files`
 */
export function makeScratchRoot(): string {
  const root = scratchRoot();
  try {
    mkdirSync(root, { mode: 0o700 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw fileError("create a folder in", tmpdir(), cause);
  }
  checkScratchRoot(root);
  return root;
}
