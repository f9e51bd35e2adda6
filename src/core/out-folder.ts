import { realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { GanglionError } from "./errors.ts";

/** Device and number of a folder or file, the same whatever name leads there; null where there is none. */
async function identity(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? null : `${found.dev}:${found.ino}`;
}

/** The nearest folder of a path that is there, with links followed. */
async function existing(path: string): Promise<string> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const found = await realpath(folder).catch(() => null);
    if (found !== null || folder === dirname(folder)) return found ?? folder;
  }
}

/**
 * Refuses to write into what is read: the next reader would take the output for input, and a run or dataset is not what was
 * recorded of it any more. Folders are compared as the file system knows them, so that links, relative paths and letter case
 * make no difference.
 * @param out Need not exist.
 * @param inputs Folders that are read, by the name that a user gives them; files and undefined ones do not count.
 * @throws GanglionError `usage` when `out` is one of them or lies inside
 */
export async function refuseOutInside(
  out: string,
  inputs: Readonly<Record<string, string | readonly string[] | undefined>>,
): Promise<void> {
  const parents: (string | null)[] = [];
  for (let folder = await existing(out); ; folder = dirname(folder)) {
    parents.push(await identity(folder));
    if (folder === dirname(folder)) break;
  }
  for (const [name, paths] of Object.entries(inputs)) {
    for (const path of [paths ?? []].flat()) {
      const folder = await identity(path);
      if (folder === null || !parents.includes(folder)) continue;
      const message = `${out} must not be ${name} ${path} or inside it, because that is read; name a folder outside it for the output`;
      throw new GanglionError("usage", message);
    }
  }
}
