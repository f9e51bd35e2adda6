import { DIGEST_WORDS, PART_WORDS, type PicturePrint } from "./picture-print.ts";
import { type PrintWords, planesLength } from "./picture-prints.ts";

/** Width, height, channels, whether it is flat, which positions have structure, the hash; then digest and parts. */
const HEAD_WORDS = 7;

/**
 * Prints of some pictures in one piece of memory that threads hand to each other and use again: the planes of each, then the words
 * of each print. What is read lies in that memory.
 */
export class PrintBatch {
  readonly buffer: ArrayBuffer;
  /** Numbers of the planes and words of a print. */
  readonly #planesLength: number;
  readonly #wordsLength: number;
  readonly #planes: Float32Array;
  readonly #words: Uint32Array;

  /**
   * @param withParts Whether the prints have parts.
   * @param buffer Memory of an earlier batch of as many pictures with as much. Defaults to new.
   */
  constructor(size: number, withParts: boolean, buffer?: ArrayBuffer) {
    const planes = planesLength(withParts);
    const words = HEAD_WORDS + DIGEST_WORDS + (withParts ? PART_WORDS : 0);
    this.buffer = buffer ?? new ArrayBuffer(4 * size * (planes + words));
    this.#planesLength = planes;
    this.#wordsLength = words;
    this.#planes = new Float32Array(this.buffer, 0, size * planes);
    this.#words = new Uint32Array(this.buffer, 4 * size * planes, size * words);
  }

  /** `planesLength` numbers of each of the first pictures. */
  planes(count: number): Float32Array {
    return this.#planes.subarray(0, count * this.#planesLength);
  }

  put(
    k: number,
    { width, height, channels, flat, structured, hash, digest, parts, thumbnail, structure }: PicturePrint,
  ): void {
    const at = k * this.#wordsLength;
    const plane = k * this.#planesLength;
    this.#planes.fill(0, plane, plane + this.#planesLength).set(thumbnail, plane);
    this.#planes.set(structure, plane + thumbnail.length);
    this.#words.set([width, height, channels, flat ? 1 : 0, structured, ...hash], at);
    this.#words.set(digest, at + HEAD_WORDS);
    this.#words.set(parts, at + HEAD_WORDS + DIGEST_WORDS);
  }

  at(k: number): PrintWords {
    const own = this.#words.subarray(k * this.#wordsLength, (k + 1) * this.#wordsLength);
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
