import { randomBytes } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, realpathSync, rmdirSync, rmSync, utimes } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileError } from "../file-error.ts";
import { sha256 } from "../hash.ts";
import { OWNER } from "../process-owner.ts";
import { isInsideOpen, removeOpen } from "../temporary.ts";
import { makeScratchRoot } from "./scratch-root.ts";

/** The host in the name of a folder: what lies there since before the last boot of the same host is nobody's. */
export const HOST = sha256(hostname()).slice(0, 8);
/** This thread in the names of its temporary files; drawn, since each thread has its own count and its own folder. */
export const TOKEN = randomBytes(6).toString("hex");
/** File in the folder of a thread: the folders that it has temporary files in, one JSON text a line. */
export const FOLDERS = "folders";

const TRIES = 10;
const HOUR_MILLISECONDS = 3_600_000;

let own: string | undefined;
/** Folders whose names stand in the file. */
const noted = new Set<string>();

/** Folder of this thread in the user's scratch, `HOST.OWNER.TOKEN`; removed at exit. @throws GanglionError `files` */
export function ownScratch(): string {
  if (own !== undefined && existsSync(own)) return own;
  const first = own === undefined;
  // Removed by somebody who tidied the temporary folder: made anew.
  own = undefined;
  noted.clear();
  for (let left = TRIES; own === undefined; left--) {
    const folder = join(makeScratchRoot(), `${HOST}.${OWNER}.${TOKEN}`);
    try {
      mkdirSync(folder, { mode: 0o700 });
      own = folder;
    } catch (cause) {
      // A process that ended removed the empty folder of the user in between.
      if ((cause as NodeJS.ErrnoException).code === "ENOENT" && left > 0) continue;
      throw fileError("create a folder in", tmpdir(), cause);
    }
  }
  const folder = own;
  if (!first) return folder;
  // Says to other machines and containers, which cannot see this process, that it is alive.
  setInterval(() => utimes(folder, new Date(), new Date(), () => undefined), HOUR_MILLISECONDS).unref();
  process.once("exit", () => {
    // What could not be removed is left to the next command, which finds it by this folder.
    if (removeOpen()) removeOwn(folder);
  });
  return folder;
}

function removeOwn(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
    rmdirSync(dirname(folder));
  } catch {
    // Others have scratch too, or the next command removes it.
  }
}

/**
 * Notes, before a temporary file is made, in which folder it lies, so that a later command removes it should this process be
 * killed. Each folder is noted once. Where the temporary folder cannot be written nothing is noted: the file is written all
 * the same, and each command says at its start that it could not be found again (`removeLeftScratch`).
 * @param folder It exists.
 */
export function noteFolder(folder: string): void {
  if (noted.has(folder) || isInsideOpen(folder)) return;
  try {
    appendFileSync(join(ownScratch(), FOLDERS), `${JSON.stringify(realpathSync(folder))}\n`);
    noted.add(folder);
  } catch {
    // See above.
  }
}
