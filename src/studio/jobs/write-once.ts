import { link, rm, writeFile } from "node:fs/promises";
import { fileError } from "../../core/files.ts";
import { temporaryBeside } from "../../core/scratch/temporary-beside.ts";

/**
 * Writes a file that was not there, whole or not at all: of several processes that try, one succeeds.
 * @returns whether it was this call; false where there is a file of that name
 * @throws GanglionError `files`
 */
export async function writeOnce(path: string, content: string): Promise<boolean> {
  const { path: whole, release } = temporaryBeside(path);
  try {
    await writeFile(whole, content, { flag: "wx", flush: true });
    await link(whole, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw fileError("write", path, cause);
  } finally {
    await rm(whole, { force: true });
    release();
  }
}
