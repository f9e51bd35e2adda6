import { Likeness } from "../../likeness/likeness.ts";
import { HASHED_SIDE, POSITIONS, StructureHasher } from "../../likeness/structure-hash.ts";
import { isFlat, pixelDigest } from "../image.ts";
import { fingerprint } from "../perceptual-hash.ts";
import type { RawImage } from "../types.ts";

/** Numbers of the digest that is kept of the pixels: the first 128 bits of SHA-256. */
export const DIGEST_WORDS = 4;
/** Numbers of the hashes of structure. */
export const PART_WORDS = 2 * POSITIONS.length;

/** What is kept of a picture to find the same one again. */
export interface PicturePrint {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** All pixels have one value. */
  readonly flat: boolean;
  /** {@link DIGEST_WORDS} words of SHA-256 over size and pixels. */
  readonly digest: Uint32Array;
  /** Perceptual hash, two words. */
  readonly hash: readonly [number, number];
  /** Hashes of the structure, {@link PART_WORDS} words, and as bits which positions have structure; empty and 0 where none were made. */
  readonly parts: Uint32Array;
  readonly structured: number;
  /** Luminance, 32 x 32, 0..255. */
  readonly thumbnail: Float32Array;
  /** Its fine structure by which pictures are laid on each other (`Likeness.half`), 32 x 32; empty where there is none or none was made. */
  readonly structure: Float32Array;
}

const NO_PLANE = new Float32Array(0);
const NO_PARTS = new Uint32Array(0);

let hasher: StructureHasher | undefined;

/** @param withParts Whether hashes of the structure and the structure are made, which `findRepeats` alone needs. */
export function picturePrint(image: RawImage, withParts: boolean): PicturePrint {
  const { width, height, channels } = image;
  const { hash, thumbnail } = fingerprint(image);
  const digest = new Uint32Array(DIGEST_WORDS);
  new Uint8Array(digest.buffer).set(pixelDigest(image).subarray(0, digest.byteLength));
  const print = { width, height, channels, flat: isFlat(image), digest, hash, thumbnail };
  if (!withParts) return { ...print, parts: NO_PARTS, structured: 0, structure: NO_PLANE };
  hasher ??= new StructureHasher();
  const parts = new Uint32Array(PART_WORDS);
  const structured = hasher.hash(thumbnail, parts);
  // One without structure as it is takes no part in the search.
  const structure = structured & 1 ? new Likeness(thumbnail, HASHED_SIDE).half.structure : NO_PLANE;
  return { ...print, parts, structured, structure };
}
