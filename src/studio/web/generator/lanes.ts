/** Work that waits for its turn: of each lane only the newest, the lanes in the order of their names' first use. */
export interface Lanes<Request, Result> {
  /** Asks for a result; null when a newer request of the lane, or `clear`, came before its turn. */
  ask(lane: string, request: Request): Promise<Result | null>;
  /** Gives up what waits in lanes other than the first. */
  clearOthers(): void;
}

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly settle: (result: Result | null) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Latest wins: one request is computed at a time, and of those that came meanwhile in its lane only the last is computed
 * next. So a picture never lags behind the pointer by more than two computations, however fast the pointer moves.
 * @param first Lane that goes before all others.
 */
export function openLanes<Request, Result>(
  first: string,
  compute: (request: Request) => Promise<Result>,
): Lanes<Request, Result> {
  const waiting = new Map<string, Waiting<Request, Result>>();
  let busy = false;

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    while (waiting.size > 0) {
      const lane = waiting.has(first) ? first : [...waiting.keys()][0]!;
      const { request, settle, fail } = waiting.get(lane)!;
      waiting.delete(lane);
      await compute(request).then(settle, fail);
    }
    busy = false;
  }

  return {
    ask(lane, request) {
      waiting.get(lane)?.settle(null);
      const result = new Promise<Result | null>((settle, fail) => waiting.set(lane, { request, settle, fail }));
      void work();
      return result;
    },
    clearOthers() {
      for (const [lane, { settle }] of waiting) {
        if (lane === first) continue;
        waiting.delete(lane);
        settle(null);
      }
    },
  };
}
