/** Ids with a priority: the highest comes out first, of equal ones that which went in first. Both in O(log n). */
export class ReadyJobs {
  readonly #heap: { readonly id: string; readonly priority: number; readonly order: number }[] = [];
  #added = 0;

  get size(): number {
    return this.#heap.length;
  }

  add(id: string, priority: number): void {
    const heap = this.#heap;
    heap.push({ id, priority, order: this.#added++ });
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** @returns undefined when there is none */
  take(): string | undefined {
    const heap = this.#heap;
    if (heap.length === 0) return undefined;
    this.#swap(0, heap.length - 1);
    const { id } = heap.pop()!;
    for (let at = 0; ; ) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && this.#isBefore(child, first)) first = child;
      }
      if (first === at) return id;
      this.#swap(at, first);
      at = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    return one!.priority > other!.priority || (one!.priority === other!.priority && one!.order < other!.order);
  }

  #swap(a: number, b: number): void {
    const held = this.#heap[a]!;
    this.#heap[a] = this.#heap[b]!;
    this.#heap[b] = held;
  }
}
