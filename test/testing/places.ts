import { basename, dirname, join } from "node:path";

/** Where a command may write: what docs/formats.md ("Where Ganglion writes") names. */
export interface Places {
  /** Files and folders that the command line names: `--out` and the like. */
  readonly named: readonly string[];
  /** The user's home, and folder for temporary files. */
  readonly home: string;
  readonly temporary: string;
}

const below = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

/** Whether `path` is, or lies below, `.NAME.HEX.tmp` beside `one`, whose name is NAME. */
const becomes = (path: string, one: string): boolean => {
  const start = join(dirname(one), `.${basename(one)}.`);
  return path.startsWith(start) && /^[0-9a-f]+\.tmp(\/|$)/.test(path.slice(start.length));
};

/** What is written of a command line's own: OUT, the salt of pseudonyms beside it, and beside RUN the profile of a training. */
const written = (named: readonly string[]) => named.flatMap((one) => [one, `${one}.salt`, `${one}.profile.json`]);

/** One entry per place of the document. */
const PLACES: readonly ((path: string, places: Places) => boolean)[] = [
  (path, { named }) => written(named).some((one) => below(path, one)),
  // What becomes one of these, under a hidden name beside it.
  (path, { named }) => written(named).some((one) => becomes(path, one)),
  // The user's cache.
  (path, { home }) => below(path, join(home, ".cache/ganglion")) || path === join(home, ".cache"),
  // Scratch of a command, in the folder for temporary files.
  (path, { temporary }) => path.startsWith(join(temporary, "ganglion-")),
  // No file at all.
  (path) => path === "/dev/null",
];

/** Paths that lie in no documented place. */
export const elsewhere = (paths: readonly string[], places: Places): string[] =>
  paths.filter((path) => !PLACES.some((holds) => holds(path, places)));
