import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileError } from "../core/files.ts";
import { openTemporaryFolder, type TemporaryFolder } from "../core/scratch/temporary-folder.ts";
import { readNumbers, type StoredPlanes } from "./stored-planes.ts";

/** Numbers that stay in memory: 16 MB. */
const IN_MEMORY = 2 ** 22;

/**
 * The thumbnails of a dataset, each of `length` numbers, by the place of their images: the first in memory, the others in a file
 * of the user's scratch, so that memory does not grow with the dataset. Close it: the file is of patients.
 */
export class ThumbnailStore {
  readonly #length: number;
  readonly #inMemory: number;
  /** Thumbnails in memory, one after the other. */
  #first: Float32Array;
  #file: { readonly scratch: TemporaryFolder; readonly path: string; readonly handle: number } | null = null;

  /**
   * @param length Numbers of a thumbnail. @param count Images of the dataset. @param inMemory Thumbnails that stay in memory.
   *   Defaults to as many as take 16 MB.
   */
  constructor(length: number, count: number, inMemory = Math.floor(IN_MEMORY / length)) {
    this.#length = length;
    this.#inMemory = inMemory;
    this.#first = new Float32Array(new SharedArrayBuffer(4 * length * Math.min(count, inMemory)));
  }

  /**
   * Copies the thumbnails of images that follow each other.
   * @param first Place of the first of them. @param thumbnails One after the other.
   * @throws GanglionError `files` where there is no room
   */
  set(first: number, thumbnails: Float32Array): void {
    const kept = Math.min(thumbnails.length, Math.max(0, this.#inMemory - first) * this.#length);
    if (kept > 0) this.#first.set(thumbnails.subarray(0, kept), first * this.#length);
    if (kept === thumbnails.length) return;
    const { path, handle } = this.#open();
    const rest = thumbnails.subarray(kept);
    const bytes = new Uint8Array(rest.buffer, rest.byteOffset, rest.byteLength);
    const place = this.#place(first + kept / this.#length);
    try {
      for (let done = 0; done < bytes.length; )
        done += writeSync(handle, bytes, done, bytes.length - done, place + done);
    } catch (cause) {
      throw fileError("write", path, cause);
    }
  }

  /** The thumbnail of an image that was kept. @throws GanglionError `files` */
  at(index: number): Float32Array {
    if (index < this.#inMemory) return this.#first.subarray(index * this.#length, (index + 1) * this.#length);
    const { path, handle } = this.#open();
    const out = new Float32Array(this.#length);
    readNumbers(path, handle, this.#place(index), out);
    return out;
  }

  /** Where a part of what is kept of each image lies, for other threads; to be asked for when all are there. */
  part(from: number, length: number): StoredPlanes {
    return { stride: this.#length, from, length, inMemory: this.#first, path: this.#file?.path ?? null };
  }

  close(): void {
    this.#first = new Float32Array();
    if (this.#file === null) return;
    closeSync(this.#file.handle);
    this.#file.scratch.remove();
    this.#file = null;
  }

  #place(index: number): number {
    return (index - this.#inMemory) * this.#length * Float32Array.BYTES_PER_ELEMENT;
  }

  #open() {
    if (this.#file === null) {
      const scratch = openTemporaryFolder("inspect");
      const path = join(scratch.folder, "thumbnails");
      try {
        this.#file = { scratch, path, handle: openSync(path, "wx+", 0o600) };
      } catch (cause) {
        scratch.remove();
        throw fileError("write", path, cause);
      }
    }
    return this.#file;
  }
}
