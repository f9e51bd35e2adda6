import { GanglionError } from "../../core/errors.ts";
import { HASHED_SIDE } from "../../likeness/structure-hash.ts";
import type { StoredPlanes } from "../stored-planes.ts";
import { ThumbnailStore } from "../thumbnails.ts";
import { DIGEST_WORDS, PART_WORDS, type PicturePrint } from "./picture-print.ts";

const AREA = HASHED_SIDE ** 2;
/** What is put for a picture without its planes. */
export type PrintWords = Omit<PicturePrint, "thumbnail" | "structure">;

/** Numbers of the planes that are kept of a picture: its thumbnail, and its structure where parts are looked for. */
export const planesLength = (withParts: boolean): number => (withParts ? 2 : 1) * AREA;

/**
 * Prints of pictures by their place, as plain numbers: 205 bytes each, 25 without parts; the thumbnails and structures of all but the
 * first in a file. Close it.
 */
export class PicturePrints {
  readonly length: number;
  readonly #withParts: boolean;
  readonly #digests: Uint32Array;
  readonly #hashes: Uint32Array;
  readonly #parts: Uint32Array;
  readonly #structured: Uint32Array;
  /** 1 where a picture was put, 2 where it is flat. */
  readonly #state: Uint8Array;
  /** Thumbnail of each, and structure. */
  readonly #planes: ThumbnailStore;
  readonly #own: Float32Array;

  /** @param withParts Whether what only `findRepeats` needs is kept. */
  constructor(length: number, withParts: boolean) {
    this.length = length;
    this.#withParts = withParts;
    this.#digests = new Uint32Array(DIGEST_WORDS * length);
    this.#hashes = new Uint32Array(2 * length);
    this.#parts = new Uint32Array(withParts ? PART_WORDS * length : 0);
    this.#structured = new Uint32Array(withParts ? length : 0);
    this.#state = new Uint8Array(length);
    this.#own = new Float32Array(planesLength(withParts));
    this.#planes = new ThumbnailStore(this.#own.length, length);
  }

  /** Copies a print. @throws GanglionError `files` where there is no room for the thumbnail */
  put(index: number, { thumbnail, structure, ...print }: Omit<PicturePrint, "width" | "height" | "channels">) {
    this.#put(index, print);
    this.#own.fill(0).set(thumbnail);
    this.#own.set(structure, AREA);
    this.#planes.set(index, this.#own);
  }

  /**
   * Copies the prints of images that follow each other, from `first` on; null where there is none.
   * @param planes {@link planesLength} numbers of each. @throws GanglionError `files`
   */
  putBatch(first: number, prints: readonly (PrintWords | null)[], planes: Float32Array) {
    for (const [k, print] of prints.entries()) if (print !== null) this.#put(first + k, print);
    this.#planes.set(first, planes);
  }

  #put(index: number, { digest, hash, parts, structured, flat }: Omit<PrintWords, "width" | "height" | "channels">) {
    this.#digests.set(digest, DIGEST_WORDS * index);
    this.#hashes.set(hash, 2 * index);
    this.#state[index] = flat ? 2 : 1;
    if (!this.#withParts) return;
    this.#parts.set(parts, PART_WORDS * index);
    this.#structured[index] = structured;
  }

  has(index: number): boolean {
    return this.#state[index]! > 0;
  }

  isFlat(index: number): boolean {
    return this.#state[index] === 2;
  }

  /** Equal for two pictures of equal size and pixels alone. */
  pixels(index: number): string {
    const { buffer } = this.#digests;
    return Buffer.from(buffer, 4 * DIGEST_WORDS * index, 4 * DIGEST_WORDS).toString("latin1");
  }

  hash(index: number): readonly [number, number] {
    return [this.#hashes[2 * index]!, this.#hashes[2 * index + 1]!];
  }

  /** Bits of the positions in which a picture has structure. */
  structured(index: number): number {
    return this.#structured[index]!;
  }

  /** The hash of the structure in a position. */
  part(index: number, position: number): readonly [number, number] {
    const at = PART_WORDS * index + 2 * position;
    return [this.#parts[at]!, this.#parts[at + 1]!];
  }

  /** @throws GanglionError `files` */
  thumbnail(index: number): Float32Array {
    return this.#planes.at(index).subarray(0, AREA);
  }

  /** The structures of all, for other threads. */
  get structures(): StoredPlanes {
    if (!this.#withParts) throw new GanglionError("internal", "internal: prints without parts are searched for parts");
    return this.#planes.part(AREA, AREA);
  }

  close(): void {
    this.#planes.close();
  }
}
