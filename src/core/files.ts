import { open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { GanglionError } from "./errors.ts";
import { fileError } from "./file-error.ts";
import { makeFolder } from "./make-folder.ts";
import { temporaryBeside } from "./scratch/temporary-beside.ts";

export { fileError };

/**
 * Writes a whole file or nothing: temporary name in the same folder, flush to disk, rename. Creates the folder.
 * @throws GanglionError `files` with the remedy; the temporary file is removed and an older file stays as it was.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await makeFolder(dirname(path));
  } catch (cause) {
    throw fileError("write", path, cause);
  }
  await replaceFile(path, content);
}

/**
 * The same in a folder that exists.
 * @param folder Another path to the file's folder, for the system calls.
 */
export async function replaceFile(path: string, content: string | Uint8Array, folder = dirname(path)): Promise<void> {
  const temporary = temporaryBeside(path);
  const writing = join(folder, basename(temporary.path));
  try {
    const file = await open(writing, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(writing, join(folder, basename(path)));
  } catch (cause) {
    await rm(writing, { force: true }).catch(() => undefined);
    throw fileError("write", path, cause);
  } finally {
    temporary.release();
  }
}

/** Writes a value as indented JSON, atomically. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Reads a whole file. @throws GanglionError `files` */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw fileError("read", path, cause);
  }
}

/** Reads a JSON file. @throws GanglionError `files` when it cannot be read or is not JSON. */
export async function readJson(path: string): Promise<unknown> {
  return parseJson((await readBytes(path)).toString("utf8"), path);
}

/** @param path Named in the error. @throws GanglionError `files` */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GanglionError("files", `${path} is not valid JSON: ${(cause as Error).message.replace(/\s+/g, " ")}`, {
      cause,
    });
  }
}

/** Joins a name from outside (csv, archive, URL) to a folder; null when it would leave the folder. */
export function joinInside(folder: string, name: string): string | null {
  if (name.includes("\0")) return null;
  const root = resolve(folder);
  const path = resolve(root, name);
  return path.startsWith(root.endsWith(sep) ? root : root + sep) ? path : null;
}
