/**
 * Seeded randomness. A generator is named by a path of keys, so that step 7 of a run draws the same numbers
 * whether or not steps 1 to 6 ran in the same process: resuming needs no generator state.
 */

/** Anything that names a stream of random numbers. */
export type SeedKey = number | string;

/** Hashes the keys to four 32-bit words (FNV-1a per lane with a final avalanche, as in MurmurHash3's fmix32). */
function hashKeys(keys: readonly SeedKey[]): [number, number, number, number] {
  const text = keys.map((key) => (typeof key === "number" ? `#${key}` : `$${key.length}:${key}`)).join("|");
  const lanes: [number, number, number, number] = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35];
  for (let lane = 0; lane < 4; lane++) {
    let h = lanes[lane]!;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193 + 2 * lane);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    lanes[lane] = (h ^ (h >>> 16)) >>> 0;
  }
  return lanes;
}

/** Small fast counting generator sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, period at least 2^32. */
export class Rng {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  /** @param keys Names of the stream, e.g. `new Rng(seed, "latent", 12)`; equal keys give equal streams. */
  constructor(...keys: SeedKey[]) {
    [this.#a, this.#b, this.#c, this.#counter] = hashKeys(keys);
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** Next integer in [0, 2^32). */
  uint32(): number {
    const t = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    return t >>> 0;
  }

  /** Next number in [0, 1), 32 bits of resolution. */
  uniform(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** Next number in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Next integer in [0, n). */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal number (Box-Muller, cosine branch; two uniforms each). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Fills `out` with standard normal numbers and returns it. */
  fillNormal<T extends Float32Array | Float64Array>(out: T): T {
    for (let i = 0; i < out.length; i++) out[i] = this.normal();
    return out;
  }

  /** Index drawn with probability proportional to `weights` (not negative, sum above zero). */
  weighted(weights: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < weights.length; i++) total += weights[i]!;
    let left = this.uniform() * total;
    for (let i = 0; i < weights.length; i++) {
      left -= weights[i]!;
      if (left < 0) return i;
    }
    let last = weights.length - 1;
    while (last > 0 && weights[last] === 0) last--;
    return last;
  }

  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<T extends unknown[] | Int32Array | Uint32Array>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
    return items;
  }
}
