import { constants, createGunzip, type Gunzip } from "node:zlib";
import { GanglionError } from "../../core/errors.ts";
import { foreignMessage, standIn } from "../../core/foreign-bytes.ts";

/** A table that was packed by gzip, as PhysioNet publishes its tables. */
const PACKED = /\.gz$/i;

/** A name without the ending of gzip: `metadata.csv` of `metadata.csv.gz`. */
export const unpackedName = (path: string): string => path.replace(PACKED, "");

/** What was unpacked, and whether more is there than was wanted. */
interface Unpacked {
  readonly bytes: Uint8Array;
  readonly more: boolean;
}

async function collect(stream: Gunzip, most: number): Promise<Unpacked> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (length > most) break;
  }
  return { bytes: Buffer.concat(parts).subarray(0, most), more: length > most };
}

function damaged(path: string, code: string, message: string, cause?: unknown): GanglionError {
  return new GanglionError("dataset", `${path}: ${message}`, { cause, problems: [{ code, path, message }] });
}

/** Refuses bytes that do not begin as gzip does, by what they are. */
function checkMagic(bytes: Uint8Array, path: string): void {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return;
  const foreign = standIn(bytes);
  const message =
    foreign === null ? "the file is not packed by gzip, as its name says; rename it" : foreignMessage(foreign);
  throw damaged(path, foreign?.code ?? "other-format", message);
}

/**
 * The beginning of a table that may be packed: never more than `most` bytes are unpacked, however much the file holds.
 * @param start First bytes of the file, or all of it. @param path Names the file, and says by its ending whether it is packed.
 * @throws GanglionError `dataset` for a packed table that is damaged from its beginning on
 */
export async function unpackStart(start: Uint8Array, path: string, most: number): Promise<Uint8Array> {
  if (!PACKED.test(path)) return start;
  checkMagic(start, path);
  // The end of what was read is rarely the end of the file.
  const stream = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  stream.end(start);
  try {
    return (await collect(stream, most)).bytes;
  } catch (cause) {
    throw damaged(path, "damaged-table", damageMessage(cause), cause);
  }
}

/**
 * A whole table, unpacked where it is packed.
 * @param most Bytes that it may have unpacked.
 * @throws GanglionError `dataset` for a packed table that is damaged, cut short or longer than `most`
 */
export async function unpackWhole(bytes: Uint8Array, path: string, most: number): Promise<Uint8Array> {
  if (!PACKED.test(path)) return bytes;
  checkMagic(bytes, path);
  const stream = createGunzip();
  stream.end(bytes);
  const found = await collect(stream, most).catch((cause) => {
    throw damaged(path, "damaged-table", damageMessage(cause), cause);
  });
  if (!found.more) return found.bytes;
  const message = `the table is longer than ${most / 2 ** 20} MiB when it is unpacked, the most that is read; split the set`;
  throw damaged(path, "long-table", message);
}

const damageMessage = (cause: unknown): string =>
  `the packed table is damaged or cut short (${(cause as Error).message}); download it again, or unpack it with gunzip to see what is left`;
