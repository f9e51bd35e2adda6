import { closeSync, openSync, readSync } from "node:fs";
import { fileError } from "../core/files.ts";

/** Planes of pictures that were kept, by place: the first in memory that threads share, the others in a file. */
export interface StoredPlanes {
  /** Numbers that are kept of a picture. */
  readonly stride: number;
  /** Of these, where the plane begins, and its length. */
  readonly from: number;
  readonly length: number;
  readonly inMemory: Float32Array;
  /** Null where all are in memory. */
  readonly path: string | null;
}

/** Fills `out` from a place in a file, in bytes. @throws GanglionError `files` */
export function readNumbers(path: string, handle: number, place: number, out: Float32Array): void {
  const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
  try {
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(handle, bytes, done, bytes.length - done, place + done);
      if (read === 0) throw new Error("the file ends too soon");
      done += read;
    }
  } catch (cause) {
    throw fileError("read", path, cause);
  }
}

/** Reads {@link StoredPlanes}, in any thread. Close it. */
export class PlaneReader {
  readonly #planes: StoredPlanes;
  #handle: number | null = null;

  constructor(planes: StoredPlanes) {
    this.#planes = planes;
  }

  /** The plane of a picture; what is in memory is not copied. @throws GanglionError `files` */
  at(index: number): Float32Array {
    const { stride, from, length, inMemory, path } = this.#planes;
    const at = index * stride + from;
    if (at < inMemory.length) return inMemory.subarray(at, at + length);
    if (path === null) throw new RangeError(`internal: no plane of picture ${index}`);
    try {
      this.#handle ??= openSync(path, "r");
    } catch (cause) {
      throw fileError("read", path, cause);
    }
    const out = new Float32Array(length);
    readNumbers(path, this.#handle, (at - inMemory.length) * Float32Array.BYTES_PER_ELEMENT, out);
    return out;
  }

  close(): void {
    if (this.#handle !== null) closeSync(this.#handle);
    this.#handle = null;
  }
}
