import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { GanglionError } from "../errors.ts";

const folders: string[] = [];

// Said while the test file is read: what a hook or a test says of the end is not heeded.
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A folder for the files of one test file, removed after its last test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ganglion-"));
  folders.push(folder);
  return folder;
}

/** The GanglionError that a promise ends with; fails when it does not end so. */
export async function failure(promise: Promise<unknown>): Promise<GanglionError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GanglionError && error.code !== "internal") return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
