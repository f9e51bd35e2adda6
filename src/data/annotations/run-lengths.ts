/**
 * Counts of COCO's compressed run lengths: numbers of 5 bits a character with a sign, each from the third on less the one two
 * before it (cocodataset/cocoapi, `rleFrString` of maskApi.c).
 * @returns null for text that is none
 */
export function cocoCounts(text: string): number[] | null {
  const counts: number[] = [];
  for (let at = 0; at < text.length; ) {
    let value = 0;
    let shift = 0;
    let more = true;
    while (more) {
      const code = text.charCodeAt(at++) - 48;
      if (!(code >= 0 && code < 64) || shift > 30) return null;
      value |= (code & 0x1f) << shift;
      more = (code & 0x20) !== 0;
      shift += 5;
      if (!more && (code & 0x10) !== 0) value |= -1 << shift;
    }
    if (counts.length > 2) value += counts[counts.length - 2]!;
    if (value < 0) return null;
    counts.push(value);
  }
  return counts;
}

/** Reads numbers of some bits one after another. */
class Bits {
  readonly #bytes: readonly number[];
  #at = 0;

  constructor(bytes: readonly number[]) {
    this.#bytes = bytes;
  }

  /** @param count Bits, at most 32. @throws RangeError behind the end */
  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new RangeError("end of the run lengths");
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
      this.#at++;
    }
    return value;
  }
}

/**
 * Run lengths along rows of the alpha channel that Label Studio keeps of a brush: bytes of RGBA packed by thi.ng/rle-pack (32
 * bits of length, 5 of word size less one, four of 4 bits for the sizes of runs; then runs and single words).
 * @param length Pixels.
 * @returns counts, outside first; null for what is none
 */
export function brushCounts(packed: readonly number[], length: number): number[] | null {
  const bits = new Bits(packed);
  try {
    const total = bits.read(32);
    const word = bits.read(5) + 1;
    const sizes = [0, 1, 2, 3].map(() => bits.read(4) + 1);
    if (total !== 4 * length || word > 16) return null;
    const counts: number[] = [0];
    let inside = false;
    let at = 0;
    const put = (value: number, n: number): void => {
      for (let i = 0; i < n && at < total; i++, at++) {
        if (at % 4 !== 3) continue;
        if (value > 127 !== inside) {
          inside = !inside;
          counts.push(0);
        }
        counts[counts.length - 1]!++;
      }
    };
    while (at < total) {
      const isRun = bits.read(1) === 1;
      const n = bits.read(sizes[bits.read(2)]!) + 1;
      if (isRun) put(bits.read(word), n);
      else for (let i = 0; i < n; i++) put(bits.read(word), 1);
    }
    return counts;
  } catch {
    return null;
  }
}
