import { GanglionError, type Problem } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { hashInside, isMissing, readInside, writeInside } from "../core/inside-folder.ts";
import { listEmptyFolders, listFiles } from "../core/list-files.ts";
import { quoted } from "../core/quoted.ts";
import { mapLimited } from "../data/parallel.ts";

/** Sums of all other files of a release, as `sha256sum` writes and checks them. */
export const CHECKSUMS = "SHA256SUMS";

const LINE = /^([0-9a-f]{64}) [ *](.+)$/;

/** Hashes every file of a folder and writes {@link CHECKSUMS}. @returns SHA-256 of that file: it names the release */
export async function writeChecksums(folder: string): Promise<string> {
  const files = (await listFiles(folder)).map(({ name }) => name).filter((name) => name !== CHECKSUMS);
  const sums = await mapLimited(files, 4, (name) => hashInside(folder, name));
  const text = files.map((name, i) => `${sums[i]}  ${name}\n`).join("");
  await writeInside(folder, CHECKSUMS, text);
  return sha256(text);
}

/** What {@link verifyRelease} found. */
export interface Verified {
  readonly files: number;
  /** SHA-256 of the sums: compare it with what the sender says over another way. */
  readonly fingerprint: string;
}

/** The sums of a release by file. Lines that are none, or name a file twice or outside, are problems. */
function parseChecksums(text: string, problems: Problem[]): Map<string, string> {
  const sums = new Map<string, string>();
  for (const [i, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const [, sum, name] = LINE.exec(line) ?? [];
    const path = `${CHECKSUMS}:${i + 1}`;
    if (name === undefined) {
      problems.push({ code: "checksum-line", path, message: "the line is not `HASH  FILE`; get the file again" });
    } else if (name.startsWith("/") || name.includes("\\") || name.split("/").includes("..")) {
      problems.push({ code: "checksum-line", path, message: `${quoted(name)} leads out of the release` });
    } else if (sums.has(name)) {
      problems.push({ code: "checksum-line", path, message: `${quoted(name)} is listed twice` });
    } else sums.set(name, sum!);
  }
  return sums;
}

/**
 * Compares a release with its sums: altered, missing and added files, links, special files and empty folders too.
 * @param expected Fingerprint that the sums must have. Defaults to any.
 * @throws GanglionError `files` that lists every file which is not as it was written
 */
export async function verifyRelease(folder: string, expected?: string): Promise<Verified> {
  let bytes: Buffer;
  try {
    bytes = await readInside(folder, CHECKSUMS);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    const message = `${folder} has no ${CHECKSUMS}; give the folder that \`ganglion release --out\` wrote`;
    throw new GanglionError("files", message, { cause });
  }
  const problems: Problem[] = [];
  const fingerprint = sha256(bytes);
  if (expected !== undefined && expected.toLowerCase() !== fingerprint) {
    const message = `the fingerprint is ${fingerprint}, ${expected} was expected; this is another release, or its sums were changed`;
    problems.push({ code: "fingerprint", path: CHECKSUMS, message });
  }
  const sums = parseChecksums(bytes.toString("utf8"), problems);
  const found = await listFiles(folder);
  const there = new Set(found.map(({ name }) => name));
  for (const name of sums.keys()) {
    if (!there.has(name)) problems.push({ code: "missing-file", path: name, message: "the file is missing" });
  }
  await mapLimited(found, 4, async ({ name, kind }) => {
    if (kind !== "file") problems.push({ code: "link", path: name, message: "this is a link or a device, not a file" });
    else if (name === CHECKSUMS) return;
    else if (!sums.has(name))
      problems.push({ code: "added-file", path: name, message: "the file is not of the release" });
    else if ((await hashInside(folder, name)) !== sums.get(name)) {
      problems.push({ code: "altered-file", path: name, message: "the content was changed" });
    }
  });
  for (const path of await listEmptyFolders(folder)) {
    problems.push({ code: "added-folder", path, message: "the folder is empty and not of the release" });
  }
  if (sums.size === 0) problems.push({ code: "checksum-line", path: CHECKSUMS, message: "the file lists nothing" });
  if (problems.length > 0) {
    problems.sort((a, b) => (a.path < b.path ? -1 : 1));
    const lines = problems.map(({ code, path, message }) => `  ${path}: ${message} [${code}]`);
    const text = [
      `${folder} is not the release that was written (${problems.length} problems); get it again`,
      ...lines,
    ];
    throw new GanglionError("files", text.join("\n"), { problems });
  }
  return { files: sums.size, fingerprint };
}
