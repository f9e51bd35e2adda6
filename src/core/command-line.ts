import { existsSync, readdirSync } from "node:fs";
import { isAbsolute, relative, sep } from "node:path";
import { shellWord } from "./quoted.ts";

/** A command that a person can paste into a shell: `ganglion` and its words, quoted where they need it. */
export const commandLine = (...words: readonly string[]): string => ["ganglion", ...words].map(shellWord).join(" ");

/** An option with its value as words of a command; none where there is no value. */
export const flag = (name: string, value: string | undefined | null): string[] => (value == null ? [] : [name, value]);

/** A path that no command takes for an option. */
export const pathWord = (path: string): string => (path.startsWith("-") ? `./${path}` : path);

/** A path as a person would type it in the current folder: from there where it lies below, else as it is. */
export function typedPath(path: string): string {
  if (!isAbsolute(path)) return pathWord(path);
  const from = relative(process.cwd(), path);
  return from === "" || from === ".." || from.startsWith(`..${sep}`) || isAbsolute(from) ? path : pathWord(from);
}

const isFree = (path: string): boolean => {
  if (!existsSync(path)) return true;
  try {
    return readdirSync(path).length === 0;
  } catch {
    return false;
  }
};

/** A path that a command may write a folder to: the one that is wanted, else with a number behind it, from 2. */
export function freeFolder(wanted: string): string {
  if (isFree(wanted)) return wanted;
  for (let n = 2; ; n++) if (isFree(`${wanted}-${n}`)) return `${wanted}-${n}`;
}
