import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileError } from "../../core/files.ts";
import { makeFolderSync } from "../../core/make-folder.ts";
import { OWNER, ownerEnded } from "../../core/process-owner.ts";
import { temporaryBeside } from "../../core/scratch/temporary-beside.ts";
import { openTemporaryFolder } from "../../core/scratch/temporary-folder.ts";

/** A folder in which a job keeps what it needs to go on after it was killed. */
export interface ScratchFolder {
  /** Empty, or as the last one who did the job left it. */
  readonly folder: string;
  /** The job is done: removes what was kept of it. */
  remove(): void;
  /** The job is given up for now: the next one who does it finds the folder. No effect after `remove`. */
  release(): void;
}

const BEAT_MILLISECONDS = 5_000;
/** A holder of which nothing was heard for so long is dead. Shorter than the time after which a queue hands a job on. */
const STALE_MILLISECONDS = 20_000;
const FILES = "files";
const ALIVE = "alive";

/** Time as the file system of a folder has it: clocks of two machines may differ. */
function fileTime(folder: string): number {
  const { path, release } = temporaryBeside(join(folder, "now"));
  try {
    writeFileSync(path, "");
    return statSync(path).mtimeMs;
  } finally {
    rmSync(path, { force: true });
    release();
  }
}

/** Whether nobody works in a folder of this name (`JOB` when free, else `JOB.MACHINE.PID.RANDOM`). */
function isAbandoned(root: string, name: string, staleMilliseconds: number): boolean {
  const [, machine, pid] = name.split(".");
  if (machine === undefined) return true;
  if (ownerEnded(`${machine}.${pid}`)) return true;
  const options = { throwIfNoEntry: false } as const;
  const beat = statSync(join(root, name, ALIVE), options) ?? statSync(join(root, name), options);
  return beat !== undefined && fileTime(root) - beat.mtimeMs > staleMilliseconds;
}

/** Names of the folders of some jobs. */
const namesOf = (root: string, isOf: (jobId: string) => boolean): string[] =>
  readdirSync(root).filter((name) => isOf(name.split(".")[0]!));

/** Removes the folders of some jobs in which nobody works. */
function removeAbandoned(root: string, isOf: (jobId: string) => boolean, staleMilliseconds: number): void {
  for (const name of namesOf(root, isOf)) {
    if (isAbandoned(root, name, staleMilliseconds)) rmSync(join(root, name), { recursive: true, force: true });
  }
}

const moves = (from: string, to: string): boolean => {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
};

/**
 * Takes the scratch folder of a job, `ROOT/scratch/JOB...`, kept from an earlier try where there was one. Who holds it stands
 * in its name, so that it is taken over in one step, by one process only; one that was thought dead finds its folder gone.
 * While another process works in it a fresh temporary folder is given.
 * @throws GanglionError `files`
 */
export function openScratchFolder(store: string, jobId: string, staleMilliseconds = STALE_MILLISECONDS): ScratchFolder {
  const root = join(store, "scratch");
  const own = join(root, `${jobId}.${OWNER}.${randomBytes(6).toString("hex")}`);
  const isOwn = (id: string) => id === jobId;
  /** Removes what others left who died at this job. */
  const removeOthers = () => removeAbandoned(root, isOwn, staleMilliseconds);
  try {
    makeFolderSync(root);
    let held = false;
    for (const name of namesOf(root, isOwn)) {
      if (!isAbandoned(root, name, staleMilliseconds)) held = true;
      else if (moves(join(root, name), own)) return hold(own, join(root, jobId), removeOthers);
    }
    if (held) return temporary(removeOthers);
    mkdirSync(own);
    return hold(own, join(root, jobId), removeOthers);
  } catch (cause) {
    throw fileError("make", own, cause);
  }
}

/**
 * Removes what was kept of jobs that are done: of one that was killed when its artefact had just been put in place nobody
 * takes the folder over.
 */
export function removeScratchOf(store: string, done: ReadonlySet<string>): void {
  const root = join(store, "scratch");
  if (!existsSync(root)) return;
  try {
    removeAbandoned(root, (id) => done.has(id), STALE_MILLISECONDS);
  } catch (cause) {
    throw fileError("remove", root, cause);
  }
}

function temporary(removeOthers: () => void): ScratchFolder {
  const { folder, remove: release } = openTemporaryFolder("job");
  const remove = () => {
    release();
    removeOthers();
  };
  return { folder, remove, release };
}

/** Works in a folder and says so every few seconds. @param free Its name when nobody does */
function hold(own: string, free: string, removeOthers: () => void): ScratchFolder {
  const path = join(own, ALIVE);
  writeFileSync(path, "");
  mkdirSync(join(own, FILES), { recursive: true });
  const timer = setInterval(() => void writeFile(path, `${Date.now()}`).catch(() => undefined), BEAT_MILLISECONDS);
  timer.unref();
  let ended = false;
  return {
    folder: join(own, FILES),
    remove() {
      ended = true;
      clearInterval(timer);
      rmSync(own, { recursive: true, force: true });
      removeOthers();
    },
    release() {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      if (!moves(own, free)) rmSync(own, { recursive: true, force: true });
    },
  };
}
