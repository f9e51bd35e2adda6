/**
 * Files inside a folder that somebody else may have made: a run, a release, a study. Such a folder can hold symbolic links,
 * also in place of a folder on the way or swapped in while we look, FIFOs and devices. All reading and writing below one
 * goes through here; only regular files in real folders are opened. The folder itself may be a link: its user named it.
 *
 * On Linux each folder on the way is held open and the next name is looked up below it (as openat(2) does, by
 * `/proc/self/fd`), so that nothing can be swapped. Elsewhere names are checked, and the file again after it was opened.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  type Stats,
  statSync,
} from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, readlink, rm, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { GanglionError } from "./errors.ts";
import { fileError, joinInside, parseJson, replaceFile } from "./files.ts";
import { sha256Opened } from "./hash.ts";
import { makeFolder } from "./make-folder.ts";

/** `update` reads and writes a file that exists, `append` begins one where there is none, `create` wants none to exist. */
export type Opening = "read" | "update" | "append" | "create";

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY } = constants;
/** Zero where the system has no such flag (Windows). Without O_NONBLOCK opening a FIFO would wait for its other end. */
const GUARD = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const FLAGS: Readonly<Record<Opening, number>> = {
  read: O_RDONLY,
  update: O_RDWR,
  append: O_WRONLY | O_APPEND | O_CREAT,
  create: O_RDWR | O_CREAT | O_EXCL,
};
/** Linux: a folder that is only held, for which the right to pass through it is enough. */
const O_PATH = 0x200000;
const HOLDS = process.platform === "linux" && existsSync("/proc/self/fd");

/** A folder on the way to a file, for the time of one call. */
interface Held {
  /** Path that system calls take, without links below the first folder. */
  readonly at: string;
  close(): Promise<void>;
}

/** Whether links on the way to a file are followed: for reading what the user named for this very purpose. */
export type Links = "follow" | "refuse";

/** Code of the {@link Problem} of an error about a link, a FIFO or a device. */
const NOT_A_FILE = "not-a-file";

const ofSystem = (cause: unknown, code: string): boolean => (cause as NodeJS.ErrnoException).code === code;

/** Whether an error says that something inside a folder is a link, a FIFO or a device. */
export const isNotAFile = (error: unknown): boolean =>
  error instanceof GanglionError && error.problems.some(({ code }) => code === NOT_A_FILE);

/** Whether an error says that a file is not there. */
export const isMissing = (error: unknown): boolean =>
  error instanceof GanglionError && error.code === "files" && ofSystem(error.cause ?? {}, "ENOENT");

function refusal(path: string, what: string): GanglionError {
  const message = `this is ${what}, and only files and folders themselves are read or written inside a folder that may be of somebody else; put the file or folder itself in its place, or remove it`;
  const problems = [{ code: NOT_A_FILE, path, message }];
  return new GanglionError("files", `${path}: ${message}`, { problems });
}

/** What the user should hear of a thing that is no file or no folder. */
async function describe(at: string, found: BigIntStats): Promise<string> {
  if (found.isSymbolicLink()) return `a symbolic link (to ${await readlink(at).catch(() => "an unknown place")})`;
  return kindOf(found);
}

function kindOf(found: BigIntStats | Stats): string {
  if (found.isFIFO()) return "a FIFO";
  if (found.isSocket()) return "a socket";
  return found.isDirectory() ? "a folder" : found.isFile() ? "a file" : "a device";
}

/** @throws GanglionError unless the entry is a regular file, or a folder; `files` when it is not there */
async function look(at: string, path: string, kind: "file" | "folder", action: string): Promise<BigIntStats> {
  const found = await lstat(at, { bigint: true }).catch((cause) => {
    throw fileError(action, path, cause);
  });
  if (kind === "file" ? found.isFile() : found.isDirectory()) return found;
  throw refusal(path, await describe(at, found));
}

/** Path of a name below a folder, and the names of the folders on the way. @throws GanglionError for one that leads out */
function wayTo(folder: string, name: string): { path: string; parts: string[] } {
  const path = joinInside(folder, name);
  if (path === null) {
    throw new GanglionError("files", `${JSON.stringify(name)} leads out of ${folder}; name a file inside of it`);
  }
  return { path, parts: relative(resolve(folder), path).split(sep) };
}

/** Passes from a folder to one below. @param make Makes folders that are not there. */
async function enter(folder: string, parts: readonly string[], make: boolean, action: string): Promise<Held> {
  let handle: FileHandle | undefined;
  let at = folder;
  let path = folder;
  const hold = async (place: string, flags: number) => {
    if (!HOLDS) return place;
    const next = await open(place, O_PATH | O_DIRECTORY | flags);
    await handle?.close();
    handle = next;
    return `/proc/self/fd/${next.fd}`;
  };
  try {
    at = await hold(folder, 0);
    for (const part of parts) {
      path = join(path, part);
      const below = `${at}/${part}`;
      if (make) {
        await mkdir(below).catch((cause) => {
          if (!ofSystem(cause, "EEXIST")) throw cause;
        });
      }
      await look(below, path, "folder", action);
      at = await hold(below, constants.O_NOFOLLOW ?? 0);
    }
  } catch (cause) {
    await handle?.close();
    throw cause instanceof GanglionError ? cause : fileError(action, path, cause);
  }
  return { at, close: async () => handle?.close() };
}

/** Does one thing at a name below a folder, with the folders on the way held. */
async function within<T>(
  folder: string,
  name: string,
  { make = false, action }: { readonly make?: boolean; readonly action: string },
  work: (at: string, path: string, held: string) => Promise<T>,
): Promise<T> {
  const { path, parts } = wayTo(folder, name);
  const held = await enter(folder, parts.slice(0, -1), make, action);
  try {
    return await work(`${held.at}/${parts[parts.length - 1]}`, path, held.at);
  } catch (cause) {
    throw cause instanceof GanglionError ? cause : fileError(action, path, cause);
  } finally {
    await held.close();
  }
}

/** Whether the entry that was opened is still the one of that name; a check where folders cannot be held. */
async function checkOpened(file: FileHandle, folder: string, name: string): Promise<void> {
  const { path, parts } = wayTo(folder, name);
  let at = folder;
  for (const part of parts.slice(0, -1)) {
    at = join(at, part);
    await look(at, at, "folder", "open");
  }
  const [opened, there] = [await file.stat({ bigint: true }), await look(path, path, "file", "open")];
  if (opened.ino !== there.ino || opened.dev !== there.dev) throw refusal(path, "being replaced while it is opened");
}

/**
 * Opens a file inside a folder.
 * @param name Relative path of the file. Folders on the way must exist.
 * @throws GanglionError `files` for a file that is not there, a link, a FIFO, a device, or a folder; for `update` and `append`
 *   also for a file that has a second name (a hard link), which would be changed with it
 */
export function openInside(folder: string, name: string, how: Opening): Promise<FileHandle> {
  const action = how === "read" ? "read" : "write";
  return within(folder, name, { action }, async (at, path) => {
    // A device may act when it is opened: what is there is looked at first, and again when it is open.
    const there = look(at, path, "file", action);
    await (how === "append" || how === "create" ? orMissing(there) : there);
    const file = await open(at, FLAGS[how] | GUARD).catch(async (cause) => {
      await look(at, path, "file", action);
      throw cause;
    });
    try {
      const found = await file.stat({ bigint: true });
      if (!found.isFile()) throw refusal(path, await describe(at, found));
      if (!HOLDS) await checkOpened(file, folder, name);
      if ((how === "update" || how === "append") && found.nlink > 1n) {
        const message = `this file has ${found.nlink} names (hard links), and writing would change it under all of them; put a copy in its place`;
        throw new GanglionError("files", `${path}: ${message}`, { problems: [{ code: NOT_A_FILE, path, message }] });
      }
      return file;
    } catch (cause) {
      await file.close();
      throw cause;
    }
  });
}

/** Opens a file for reading whatever links lead to it; only a regular one, and a FIFO is not waited for. */
async function openFollowing(folder: string, name: string): Promise<FileHandle> {
  const { path } = wayTo(folder, name);
  try {
    const before = await stat(path, { bigint: true });
    if (!before.isFile()) throw refusal(path, await describe(path, before));
    const file = await open(path, O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const found = await file.stat({ bigint: true });
    if (found.isFile()) return file;
    await file.close();
    throw refusal(path, await describe(path, found));
  } catch (cause) {
    throw cause instanceof GanglionError ? cause : fileError("read", path, cause);
  }
}

/**
 * Reads a whole file whatever links lead to it, as {@link readInside} does with `follow`, at once: for a thread that does
 * nothing else meanwhile, where each step of its own would take longer than the reading.
 * @throws GanglionError see {@link openInside}
 */
export function readFollowedNow(folder: string, name: string): Buffer {
  const { path } = wayTo(folder, name);
  const regular = (found: Stats) => {
    if (!found.isFile()) throw refusal(path, kindOf(found));
  };
  try {
    regular(statSync(path));
    const file = openSync(path, O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      regular(fstatSync(file));
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw cause instanceof GanglionError ? cause : fileError("read", path, cause);
  }
}

async function withFile<T>(
  folder: string,
  name: string,
  how: Opening,
  work: (file: FileHandle) => Promise<T>,
  links: Links = "refuse",
): Promise<T> {
  const file = links === "follow" ? await openFollowing(folder, name) : await openInside(folder, name, how);
  try {
    return await work(file);
  } catch (cause) {
    const action = how === "read" ? "read" : "write";
    throw cause instanceof GanglionError ? cause : fileError(action, join(folder, name), cause);
  } finally {
    await file.close();
  }
}

/** Reads a whole file. @throws GanglionError see {@link openInside} */
export const readInside = (folder: string, name: string, links: Links = "refuse"): Promise<Buffer> =>
  withFile(folder, name, "read", (file) => file.readFile(), links);

/** Reads at most so many bytes from the beginning of a file. @throws GanglionError see {@link openInside} */
export const readStartInside = (
  folder: string,
  name: string,
  bytes: number,
  links: Links = "refuse",
): Promise<Buffer> =>
  withFile(
    folder,
    name,
    "read",
    async (file) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.subarray(0, bytesRead);
    },
    links,
  );

/** Reads a file that a path names; its folder may be a link, the file itself not. @throws GanglionError see {@link openInside} */
export const readNotLinked = (path: string): Promise<Buffer> => readInside(dirname(path), basename(path));

/** Writes a file that a path names; its folder may be a link, the file itself not. @throws GanglionError see {@link writeInside} */
export const writeNotLinked = (path: string, content: string | Uint8Array): Promise<void> =>
  writeInside(dirname(path), basename(path), content);

/** Reads a JSON file. @throws GanglionError see {@link openInside}, or when it is not JSON */
export async function readJsonInside(folder: string, name: string, links: Links = "refuse"): Promise<unknown> {
  return parseJson((await readInside(folder, name, links)).toString("utf8"), join(folder, name));
}

/** What a read gives, or null where the file is not there. @throws GanglionError for all else */
export async function orMissing<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/**
 * What a read gives, or null where the file is not there, cannot be read or is not understood; a link, FIFO or device in its
 * place stays an error.
 */
export async function orUnusable<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (!(error instanceof GanglionError) || isNotAFile(error)) throw error;
    return null;
  }
}

/** SHA-256 of a file, lower-case hex. @throws GanglionError see {@link openInside} */
export const hashInside = (folder: string, name: string, links: Links = "refuse"): Promise<string> =>
  withFile(folder, name, "read", sha256Opened, links);

/** Size and times of a file; null where it is not there. @throws GanglionError see {@link openInside} */
export const statInside = (folder: string, name: string): Promise<BigIntStats | null> =>
  orMissing(within(folder, name, { action: "read" }, (at, path) => look(at, path, "file", "read")));

/** Names in a folder below; none where it is not there. @throws GanglionError for a link or a file in its place */
export async function listInside(folder: string, name: string): Promise<string[]> {
  const { parts } = wayTo(folder, join(name, "x"));
  const names = async () => {
    const held = await enter(folder, parts.slice(0, -1), false, "list");
    try {
      return await readdir(held.at);
    } catch (cause) {
      throw fileError("list", join(folder, name), cause);
    } finally {
      await held.close();
    }
  };
  return (await orMissing(names())) ?? [];
}

/** Makes the folder itself where it is not there: its user named it. */
async function makeNamed(folder: string): Promise<void> {
  await makeFolder(folder).catch((cause) => {
    throw fileError("create", folder, cause);
  });
}

/** Makes a folder below, with those on the way. @returns its path @throws GanglionError for a link or a file in its place */
export async function makeFolderInside(folder: string, name: string): Promise<string> {
  await makeNamed(folder);
  const { path, parts } = wayTo(folder, name);
  await (await enter(folder, parts, true, "create")).close();
  return path;
}

/**
 * Writes a whole file or nothing, with the folders on the way, see {@link writeFileAtomic}. A file of that name is replaced;
 * it may have other names, which keep the old content.
 * @throws GanglionError see {@link openInside}
 */
export async function writeInside(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  await makeNamed(folder);
  await within(folder, name, { make: true, action: "write" }, async (at, path, held) => {
    await orMissing(look(at, path, "file", "write"));
    await replaceFile(path, content, held);
  });
}

/** Writes a value as indented JSON, see {@link writeInside}. */
export const writeJsonInside = (folder: string, name: string, value: unknown): Promise<void> =>
  writeInside(folder, name, `${JSON.stringify(value, null, 2)}\n`);

/** Adds text to the end of a file. @throws GanglionError see {@link openInside} */
export const appendInside = (folder: string, name: string, text: string): Promise<void> =>
  withFile(folder, name, "append", (file) => file.writeFile(text));

/** Removes a file; a link is removed itself. Nothing to do where it is not there. @throws GanglionError for a linked folder */
export async function removeInside(folder: string, name: string): Promise<void> {
  await orMissing(within(folder, name, { action: "remove" }, (at) => rm(at, { force: true })));
}
