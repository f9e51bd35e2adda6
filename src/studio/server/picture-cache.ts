/** Bytes by key, at most so many in all; what was used longest ago is dropped first. */
export class PictureCache {
  readonly #limit: number;
  readonly #kept = new Map<string, Uint8Array>();
  #bytes = 0;

  /** @param limit Bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What is kept under a key, else what `make` gives. */
  async get(key: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const found = this.#kept.get(key);
    if (found !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, found);
      return found;
    }
    const made = await make();
    if (made.length > this.#limit) return made;
    this.#bytes += made.length - (this.#kept.get(key)?.length ?? 0);
    this.#kept.delete(key);
    this.#kept.set(key, made);
    for (const [oldest, bytes] of this.#kept) {
      if (this.#bytes <= this.#limit) break;
      this.#kept.delete(oldest);
      this.#bytes -= bytes.length;
    }
    return made;
  }
}
