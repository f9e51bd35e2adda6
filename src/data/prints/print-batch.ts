import { HASHED_SIDE } from "../../likeness/structure-hash.ts";
import { DIGEST_WORDS, PART_WORDS, type PicturePrint } from "./picture-print.ts";
import type { PrintWords } from "./picture-prints.ts";

const AREA = HASHED_SIDE ** 2;
/** Thumbnail and structure. */
const PLANES = 2 * AREA;
/** Width, height, channels, whether it is flat, which positions have structure, the hash; then digest and parts. */
const HEAD_WORDS = 7;
const WORDS = HEAD_WORDS + DIGEST_WORDS + PART_WORDS;

/**
 * Prints of some pictures in one piece of memory that threads hand to each other and use again: thumbnail and structure of
 * each, then the words of each print. What is read lies in that memory.
 */
export class PrintBatch {
  readonly buffer: ArrayBuffer;
  readonly #planes: Float32Array;
  readonly #words: Uint32Array;

  /** @param buffer Memory of an earlier batch of as many pictures. Defaults to new. */
  constructor(size: number, buffer: ArrayBuffer = new ArrayBuffer(4 * size * (PLANES + WORDS))) {
    this.buffer = buffer;
    this.#planes = new Float32Array(buffer, 0, size * PLANES);
    this.#words = new Uint32Array(buffer, 4 * size * PLANES, size * WORDS);
  }

  /** Thumbnail and structure of each of the first pictures. */
  planes(count: number): Float32Array {
    return this.#planes.subarray(0, count * PLANES);
  }

  put(
    k: number,
    { width, height, channels, flat, structured, hash, digest, parts, thumbnail, structure }: PicturePrint,
  ): void {
    const at = k * WORDS;
    this.#planes.set(thumbnail, k * PLANES);
    this.#planes.fill(0, k * PLANES + AREA, (k + 1) * PLANES);
    this.#planes.set(structure, k * PLANES + AREA);
    this.#words.set([width, height, channels, flat ? 1 : 0, structured, ...hash], at);
    this.#words.set(digest, at + HEAD_WORDS);
    this.#words.set(parts, at + HEAD_WORDS + DIGEST_WORDS);
  }

  at(k: number): PrintWords {
    const own = this.#words.subarray(k * WORDS, (k + 1) * WORDS);
    const [width, height, channels, flat, structured, low, high] = own as unknown as [
      ...[width: number, height: number, channels: 1 | 3, flat: number, structured: number, low: number, high: number],
    ];
    return {
      ...{ width, height, channels, flat: flat === 1, structured, hash: [low, high] },
      digest: own.subarray(HEAD_WORDS, HEAD_WORDS + DIGEST_WORDS),
      parts: own.subarray(HEAD_WORDS + DIGEST_WORDS),
    };
  }
}
