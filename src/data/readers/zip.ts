import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import { createInflateRaw } from "node:zlib";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { foreignBytes, foreignMessage } from "../../core/foreign-bytes.ts";
import { quoted } from "../../core/quoted.ts";

/** Bounds that hold before and while an archive is unpacked. */
export interface ZipLimits {
  /** Most bytes all entries may unpack to together. Defaults to 4 GiB. */
  readonly totalBytes?: number;
  /** Highest ratio of unpacked to packed bytes of an entry larger than 64 MiB. Defaults to 250. */
  readonly ratio?: number;
  /** Most entries. Defaults to 10,000. */
  readonly entries?: number;
  /** What messages call the archive. Defaults to its path. */
  readonly called?: string;
  /** What to do with one that unpacks to too much. Defaults to what fits an .npz. */
  readonly tooLarge?: string;
}

/** One entry of the central directory. */
export interface ZipEntry {
  readonly name: string;
  /** What a Unix system packed: `other` is a symbolic link, a device or a FIFO. */
  readonly kind: "file" | "folder" | "other";
  readonly deflated: boolean;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly headerAt: number;
}

/** An open archive; nothing has been unpacked yet. */
export interface ZipArchive {
  readonly entries: readonly ZipEntry[];
  /** Unpacks an entry piece by piece; `sink` returns false to stop early. @throws GanglionError `archive` */
  unpack(entry: ZipEntry, sink: (piece: Uint8Array) => boolean): Promise<void>;
  close(): Promise<void>;
}

const USUAL_LIMITS = {
  totalBytes: 2 ** 32 - 1,
  ratio: 250,
  entries: 10_000,
  tooLarge: "save the images as an image folder",
} as const;
const RATIO_FROM_BYTES = 64 * 2 ** 20;
const PIECE = 32 * 2 ** 10;
const NEEDS_64 = 0xffff_ffff;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 (ISO 3309) continued from `crc`, which starts at 0. */
export function crc32(bytes: Uint8Array, crc = 0): number {
  let c = ~crc;
  for (let i = 0; i < bytes.length; i++) c = CRC_TABLE[(c ^ bytes[i]!) & 255]! ^ (c >>> 8);
  return ~c >>> 0;
}

function archiveError(path: string, message: string, code = "bad-archive"): GanglionError {
  return new GanglionError("archive", `${path}: ${message} [${code}]`, { problems: [{ code, path, message }] });
}

const DAMAGED = "fetch or write the archive again";

/** Reads exactly `length` bytes. @throws GanglionError `archive` when the file ends before. */
async function readAt(file: FileHandle, path: string, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let got = 0;
  while (got < length) {
    const { bytesRead } = await file.read(bytes, got, length - got, at + got);
    if (bytesRead === 0) throw archiveError(path, `the archive is cut short at byte ${at + got}; ${DAMAGED}`);
    got += bytesRead;
  }
  return bytes;
}

function toOffset(path: string, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw archiveError(path, `a size of ${value} bytes is given; ${DAMAGED}`);
  return Number(value);
}

/** Place and size of the central directory (PKWARE APPNOTE 4.3.14 to 4.3.16). */
async function findDirectory(file: FileHandle, path: string, size: number, most: number) {
  const tailBytes = Math.min(size, 22 + 65_535);
  const tail = await readAt(file, path, size - tailBytes, tailBytes);
  const end = tail.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0 || end + 22 > tail.length) {
    const foreign = foreignBytes(await readAt(file, path, 0, Math.min(size, 4096)));
    // A zip archive without its end is cut short.
    if (foreign !== null && foreign.what !== "a zip archive by its first bytes")
      throw archiveError(path, foreignMessage(foreign), foreign.code);
    throw archiveError(path, `this is not a zip archive, or it is cut short (no end record); ${DAMAGED}`);
  }
  let count = tail.readUInt16LE(end + 10);
  let bytes = tail.readUInt32LE(end + 12);
  let at = tail.readUInt32LE(end + 16);
  if (count === 0xffff || bytes === NEEDS_64 || at === NEEDS_64) {
    const locator = end - 20;
    if (locator < 0 || tail.readUInt32LE(locator) !== 0x07064b50) {
      throw archiveError(path, `the zip64 end record is missing; ${DAMAGED}`);
    }
    const record = await readAt(file, path, toOffset(path, tail.readBigUInt64LE(locator + 8)), 56);
    if (record.readUInt32LE(0) !== 0x06064b50) throw archiveError(path, `the zip64 end record is damaged; ${DAMAGED}`);
    count = toOffset(path, record.readBigUInt64LE(32));
    bytes = toOffset(path, record.readBigUInt64LE(40));
    at = toOffset(path, record.readBigUInt64LE(48));
  }
  if (at + bytes > size) throw archiveError(path, `the directory is outside the file; ${DAMAGED}`);
  if (count > most || bytes > 64 * 2 ** 20) {
    throw archiveError(path, `the archive has ${count} entries, at most ${most} are read; ${DAMAGED}`);
  }
  return { count, bytes, at };
}

function readDirectory(directory: Buffer, count: number, path: string): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) {
      throw archiveError(path, `entry ${i} of the directory is damaged; ${DAMAGED}`);
    }
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((o) => directory.readUInt16LE(at + o));
    const flags = directory.readUInt16LE(at + 8);
    const method = directory.readUInt16LE(at + 10);
    const next = at + 46 + nameBytes! + extraBytes! + commentBytes!;
    if (next > directory.length) throw archiveError(path, `entry ${i} of the directory is damaged; ${DAMAGED}`);
    const extra = directory.subarray(at + 46 + nameBytes!, at + 46 + nameBytes! + extraBytes!);
    const name = entryName(directory.subarray(at + 46, at + 46 + nameBytes!), (flags & UTF8_NAME) !== 0, extra);
    const where = `${path}: ${quoted(name)}`;
    if ((flags & 1) !== 0) throw archiveError(where, "the entry is encrypted; write the archive without a password");
    if (method !== 0 && method !== 8) {
      throw archiveError(
        where,
        `compression method ${method} is not read; write it stored or deflated, as zip and numpy.savez do`,
      );
    }
    const sizes = [24, 20, 42].map((o) => directory.readUInt32LE(at + o));
    if (sizes.includes(NEEDS_64)) fillFrom64(sizes, extra, where);
    const [bytes, packedBytes, headerAt] = sizes;
    entries.push({
      name,
      kind: entryKind(name, directory[at + 5]!, directory.readUInt32LE(at + 38)),
      deflated: method === 8,
      crc: directory.readUInt32LE(at + 16),
      packedBytes: packedBytes!,
      bytes: bytes!,
      headerAt: headerAt!,
    });
    at = next;
  }
  return entries;
}

/** Bit of the flags that says that the name is UTF-8 (APPNOTE 4.4.4). */
const UTF8_NAME = 1 << 11;
/** Characters 128 to 255 of code page 437, which names are in that state nothing (APPNOTE appendix D). */
const CODE_PAGE_437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A name as UTF-8 where it says so or is such text, as most programs write it without saying; else code page 437. */
function entryName(bytes: Buffer, stated: boolean, extra: Buffer): string {
  if (stated) return bytes.toString("utf8");
  const unicode = unicodePath(extra, bytes);
  try {
    return unicode ?? utf8.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : CODE_PAGE_437[byte - 128])).join("");
  }
}

/** The extra field Info-ZIP Unicode Path (APPNOTE 4.6.9), which counts only for the name that it was made of. */
function unicodePath(extra: Buffer, name: Buffer): string | null {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    if (extra.readUInt16LE(at) !== 0x7075 || field.length < 5 || field[0] !== 1) continue;
    return field.readUInt32LE(1) === crc32(name) ? field.toString("utf8", 5) : null;
  }
  return null;
}

/** Systems whose archives keep the mode of a file in the upper half of its attributes: Unix and macOS (APPNOTE 4.4.2). */
const WITH_MODE = new Set([3, 19]);

function entryKind(name: string, system: number, attributes: number): ZipEntry["kind"] {
  const type = WITH_MODE.has(system) ? (attributes >>> 16) & 0xf000 : 0;
  if (type !== 0 && type !== 0x8000 && type !== 0x4000) return "other";
  return name.endsWith("/") || type === 0x4000 ? "folder" : "file";
}

/** Replaces sizes of 0xffffffff by those of the zip64 extra field (APPNOTE 4.5.3), in its order. */
function fillFrom64(sizes: number[], extra: Buffer, where: string): void {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let field = at + 4;
    for (let k = 0; k < sizes.length; k++) {
      if (sizes[k] !== NEEDS_64) continue;
      if (field + 8 > Math.min(extra.length, at + 4 + extra.readUInt16LE(at + 2))) break;
      sizes[k] = toOffset(where, extra.readBigUInt64LE(field));
      field += 8;
    }
    break;
  }
  if (sizes.includes(NEEDS_64)) throw archiveError(where, `the zip64 sizes are missing; ${DAMAGED}`);
}

type ZipBounds = Required<Omit<ZipLimits, "called">>;

/** Names that lead out of a folder, or repeat, or unpack to more than the limits allow. */
function entryProblems(entries: readonly ZipEntry[], path: string, size: number, limits: ZipBounds): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  let total = 0;
  for (const entry of entries) {
    const where = `${path}: ${quoted(entry.name)}`;
    const unsafe =
      /[\\\0]/.test(entry.name) || /^(\/|[A-Za-z]:)/.test(entry.name) || entry.name.split("/").includes("..");
    if (unsafe) {
      const message = "the entry's name leads out of the archive; do not trust this file, get it from its source again";
      problems.push({ code: "path-outside", path: where, message });
    }
    if (seen.has(entry.name)) {
      problems.push({ code: "duplicate-entry", path: where, message: `two entries have this name; ${DAMAGED}` });
    }
    seen.add(entry.name);
    total += entry.bytes;
    if (entry.bytes > RATIO_FROM_BYTES && entry.bytes > limits.ratio * entry.packedBytes) {
      const message = `${entry.packedBytes} bytes unpack to ${entry.bytes}, more than ${limits.ratio} to 1 (a zip bomb?); write it again uncompressed if you trust it`;
      problems.push({ code: "zip-bomb", path: where, message });
    }
  }
  if (entries.reduce((sum, { packedBytes }) => sum + packedBytes, 0) > size) {
    const message = "the entries overlap (a zip bomb?); do not trust this file, get it from its source again";
    problems.push({ code: "zip-bomb", path, message });
  }
  if (total > limits.totalBytes) {
    const message = `the entries unpack to ${total} bytes, at most ${limits.totalBytes} are read; ${limits.tooLarge}`;
    problems.push({ code: "zip-bomb", path, message });
  }
  return problems;
}

/**
 * Opens a zip archive and checks its directory: names, sizes, ratios; nothing is unpacked.
 * @throws GanglionError `archive` with all problems, or `files`.
 */
export async function openZip(archive: string, limits: ZipLimits = {}): Promise<ZipArchive> {
  const { called: path = archive, ...stated } = limits;
  const bounds = { ...USUAL_LIMITS, ...stated };
  const file = await open(archive, "r").catch((cause) => {
    throw fileError("open", path, cause);
  });
  try {
    const { size } = await file.stat();
    const place = await findDirectory(file, path, size, bounds.entries);
    const entries = readDirectory(await readAt(file, path, place.at, place.bytes), place.count, path);
    throwIfProblems("archive", `${path} cannot be read`, entryProblems(entries, path, size, bounds));
    return {
      entries,
      unpack: (entry, sink) => unpackEntry(file, path, size, entry, sink),
      close: () => file.close(),
    };
  } catch (cause) {
    await file.close();
    throw cause instanceof GanglionError ? cause : fileError("read", path, cause);
  }
}

/** Bytes of the archive, piece by piece. @throws GanglionError `archive` when the file ends before. */
async function* piecesOf(file: FileHandle, where: string, start: number, bytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes; at += PIECE) yield await readAt(file, where, start + at, Math.min(PIECE, bytes - at));
}

/** Unpacks deflated bytes, no more of them than are asked for. @throws GanglionError `archive` when they are damaged */
async function* inflated(packed: AsyncIterable<Buffer>, where: string): AsyncGenerator<Buffer> {
  const source = Readable.from(packed, { objectMode: false });
  const inflate = createInflateRaw();
  source.on("error", (cause) => inflate.destroy(cause));
  try {
    yield* source.pipe(inflate) as AsyncIterable<Buffer>;
  } catch (cause) {
    if (cause instanceof GanglionError) throw cause;
    throw archiveError(where, `the compressed data is damaged (${(cause as Error).message}); ${DAMAGED}`);
  } finally {
    source.destroy();
    inflate.destroy();
  }
}

async function unpackEntry(
  file: FileHandle,
  path: string,
  size: number,
  entry: ZipEntry,
  sink: (piece: Uint8Array) => boolean,
): Promise<void> {
  const where = `${path}: ${quoted(entry.name)}`;
  const header = await readAt(file, where, entry.headerAt, 30);
  if (header.readUInt32LE(0) !== 0x04034b50) throw archiveError(where, `the entry's header is damaged; ${DAMAGED}`);
  const start = entry.headerAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + entry.packedBytes > size) throw archiveError(where, `the entry is cut short; ${DAMAGED}`);
  let got = 0;
  let crc = 0;
  let going = true;
  const take = (piece: Uint8Array) => {
    got += piece.length;
    if (got > entry.bytes) {
      const message = `the entry unpacks to more than the ${entry.bytes} bytes it declares (a zip bomb?); do not trust this file, get it from its source again`;
      throw archiveError(where, message, "zip-bomb");
    }
    crc = crc32(piece, crc);
    going = sink(piece);
  };
  const packed = piecesOf(file, where, start, entry.packedBytes);
  for await (const piece of entry.deflated ? inflated(packed, where) : packed) {
    take(piece);
    if (!going) return;
  }
  if (got !== entry.bytes) {
    throw archiveError(where, `the entry has ${got} bytes where it declares ${entry.bytes}; ${DAMAGED}`);
  }
  if (crc !== entry.crc) throw archiveError(where, `the checksum (CRC-32) does not match; ${DAMAGED}`);
}
