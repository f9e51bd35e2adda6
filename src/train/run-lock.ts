import { link, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { fileError } from "../core/files.ts";
import { readNotLinked } from "../core/inside-folder.ts";
import { processEnded, processStart } from "../core/process-owner.ts";
import { temporaryBeside } from "../core/scratch/temporary-beside.ts";
import { removeOnExit } from "../core/temporary.ts";

const holderSchema = z.object({ pid: z.int().positive(), host: z.string(), started: z.string() });
type Holder = z.infer<typeof holderSchema>;

/** Whether the process that wrote the mark is gone; of another machine that cannot be known. */
const isGone = ({ pid, host, started }: Holder): boolean => host === hostname() && processEnded(pid, started);

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return holderSchema.parse(JSON.parse((await readNotLinked(path)).toString("utf8")));
  } catch {
    // Written in part by a process that was killed, or gone by now.
    return null;
  }
}

/** Whether a process trains the run now, as far as its mark tells. */
export async function isBeingTrained(folder: string): Promise<boolean> {
  const holder = await readHolder(join(folder, ".lock"));
  return holder !== null && !isGone(holder);
}

/**
 * Keeps other processes from training the same run: two would write over each other's checkpoints. The mark that a
 * killed process left does not count.
 * @param folder Of the run; it exists.
 * @returns releases the run
 * @throws GanglionError `run` that names the process which trains it, `files` when the mark cannot be written
 */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, ".lock");
  const holder: Holder = { pid: process.pid, host: hostname(), started: processStart(process.pid) };
  for (let attempt = 0; ; attempt++) {
    // Linked when it is whole: a mark is never seen half-written, and never replaces another one.
    const { path: whole, release } = temporaryBeside(path);
    try {
      await writeFile(whole, JSON.stringify(holder), { flag: "wx" });
      await link(whole, path);
      break;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw fileError("write", path, cause);
      const other = await readHolder(path);
      if (attempt > 0 || (other !== null && !isGone(other))) {
        const who = other === null ? "another process" : `process ${other.pid} on ${other.host}`;
        throw new GanglionError(
          "run",
          `${folder} is being trained by ${who}; wait for it or stop it (if it has certainly ended, delete ${path})`,
        );
      }
      await rm(path, { force: true });
    } finally {
      await rm(whole, { force: true });
      release();
    }
  }
  const forget = removeOnExit(path);
  return async () => {
    forget();
    await rm(path, { force: true });
  };
}
