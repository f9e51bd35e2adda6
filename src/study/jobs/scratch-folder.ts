import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileError } from "../../core/files.ts";
import { sha256 } from "../../core/hash.ts";
import { removeOnExit } from "../../core/temporary.ts";

/** A folder in which a job keeps what it needs to go on after it was killed. */
export interface ScratchFolder {
  /** Empty, or as the last one who did the job left it. */
  readonly folder: string;
  /** The job is done: removes what was kept of it. */
  remove(): Promise<void>;
  /** The job is given up for now: the next one who does it finds the folder. No effect after `remove`. */
  release(): Promise<void>;
}

const BEAT_MILLISECONDS = 5_000;
/** A holder of which nothing was heard for so long is dead. Shorter than the time after which a queue hands a job on. */
const STALE_MILLISECONDS = 20_000;
const FILES = "files";
const ALIVE = "alive";

const readOr = (read: () => string) => {
  try {
    return read();
  } catch {
    return "";
  }
};

/** Processes of the same name see each other's numbers: one machine, one boot, one container. */
const MACHINE = sha256(
  JSON.stringify([
    hostname(),
    readOr(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
    readOr(() => readlinkSync("/proc/self/ns/pid")),
  ]),
).slice(0, 12);

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Time as the file system of a folder has it: clocks of two machines may differ. */
async function fileTime(folder: string): Promise<number> {
  const path = join(folder, `now-${randomBytes(6).toString("hex")}`);
  try {
    await writeFile(path, "");
    return (await stat(path)).mtimeMs;
  } finally {
    await rm(path, { force: true });
  }
}

/** Whether nobody works in a folder of this name (`JOB` when free, else `JOB.MACHINE.PID.RANDOM`). */
async function isAbandoned(root: string, name: string, staleMilliseconds: number): Promise<boolean> {
  const [, machine, pid] = name.split(".");
  if (machine === undefined) return true;
  if (machine === MACHINE && !runs(Number(pid))) return true;
  const beat = await stat(join(root, name, ALIVE)).catch(() => stat(join(root, name)).catch(() => null));
  return beat !== null && (await fileTime(root)) - beat.mtimeMs > staleMilliseconds;
}

/**
 * Takes the scratch folder of a job, `ROOT/scratch/JOB...`, kept from an earlier try where there was one. Who holds it stands
 * in its name, so that it is taken over in one step, by one process only; one that was thought dead finds its folder gone.
 * While another process works in it a fresh temporary folder is given.
 * @throws GanglionError `files`
 */
export async function openScratchFolder(
  store: string,
  jobId: string,
  staleMilliseconds = STALE_MILLISECONDS,
): Promise<ScratchFolder> {
  const root = join(store, "scratch");
  const own = join(root, `${jobId}.${MACHINE}.${process.pid}.${randomBytes(6).toString("hex")}`);
  try {
    await mkdir(root, { recursive: true });
    const names = (await readdir(root)).filter((name) => name.split(".")[0] === jobId);
    let held = false;
    for (const name of names) {
      if (!(await isAbandoned(root, name, staleMilliseconds))) held = true;
      else if (await moves(join(root, name), own)) return await hold(own, root, jobId, staleMilliseconds);
    }
    if (held) return await temporary();
    await mkdir(own);
    return await hold(own, root, jobId, staleMilliseconds);
  } catch (cause) {
    throw fileError("make", own, cause);
  }
}

const moves = (from: string, to: string) =>
  rename(from, to).then(
    () => true,
    () => false,
  );

async function temporary(): Promise<ScratchFolder> {
  const folder = await mkdtemp(join(tmpdir(), "ganglion-scratch-"));
  const keep = removeOnExit(folder);
  const remove = async () => {
    await rm(folder, { recursive: true, force: true });
    keep();
  };
  return { folder, remove, release: remove };
}

async function hold(own: string, root: string, jobId: string, staleMilliseconds: number): Promise<ScratchFolder> {
  const beat = () => writeFile(join(own, ALIVE), `${Date.now()}`);
  await beat();
  await mkdir(join(own, FILES), { recursive: true });
  const timer = setInterval(() => void beat().catch(() => undefined), BEAT_MILLISECONDS);
  timer.unref();
  let ended = false;
  return {
    folder: join(own, FILES),
    async remove() {
      ended = true;
      clearInterval(timer);
      await rm(own, { recursive: true, force: true });
      // What others left who died at this job.
      for (const name of await readdir(root)) {
        if (name.split(".")[0] !== jobId || !(await isAbandoned(root, name, staleMilliseconds))) continue;
        await rm(join(root, name), { recursive: true, force: true });
      }
    },
    async release() {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      await rename(own, join(root, jobId)).catch(() => rm(own, { recursive: true, force: true }));
    },
  };
}
