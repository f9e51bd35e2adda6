import { existsSync, mkdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";

const codeOf = (cause: unknown): string | undefined => (cause as NodeJS.ErrnoException).code;

/**
 * Node answers ENOENT when it cannot make a folder with its parents on a file system that is read-only (it asks again what
 * is there): the first missing folder made alone brings the real reason.
 */
function firstMissing(path: string): string {
  let missing = resolve(path);
  while (dirname(missing) !== missing && !existsSync(dirname(missing))) missing = dirname(missing);
  return missing;
}

/**
 * Makes a folder and its parents where they are not there.
 * @returns the first folder that was made; undefined when all were there
 * @throws the error of the operating system, for `fileError`
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true });
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") throw cause;
    const missing = firstMissing(path);
    await mkdir(missing);
    await mkdir(path, { recursive: true });
    return missing;
  }
}

/** {@link makeFolder} that waits. */
export function makeFolderSync(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") throw cause;
    mkdirSync(firstMissing(path));
    mkdirSync(path, { recursive: true });
  }
}
