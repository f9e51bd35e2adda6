import { selected } from "../likeness/selected.ts";
import type { RawImage } from "./types.ts";

/** Side of the thumbnail that a fingerprint is made from, in pixels. */
const THUMBNAIL_SIDE = 32;
/** Low frequencies per axis that the hash keeps. */
const FREQUENCIES = 8;

/**
 * What is kept of a picture to find its near duplicates: survives another size, another quality of JPEG and a
 * slight change of light, not a crop or a turn.
 */
export interface Fingerprint {
  /** 64-bit perceptual hash as two unsigned words. */
  readonly hash: readonly [number, number];
  /** Luminance thumbnail, 32 x 32, row by row, 0..255. */
  readonly thumbnail: Float32Array;
}

/** Luminance (BT.601) averaged over equal areas, whatever the aspect ratio; `side` x `side`, 0..255. */
export function luminanceThumbnail(image: RawImage, side: number): Float32Array {
  const { width, height, channels, data } = image;
  const rows = stretchesOf(height, side);
  const columns = stretchesOf(width, side);
  const sumRow = channels === 1 ? greySums : colourSums;
  const stride = width * channels;
  const sums = new Uint32Array(stride);
  const line = new Float64Array(side);
  const out = new Float32Array(side * side);
  const scale = side ** 2 / (width * height * (channels === 1 ? 1 : 1000));
  for (let r = 0; r < side; r++) {
    line.fill(0);
    const add = (from: number, to: number, share: number) => {
      addRows(data, stride, from, to, sums);
      sumRow(sums, columns, share, line);
    };
    if (rows.left[r]! > 0) add(rows.from[r]! - 1, rows.from[r]!, rows.left[r]!);
    if (rows.from[r]! < rows.to[r]!) add(rows.from[r]!, rows.to[r]!, 1);
    if (rows.right[r]! > 0) add(rows.to[r]!, rows.to[r]! + 1, rows.right[r]!);
    for (let c = 0; c < side; c++) out[r * side + c] = scale * line[c]!;
  }
  return out;
}

/** Rows whose sums of bytes fit into 16 bits. */
const ROWS_AT_ONCE = 257;

/** Sums of the bytes of rows `from` to before `to`, for each place in a row. */
function addRows(data: Uint8Array, stride: number, from: number, to: number, sums: Uint32Array): void {
  sums.fill(0);
  if (stride % 4 !== 0 || data.byteOffset % 4 !== 0) {
    for (let y = from, p = from * stride; y < to; y++) for (let x = 0; x < stride; x++) sums[x]! += data[p++]!;
    return;
  }
  // Four bytes are added at once, two in each of two words; all machines that run this are little-endian.
  const across = stride / 4;
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length >> 2);
  for (let first = from; first < to; first += ROWS_AT_ONCE) {
    const end = Math.min(to, first + ROWS_AT_ONCE) * across;
    for (let x = 0; x < across; x++) {
      let even = 0;
      let odd = 0;
      for (let p = first * across + x; p < end; p += across) {
        const four = words[p]!;
        even = (even + (four & 0xff00ff)) | 0;
        odd = (odd + ((four >>> 8) & 0xff00ff)) | 0;
      }
      sums[4 * x]! += even & 0xffff;
      sums[4 * x + 1]! += odd & 0xffff;
      sums[4 * x + 2]! += even >>> 16;
      sums[4 * x + 3]! += odd >>> 16;
    }
  }
}

/** Adds the sums of grey pixels over each stretch, times a share, to `line`. */
function greySums(sums: Uint32Array, { from, to, left, right }: Stretches, share: number, line: Float64Array) {
  for (let c = 0; c < line.length; c++) {
    let p = from[c]!;
    const end = to[c]!;
    let sum = left[c]! > 0 ? left[c]! * sums[p - 1]! : 0;
    for (; p < end; p++) sum += sums[p]!;
    if (right[c]! > 0) sum += right[c]! * sums[p]!;
    line[c]! += share * sum;
  }
}

/** The same of colour pixels: luminance times 1,000. */
function colourSums(sums: Uint32Array, { from, to, left, right }: Stretches, share: number, line: Float64Array) {
  const luminance = (p: number) => 299 * sums[p]! + 587 * sums[p + 1]! + 114 * sums[p + 2]!;
  for (let c = 0; c < line.length; c++) {
    const end = 3 * to[c]!;
    let sum = 0;
    for (let p = 3 * from[c]!; p < end; p += 3) sum += luminance(p);
    if (right[c]! > 0) sum += right[c]! * luminance(end);
    if (left[c]! > 0) sum += left[c]! * luminance(3 * from[c]! - 3);
    line[c]! += share * sum;
  }
}

/** Which pixels each of equal stretches covers: those of `from` to `to` as a whole, of the ones before and after a share. */
interface Stretches {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
}

const known = new Map<string, Stretches>();

/** For each of `to` equal stretches of 0..`length`. Those of the last sizes are kept: images of a dataset are mostly of one. */
function stretchesOf(length: number, count: number): Stretches {
  const key = `${length} ${count}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = {
    from: new Int32Array(count),
    to: new Int32Array(count),
    left: new Float64Array(count),
    right: new Float64Array(count),
  };
  for (let i = 0; i < count; i++) {
    // The shares in whole numbers: a stretch is length / count pixels long.
    const [low, high] = [i * length, (i + 1) * length];
    const [from, to] = [Math.ceil(low / count), Math.floor(high / count)];
    const within = from > to;
    made.from[i] = from;
    made.to[i] = within ? from : to;
    made.left[i] = (within ? high - low : from * count - low) / count;
    made.right[i] = within ? 0 : (high - to * count) / count;
  }
  if (known.size >= 64) known.clear();
  known.set(key, made);
  return made;
}

/** Cosines of the discrete cosine transform (type II): row k is frequency k + 1 (the mean is left out). */
const COSINES = Float64Array.from({ length: FREQUENCIES * THUMBNAIL_SIDE }, (_, index) => {
  const k = Math.floor(index / THUMBNAIL_SIDE) + 1;
  const n = index % THUMBNAIL_SIDE;
  return Math.cos((Math.PI * k * (2 * n + 1)) / (2 * THUMBNAIL_SIDE));
});

/**
 * Perceptual hash: the 8 x 8 lowest frequencies of the cosine transform of the 32 x 32 luminance without the two rows
 * of constant terms, one bit each, set where the coefficient lies above their median (Zauner 2010, section 3.2.1).
 */
export function perceptualHash(thumbnail: Float32Array): [number, number] {
  const side = THUMBNAIL_SIDE;
  const partial = new Float64Array(FREQUENCIES * side);
  for (let k = 0; k < FREQUENCIES; k++) {
    for (let y = 0; y < side; y++) {
      let sum = 0;
      for (let x = 0; x < side; x++) sum += thumbnail[y * side + x]! * COSINES[k * side + x]!;
      partial[k * side + y] = sum;
    }
  }
  const coefficients = new Float64Array(FREQUENCIES * FREQUENCIES);
  for (let v = 0; v < FREQUENCIES; v++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0;
      for (let y = 0; y < side; y++) sum += partial[u * side + y]! * COSINES[v * side + y]!;
      coefficients[v * FREQUENCIES + u] = sum;
    }
  }
  const sorted = Float64Array.from(coefficients).sort();
  const median = (sorted[31]! + sorted[32]!) / 2;
  const words: [number, number] = [0, 0];
  coefficients.forEach((value, bit) => {
    if (value > median) words[bit >> 5]! |= 1 << (bit & 31);
  });
  return [words[0] >>> 0, words[1] >>> 0];
}

export function fingerprint(image: RawImage): Fingerprint {
  const thumbnail = luminanceThumbnail(image, THUMBNAIL_SIDE);
  return { hash: perceptualHash(thumbnail), thumbnail };
}

/** Number of set bits of a 32-bit word. */
export function bitCount(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Bits in which two hashes differ, 0..64. */
export function hashDistance(a: readonly [number, number], b: readonly [number, number]): number {
  return bitCount(a[0] ^ b[0]) + bitCount(a[1] ^ b[1]);
}

/** Side of the tiles that {@link detail} compares, in pixels of the thumbnail. */
const TILE = 8;
const TILES_ACROSS = THUMBNAIL_SIDE / TILE;

/**
 * The thumbnail's detail: each pixel minus the mean of its 5 x 5 surroundings, squashed so that a ruler or the rim of
 * the lens does not outweigh the rest, then each tile of 8 x 8 scaled to mean 0 and the same length. The product of
 * two of these is the mean correlation of their tiles: a picture of the same photograph agrees everywhere, one of
 * another lesion of the same shape only along its border. The four corner tiles are left out (vignette); a flat tile
 * counts as 0, so a flat picture agrees with none.
 */
export function detail(thumbnail: Float32Array): Float32Array {
  const side = THUMBNAIL_SIDE;
  const reach = 2;
  const raw = new Float32Array(side * side);
  // Sums of rows first: of numbers below 2^8 in single precision they are right to the last bit that is kept in the end.
  const sums = new Float64Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = y * side + Math.max(0, x - reach);
      const to = y * side + Math.min(side - 1, x + reach);
      let sum = 0;
      for (let at = from; at <= to; at++) sum += thumbnail[at]!;
      sums[y * side + x] = sum;
    }
  }
  for (let y = 0; y < side; y++) {
    const top = Math.max(0, y - reach);
    const bottom = Math.min(side - 1, y + reach);
    for (let x = 0; x < side; x++) {
      const across = Math.min(side - 1, x + reach) - Math.max(0, x - reach) + 1;
      let sum = 0;
      for (let at = top * side + x; at <= bottom * side + x; at += side) sum += sums[at]!;
      raw[y * side + x] = thumbnail[y * side + x]! - sum / (across * (bottom - top + 1));
    }
  }
  const sizes = Float32Array.from(raw);
  for (let p = 0; p < sizes.length; p++) sizes[p] = Math.abs(sizes[p]!);
  const typical = Math.max(1e-3, selected(sizes, sizes.length >> 1));
  const out = new Float32Array(side * side);
  const last = TILES_ACROSS - 1;
  const tiles = TILES_ACROSS ** 2 - 4;
  for (let row = 0; row <= last; row++) {
    for (let column = 0; column <= last; column++) {
      if ((row === 0 || row === last) && (column === 0 || column === last)) continue;
      const first = row * TILE * side + column * TILE;
      let mean = 0;
      for (let y = 0; y < TILE; y++) {
        for (let at = first + y * side; at < first + y * side + TILE; at++) {
          out[at] = Math.tanh(raw[at]! / (2 * typical));
          mean += out[at]! / TILE ** 2;
        }
      }
      let square = 0;
      for (let y = 0; y < TILE; y++) {
        for (let at = first + y * side; at < first + y * side + TILE; at++) {
          out[at]! -= mean;
          square += out[at]! ** 2;
        }
      }
      const scale = square > 1e-6 ? 1 / Math.sqrt(square * tiles) : 0;
      for (let y = 0; y < TILE; y++) {
        for (let at = first + y * side; at < first + y * side + TILE; at++) out[at]! *= scale;
      }
    }
  }
  return out;
}

/** Rows of a detail between two looks at whether a correlation can still be reached. */
const ROWS_A_LOOK = 4;
const LOOKS = THUMBNAIL_SIDE / ROWS_A_LOOK;

/** A detail with what its rows hold: `rest[k]` is the length of what lies below row 4 k. */
export interface MeasuredDetail {
  readonly values: Float32Array;
  readonly rest: Float64Array;
}

/** @param values See {@link detail} */
export function measured(values: Float32Array): MeasuredDetail {
  const rest = new Float64Array(LOOKS + 1);
  let square = 0;
  for (let p = values.length - 1; p >= 0; p--) {
    square += values[p]! ** 2;
    if (p % (ROWS_A_LOOK * THUMBNAIL_SIDE) === 0) rest[p / (ROWS_A_LOOK * THUMBNAIL_SIDE)] = Math.sqrt(square);
  }
  return { values, rest };
}

/** Room for rounding in the bound of {@link correlationFrom}. */
const SLACK = 1e-6;

/**
 * Correlation of two details (the sum of their products) where it is at least `least`, else null. Rows that are left
 * add at most the product of their lengths (Cauchy-Schwarz), so most pairs are decided half way down.
 */
export function correlationFrom(a: MeasuredDetail, b: MeasuredDetail, least: number): number | null {
  let sum = 0;
  for (let look = 0; look < LOOKS; look++) {
    if (sum + a.rest[look]! * b.rest[look]! < least - SLACK) return null;
    const end = (look + 1) * ROWS_A_LOOK * THUMBNAIL_SIDE;
    for (let p = look * ROWS_A_LOOK * THUMBNAIL_SIDE; p < end; p++) sum += a.values[p]! * b.values[p]!;
  }
  return sum < least ? null : sum;
}
