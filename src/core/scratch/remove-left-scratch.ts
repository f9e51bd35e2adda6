import { accessSync, constants, lstatSync, readdirSync, readFileSync, realpathSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir, uptime } from "node:os";
import { join } from "node:path";
import { GanglionError } from "../errors.ts";
import { fileError } from "../file-error.ts";
import { MACHINE, ownerEnded } from "../process-owner.ts";
import { FOLDERS, HOST } from "./own-scratch.ts";
import { checkScratchRoot, scratchRoot } from "./scratch-root.ts";
import { isOfToken } from "./temporary-beside.ts";

const REMOVE = "remove what a killed command left,";
const DAY_MILLISECONDS = 24 * 3_600_000;
/** `HOST.OWNER.TOKEN`, where OWNER is `MACHINE.PID-START` or `MACHINE.PID` (`process-owner.ts`). */
const NAME = /^([0-9a-f]{8})\.(([0-9a-f]{12})\.\d+(?:-\d+)?)\.([0-9a-f]{12})$/;

/**
 * Whether the thread that a folder belongs to is gone. A thread of another boot, container or machine cannot be seen: it is
 * gone when the folder is older than the last boot of the same host, and taken to be gone when it was not touched for a day.
 */
function isLeft(path: string, host: string, machine: string, owner: string): boolean {
  if (machine === MACHINE) return ownerEnded(owner);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  const booted = Date.now() - 1000 * uptime();
  return Date.now() - found.mtimeMs > DAY_MILLISECONDS || (host === HOST && found.mtimeMs < booted);
}

/** Folders in which a thread had temporary files, without those that are gone or have become something else. */
function notedFolders(scratch: string): string[] {
  let text: string;
  try {
    text = readFileSync(join(scratch, FOLDERS), "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      const folder: unknown = JSON.parse(line);
      return typeof folder === "string" && realpathSync(folder) === folder ? [folder] : [];
    } catch {
      // A line cut off by the kill belongs to a file that was not made.
      return [];
    }
  });
}

/** Removes all that a thread left, its own folder last: by it the rest is found. */
function removeScratch(scratch: string, owner: string, token: string): void {
  let failed: GanglionError | undefined;
  const attempt = (path: string, action: () => void) => {
    try {
      action();
    } catch (cause) {
      failed ??= fileError(REMOVE, path, cause);
    }
  };
  for (const folder of notedFolders(scratch)) {
    attempt(folder, () => {
      for (const name of readdirSync(folder)) {
        // A folder of an artefact in the making ends with its owner.
        if (!isOfToken(name, token) && !name.endsWith(`.${owner}`)) continue;
        // Of a link the link itself is removed.
        attempt(join(folder, name), () => rmSync(join(folder, name), { recursive: true, force: true }));
      }
    });
  }
  if (failed !== undefined) throw failed;
  rmSync(scratch, { recursive: true, force: true });
}

/**
 * Removes the scratch of processes that are gone: their temporary folders, and their unfinished files and folders wherever
 * they lie. Costs the reading of one folder where there is nothing.
 * @returns one line for each thing that could not be done
 */
export function removeLeftScratch(): string[] {
  const root = scratchRoot();
  const problems: string[] = [];
  const attempt = (what: string, path: string, action: () => void) => {
    try {
      action();
    } catch (cause) {
      problems.push((cause instanceof GanglionError ? cause : fileError(what, path, cause)).message);
    }
  };
  attempt("write in the temporary folder", tmpdir(), () => {
    if (!checkScratchRoot(root)) {
      accessSync(tmpdir(), constants.W_OK);
      return;
    }
    for (const name of readdirSync(root)) {
      const [, host, owner, machine, token] = NAME.exec(name) ?? [];
      const path = join(root, name);
      if (host === undefined || !isLeft(path, host, machine!, owner!)) continue;
      attempt(REMOVE, path, () => removeScratch(path, owner!, token!));
    }
  });
  try {
    rmdirSync(root);
  } catch {
    // Not there, or in use.
  }
  return problems;
}
