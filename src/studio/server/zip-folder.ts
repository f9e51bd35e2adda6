import { GanglionError } from "../../core/errors.ts";
import { readInside } from "../../core/inside-folder.ts";
import { crc32 } from "../../data/readers/zip.ts";

/** Bounds of the format without its extension for large archives (PKWARE APPNOTE 6.3.10, section 4.4.1.4). */
const MOST = { files: 65_535, bytes: 0xffff_ffff } as const;
/** Version 2.0 reads it; names are UTF-8 (bit 11). */
const [VERSION, UTF8] = [20, 1 << 11];
/** 1 January 1980, the format's first day: the same files give the same bytes. */
const DATE = (1 << 5) | 1;

interface Entry {
  readonly name: Buffer;
  readonly crc: number;
  readonly size: number;
  readonly at: number;
}

function header(signature: number, { name, crc, size }: Omit<Entry, "at">, central: boolean): Buffer {
  const fixed = Buffer.alloc(central ? 46 : 30);
  let at = fixed.writeUInt32LE(signature, 0);
  if (central) at = fixed.writeUInt16LE(VERSION, at);
  at = fixed.writeUInt16LE(VERSION, at);
  at = fixed.writeUInt16LE(UTF8, at);
  // Stored as they are, at midnight.
  at = fixed.writeUInt16LE(0, at);
  at = fixed.writeUInt16LE(0, at);
  at = fixed.writeUInt16LE(DATE, at);
  at = fixed.writeUInt32LE(crc, at);
  at = fixed.writeUInt32LE(size, at);
  at = fixed.writeUInt32LE(size, at);
  fixed.writeUInt16LE(name.length, at);
  return fixed;
}

/**
 * A zip of files of a folder (PKWARE APPNOTE 6.3.10, sections 4.3.7 and 4.3.12), piece by piece; they are stored as they are,
 * since images do not shrink.
 * @param folder Real path.
 * @param inside Folder of the archive that they lie in.
 * @throws GanglionError `files` for more than the format holds, or a file that cannot be read
 */
export async function* zipFolder(folder: string, names: readonly string[], inside: string): AsyncGenerator<Buffer> {
  if (names.length > MOST.files) throw tooLarge(folder);
  const entries: Entry[] = [];
  let at = 0;
  for (const own of names) {
    const content = await readInside(folder, own);
    const entry = { name: Buffer.from(`${inside}/${own}`), crc: crc32(content), size: content.length, at };
    const piece = Buffer.concat([header(0x04034b50, entry, false), entry.name, content]);
    entries.push(entry);
    at += piece.length;
    if (at > MOST.bytes) throw tooLarge(folder);
    yield piece;
  }
  const start = at;
  for (const entry of entries) {
    const fixed = header(0x02014b50, entry, true);
    fixed.writeUInt32LE(entry.at, 42);
    const piece = Buffer.concat([fixed, entry.name]);
    at += piece.length;
    yield piece;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(at - start, 12);
  end.writeUInt32LE(start, 16);
  yield end;
}

const tooLarge = (folder: string): GanglionError =>
  new GanglionError(
    "files",
    `${folder} is too large for a zip (${MOST.files} files, 4 GiB); copy the folder, or pack it with \`zip -r\``,
  );
