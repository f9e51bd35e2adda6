import { basename, dirname, join } from "node:path";
import { removeOnExit } from "../temporary.ts";
import { noteFolder, TOKEN } from "./own-scratch.ts";

/** Names of unfinished files and folders, of earlier versions too: `.NAME.HEX.tmp`. */
export const TEMPORARY_NAME = /^\..+\.[0-9a-f]{12,}\.tmp$/;

/** Bytes of a name that are kept, so that the whole fits where names may have 143 bytes only (encrypted folders). */
const KEPT_BYTES = 100;

/** The beginning of a name, whole characters, in at most {@link KEPT_BYTES} bytes. */
export function shortName(name: string): string {
  let kept = "";
  let bytes = 0;
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > KEPT_BYTES) break;
    kept += character;
  }
  return kept;
}

let count = 0;

/** Whether a name was given by {@link temporaryBeside} in the thread of a token. */
export const isOfToken = (name: string, token: string): boolean =>
  TEMPORARY_NAME.test(name) && name.slice(0, -".tmp".length).split(".").at(-1)!.slice(0, -4) === token;

/**
 * Name of a file or folder in the making, in the folder of the finished one: `.NAME.HEX.tmp`, NAME cut where it is long. It
 * is removed when the process exits, and by the next command when the process is killed.
 * @param path Of the finished one; its folder exists.
 * @returns `release` is called when it has been renamed or removed.
 */
export function temporaryBeside(path: string): { readonly path: string; release(): void } {
  noteFolder(dirname(path));
  const number = (count++ % 0x10000).toString(16).padStart(4, "0");
  const temporary = join(dirname(path), `.${shortName(basename(path))}.${TOKEN}${number}.tmp`);
  return { path: temporary, release: removeOnExit(temporary) };
}
