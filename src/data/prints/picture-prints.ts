import { HASHED_SIDE } from "../../likeness/structure-hash.ts";
import { ThumbnailStore } from "../thumbnails.ts";
import { DIGEST_WORDS, PART_WORDS, type PicturePrint } from "./picture-print.ts";

/**
 * Prints of pictures by their place, as plain numbers: about 230 bytes each, the thumbnails of all but the first in a file.
 * Close it.
 */
export class PicturePrints {
  readonly length: number;
  readonly #digests: Uint32Array;
  readonly #hashes: Uint32Array;
  readonly #parts: Uint32Array;
  readonly #structured: Uint32Array;
  /** 1 where a picture was put, 2 where it is flat. */
  readonly #state: Uint8Array;
  readonly #thumbnails: ThumbnailStore;

  constructor(length: number) {
    this.length = length;
    this.#digests = new Uint32Array(DIGEST_WORDS * length);
    this.#hashes = new Uint32Array(2 * length);
    this.#parts = new Uint32Array(PART_WORDS * length);
    this.#structured = new Uint32Array(length);
    this.#state = new Uint8Array(length);
    this.#thumbnails = new ThumbnailStore(HASHED_SIDE ** 2, length);
  }

  /** Copies a print. @throws GanglionError `files` where there is no room for the thumbnail */
  put(index: number, { thumbnail, ...print }: Omit<PicturePrint, "width" | "height" | "channels">) {
    this.#put(index, print);
    this.#thumbnails.set(index, thumbnail);
  }

  /** Copies the prints of images that follow each other, from `first` on; null where there is none. @throws GanglionError `files` */
  putBatch(first: number, prints: readonly (Omit<PicturePrint, "thumbnail"> | null)[], thumbnails: Float32Array) {
    for (const [k, print] of prints.entries()) if (print !== null) this.#put(first + k, print);
    this.#thumbnails.set(first, thumbnails);
  }

  #put(
    index: number,
    { digest, hash, parts, structured, flat }: Omit<PicturePrint, "width" | "height" | "channels" | "thumbnail">,
  ) {
    this.#digests.set(digest, DIGEST_WORDS * index);
    this.#hashes.set(hash, 2 * index);
    this.#parts.set(parts, PART_WORDS * index);
    this.#structured[index] = structured;
    this.#state[index] = flat ? 2 : 1;
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
    return this.#thumbnails.at(index);
  }

  close(): void {
    this.#thumbnails.close();
  }
}
