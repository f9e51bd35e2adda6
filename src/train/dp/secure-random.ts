import { randomFillSync } from "node:crypto";

/** Bytes that are asked of the system at once. */
const POOL = 1 << 16;

/**
 * Random numbers that nobody can foretell, from the system's cryptographic source: what hides a record must not follow
 * from a seed that is written down.
 */
export class SecureRandom {
  readonly #words = new Uint32Array(POOL / 4);
  readonly #fill: (words: Uint32Array) => void;
  #next = this.#words.length;
  #spare: number | null = null;

  /** @param fill Fills words with random bits. Defaults to `node:crypto`. */
  constructor(fill: (words: Uint32Array) => void = randomFillSync) {
    this.#fill = fill;
  }

  #word(): number {
    if (this.#next === this.#words.length) {
      this.#fill(this.#words);
      this.#next = 0;
    }
    return this.#words[this.#next++]!;
  }

  /** Next number in [0, 1), 53 bits of resolution. */
  uniform(): number {
    const [high, low] = [this.#word() >>> 5, this.#word() >>> 6];
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }

  /** Next integer in [0, n), n up to 2^32; every one as likely as any other. */
  integer(n: number): number {
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % n);
    let word = this.#word();
    while (word >= limit) word = this.#word();
    return word % n;
  }

  /** Standard normal number in float64 (Box and Muller 1958); both numbers of a pair are used. */
  normal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}
