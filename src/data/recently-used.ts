/** Values that take time to make, by number: of those that were asked for, the last `most` are kept. */
export class RecentlyUsed<V extends object> {
  readonly #most: number;
  /** In the order in which they were asked for last. */
  readonly #values = new Map<number, V>();

  constructor(most: number) {
    this.#most = most;
  }

  get(key: number, make: () => V): V {
    let value = this.#values.get(key);
    if (value !== undefined) this.#values.delete(key);
    else {
      value = make();
      if (this.#values.size >= this.#most) this.#values.delete(this.#values.keys().next().value!);
    }
    this.#values.set(key, value);
    return value;
  }
}
