import { writeSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { fileError } from "../../core/file-error.ts";
import { makeFolderInside, openInside } from "../../core/inside-folder.ts";
import { quoted } from "../../core/quoted.ts";
import { openZip, type ZipArchive, type ZipEntry } from "../../data/readers/zip.ts";
import { placeInUpload } from "../place-in-upload.ts";
import type { UploadLimits } from "./upload-limits.ts";

/** Below this an archive may be as dense as it likes. */
const RATIO_FROM_BYTES = 64 * 2 ** 20;

export interface UnpackOptions {
  /** What messages call the archive. */
  readonly called: string;
  readonly limits: UploadLimits;
  readonly signal: AbortSignal;
  /** Told after every file. */
  onFile(done: number, total: number): void;
}

interface PlacedEntry {
  readonly entry: ZipEntry;
  readonly path: string;
}

/**
 * Unpacks a zip archive into a folder: plain files and folders only. All names and sizes are checked before the first byte is
 * written; an archive in the archive stays one.
 * @param into Of nobody else; what was written stays when it fails.
 * @returns files that were written and left out
 * @throws GanglionError `archive` or `files`, `refused` for one that does not fit the limits or the disk
 */
export async function unpackUpload(
  zip: string,
  into: string,
  { called, limits, signal, onFile }: UnpackOptions,
): Promise<{ readonly files: number; readonly leftOut: number }> {
  const archive = await openZip(zip, {
    called,
    // Folders are entries too.
    entries: 2 * limits.files,
    totalBytes: limits.unpackedBytes,
    tooLarge: "divide it, or choose its folder on this machine",
  });
  try {
    const { placed, leftOut } = placeEntries(archive.entries, called, limits);
    await checkRoom(into, placed);
    for (const [i, { entry, path }] of placed.entries()) {
      signal.throwIfAborted();
      await unpackOne(archive, entry, into, path);
      onFile(i + 1, placed.length);
    }
    return { files: placed.length, leftOut };
  } finally {
    await archive.close();
  }
}

/** @throws GanglionError `archive` with all entries that cannot be written as they are called */
function placeEntries(entries: readonly ZipEntry[], called: string, limits: UploadLimits) {
  const problems: Problem[] = [];
  const placed: PlacedEntry[] = [];
  const seen = new Map<string, string>();
  let leftOut = 0;
  for (const entry of entries) {
    if (entry.kind === "folder") continue;
    const say = (code: string, message: string) =>
      problems.push({ code, path: `${called}: ${quoted(entry.name)}`, message });
    const place = placeInUpload(entry.name);
    if ("leftOut" in place) leftOut++;
    else if ("problem" in place) say("bad-name", `${place.problem}; pack the archive again with plain names`);
    else if (entry.kind === "other") say("link", "this is a link or a device, not a file; pack the file itself");
    else {
      // Of file systems that do not tell capitals apart, one would replace the other.
      const same = seen.get(place.path.toLowerCase());
      if (same !== undefined) say("duplicate-entry", `${quoted(same)} has the same name; rename one of them`);
      seen.set(place.path.toLowerCase(), entry.name);
      placed.push({ entry, path: place.path });
    }
  }
  for (const { entry, path } of placed) {
    const parents = path.toLowerCase().split("/").slice(0, -1);
    if (!parents.some((_, i) => seen.has(parents.slice(0, i + 1).join("/")))) continue;
    const message = "a folder of this name is a file too; pack the archive again";
    problems.push({ code: "bad-name", path: `${called}: ${quoted(entry.name)}`, message });
  }
  throwIfProblems("archive", `${called} cannot be unpacked`, problems);
  if (placed.length === 0) throw new GanglionError("refused", `${called} holds no files; choose another archive`);
  if (placed.length > limits.files) {
    const message = `${called} holds ${placed.length} files, at most ${limits.files} are taken; divide it`;
    throw new GanglionError("refused", message);
  }
  const bytes = sumOf(placed, "bytes");
  if (bytes > RATIO_FROM_BYTES && bytes > limits.ratio * sumOf(placed, "packedBytes")) {
    const message = `${called} would unpack to more than ${limits.ratio} times its size (a zip bomb?); pack it again uncompressed if you trust it`;
    throw new GanglionError("refused", message);
  }
  return { placed, leftOut };
}

const sumOf = (placed: readonly PlacedEntry[], key: "bytes" | "packedBytes"): number =>
  placed.reduce((sum, { entry }) => sum + entry[key], 0);

/** @throws GanglionError `refused` where the disk has no room for all of it */
async function checkRoom(into: string, placed: readonly PlacedEntry[]): Promise<void> {
  const { bavail, bsize } = await statfs(into);
  const bytes = sumOf(placed, "bytes");
  if (bytes <= bavail * bsize) return;
  const message = `the archive unpacks to ${bytes} bytes, and the disk of the project has ${bavail * bsize} left; free some space`;
  throw new GanglionError("refused", message);
}

async function unpackOne(archive: ZipArchive, entry: ZipEntry, into: string, path: string): Promise<void> {
  if (path.includes("/")) await makeFolderInside(into, dirname(path));
  const file = await openInside(into, path, "create");
  try {
    await archive.unpack(entry, (piece) => {
      for (let at = 0; at < piece.length; ) at += writeSync(file.fd, piece, at);
      return true;
    });
  } catch (cause) {
    throw cause instanceof GanglionError ? cause : fileError("write", path, cause);
  } finally {
    await file.close();
  }
}
