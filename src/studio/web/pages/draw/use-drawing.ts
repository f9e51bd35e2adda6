import { useCallback, useState } from "preact/hooks";
import type { Drawing } from "../../drawing/drawing.ts";
import { type History, pushed, redone, startHistory, undone } from "../../drawing/history.ts";

/** A drawing while it is worked on. */
export interface DrawingDesk {
  /** As it is shown now. */
  readonly drawing: Drawing;
  /** The last state that a step led to, before the present one; null at the start. */
  readonly before: Drawing | null;
  /** A step is on its way: the pointer or a key is held. */
  readonly moving: boolean;
  /** Time of the input that led to `drawing`, milliseconds of the page's clock. */
  readonly inputTime: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Shows a state without making it a step. */
  show(drawing: Drawing, inputTime: number): void;
  /** Makes what is shown a step. */
  keep(): void;
  /** Makes a change of the present state a step. */
  change(step: (drawing: Drawing) => Drawing): void;
  undo(): void;
  redo(): void;
}

interface State {
  readonly history: History<Drawing>;
  readonly live: Drawing | null;
  readonly inputTime: number;
}

export function useDrawing(start: () => Drawing): DrawingDesk {
  const [state, setState] = useState<State>(() => ({ history: startHistory(start()), live: null, inputTime: 0 }));
  const { history, live, inputTime } = state;
  const show = useCallback(
    (drawing: Drawing, time: number) =>
      setState((s) => (drawing === (s.live ?? s.history.present) ? s : { ...s, live: drawing, inputTime: time })),
    [],
  );
  const change = useCallback((step: (drawing: Drawing) => Drawing) => {
    const now = performance.now();
    setState((s) => {
      const settled = s.live === null ? s.history : pushed(s.history, s.live);
      return { history: pushed(settled, step(settled.present)), live: null, inputTime: now };
    });
  }, []);
  const keep = useCallback(
    () => setState((s) => (s.live === null ? s : { ...s, history: pushed(s.history, s.live), live: null })),
    [],
  );
  const travel = useCallback((to: typeof undone<Drawing>) => {
    const now = performance.now();
    setState((s) => ({
      history: to(s.live === null ? s.history : pushed(s.history, s.live)),
      live: null,
      inputTime: now,
    }));
  }, []);
  return {
    drawing: live ?? history.present,
    before: live === null ? (history.past.at(-1) ?? null) : history.present,
    moving: live !== null,
    inputTime,
    canUndo: history.past.length > 0 || live !== null,
    canRedo: history.future.length > 0,
    show,
    keep,
    change,
    undo: useCallback(() => travel(undone), [travel]),
    redo: useCallback(() => travel(redone), [travel]),
  };
}
