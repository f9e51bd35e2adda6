/** Bytes by key, at most so many in all; what was used longest ago is dropped first. What is asked for twice at once is made once. */
export class PictureCache {
  readonly #limit: number;
  readonly #kept = new Map<string, Uint8Array>();
  readonly #beingMade = new Map<string, Promise<Uint8Array>>();
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
    const shared = this.#beingMade.get(key) ?? this.#make(key, make);
    this.#beingMade.set(key, shared);
    return shared;
  }

  async #make(key: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const made = await make().finally(() => this.#beingMade.delete(key));
    if (made.length > this.#limit) return made;
    this.#bytes += made.length;
    this.#kept.set(key, made);
    for (const [oldest, bytes] of this.#kept) {
      if (this.#bytes <= this.#limit) break;
      this.#kept.delete(oldest);
      this.#bytes -= bytes.length;
    }
    return made;
  }
}
