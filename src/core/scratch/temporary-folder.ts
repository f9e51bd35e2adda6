import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileError } from "../file-error.ts";
import { removeOnExit } from "../temporary.ts";
import { ownScratch } from "./own-scratch.ts";

/** An empty folder in the user's scratch, for this user's eyes only. */
export interface TemporaryFolder {
  readonly folder: string;
  /** Removes it with its content; what cannot be removed is left to the next command. */
  remove(): void;
}

function make(purpose: string): string {
  const parent = ownScratch();
  try {
    return mkdtempSync(join(parent, `${purpose}-`));
  } catch (cause) {
    throw fileError("create a folder in", tmpdir(), cause);
  }
}

/**
 * Makes a temporary folder. It is removed at exit, and by the next command when the process is killed.
 * @param purpose Lower-case word, e.g. `audit`; it begins the folder's name.
 * @throws GanglionError `files`
 */
export function openTemporaryFolder(purpose: string): TemporaryFolder {
  const folder = make(purpose);
  const forget = removeOnExit(folder);
  const remove = () => {
    try {
      rmSync(folder, { recursive: true, force: true });
      forget();
    } catch {
      // Tried again at exit.
    }
  };
  return { folder, remove };
}

const NO_ROOM = ["ENOSPC", "EDQUOT"];

/**
 * Does something with a temporary folder and removes it, whatever comes of it.
 * @param purpose Lower-case word, e.g. `audit`; it begins the folder's name.
 * @throws GanglionError `files` when it cannot be made or the disk is full; what `use` throws
 */
export async function withTemporaryFolder<T>(purpose: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = make(purpose);
  const forget = removeOnExit(folder);
  try {
    return await use(folder);
  } catch (cause) {
    const { code = "", path = folder } = cause as NodeJS.ErrnoException;
    throw NO_ROOM.includes(code) ? fileError("write", path, cause) : cause;
  } finally {
    // Decoded images of patients may lie there. What cannot be removed now is tried again at exit.
    await rm(folder, { recursive: true, force: true }).then(forget, () => undefined);
  }
}
