import { deflateRawSync } from "node:zlib";
import { crc32 } from "../zip.ts";

/** An entry of a zip archive, with whatever a writer may claim of it. */
export interface ForgedEntry {
  readonly name: string | Uint8Array;
  readonly data?: Uint8Array;
  /** Defaults to stored. */
  readonly deflate?: boolean;
  /** Bits of the general purpose flag; 1 is encrypted, 2048 a name in UTF-8. Defaults to none. */
  readonly flags?: number;
  /** Mode of Unix, e.g. 0o120777 for a link. Defaults to none: the archive says that it was made by DOS. */
  readonly mode?: number;
  /** Extra field of the directory. Defaults to none. */
  readonly extra?: Uint8Array;
  /** Sizes stand in a zip64 extra field. Defaults to false. */
  readonly zip64?: boolean;
  /** Size that is declared. Defaults to that of `data`. */
  readonly declared?: number;
  /** Method that is declared. Defaults to that of `deflate`. */
  readonly method?: number;
  /** Its data are those of the entry of this number. Defaults to its own. */
  readonly shares?: number;
}

/** A zip archive as its entries say, right or wrong (PKWARE APPNOTE 4.3). */
export function forgedZip(entries: readonly ForgedEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  const places: number[] = [];
  let at = 0;
  for (const entry of entries) {
    const { data = new Uint8Array(0), deflate = false, flags = 0, mode, zip64 = false } = entry;
    const name = Buffer.from(entry.name);
    const packed = deflate ? deflateRawSync(data) : Buffer.from(data);
    const method = entry.method ?? (deflate ? 8 : 0);
    const size = entry.declared ?? data.length;
    const sizes64 = Buffer.alloc(20);
    sizes64.writeUInt16LE(1, 0);
    sizes64.writeUInt16LE(16, 2);
    sizes64.writeBigUInt64LE(BigInt(size), 4);
    sizes64.writeBigUInt64LE(BigInt(packed.length), 12);
    const extra = Buffer.concat([entry.extra ?? Buffer.alloc(0), zip64 ? sizes64 : Buffer.alloc(0)]);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(flags, 2);
    shared.writeUInt16LE(method, 4);
    shared.writeUInt32LE(crc32(data), 10);
    shared.writeUInt32LE(zip64 ? 0xffff_ffff : packed.length, 14);
    shared.writeUInt32LE(zip64 ? 0xffff_ffff : size, 18);
    shared.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), shared, name, packed]);
    const central = Buffer.alloc(46);
    central.write("PK\x01\x02", 0, "latin1");
    central.writeUInt8(20, 4);
    central.writeUInt8(mode === undefined ? 0 : 3, 5);
    shared.copy(central, 6);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(mode === undefined ? 0 : (mode << 16) >>> 0, 38);
    central.writeUInt32LE(entry.shares === undefined ? at : places[entry.shares]!, 42);
    places.push(at);
    directory.push(central, name, extra);
    if (entry.shares !== undefined) continue;
    locals.push(local);
    at += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, listed, end]);
}
