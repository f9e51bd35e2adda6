import { lstat, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { joinInside } from "../../core/files.ts";

/**
 * Path of a name below a folder with every link followed; null when it is not there or, by `..` or by a link, outside.
 * @param folder A real path.
 */
export async function realInside(folder: string, name: string): Promise<string | null> {
  const path = joinInside(folder, name);
  if (path === null) return null;
  const real = await realpath(path).catch(() => null);
  return real?.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? real : null;
}

/** Nothing is written through a link, which could lead out of the opened folder. @throws GanglionError `refused` */
export async function refuseLinks(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const found = await lstat(join(folder, name)).catch(() => null);
    if (found?.isSymbolicLink()) {
      throw new GanglionError("refused", `${name} is a link; nothing is written through it, put a folder in its place`);
    }
  }
}
