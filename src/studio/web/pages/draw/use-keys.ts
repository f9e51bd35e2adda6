import { useEffect, useRef } from "preact/hooks";
import type { Point, Tool } from "../../drawing/drag.ts";
import { changeShape, erased, painted, withMovedPaint, withoutPaint, withoutShape } from "../../drawing/drawing.ts";
import { arrowStep, keyMove } from "../../drawing/key-moves.ts";
import { isEmpty } from "../../drawing/paint.ts";
import { toolOfKey } from "./tool-bar.tsx";
import type { DrawingDesk } from "./use-drawing.ts";

interface KeysInput {
  readonly desk: DrawingDesk;
  readonly size: number;
  readonly tool: Tool;
  readonly brush: number;
  readonly brushAt: Point | null;
  readonly selected: number | null;
  readonly onTool: (tool: Tool) => void;
  readonly onSelect: (id: number | null) => void;
  readonly onBrushAt: (point: Point) => void;
  /** The picture before is looked at while the key B is held. */
  readonly onCompare: (on: boolean) => void;
}

const CENTRE: Point = [0.5, 0.5];
const within = (value: number) => Math.min(1, Math.max(0, value));

/** Where keys write text or have a meaning of their own. */
const takesKeys = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  target.matches("input:not([type=range], [type=radio], [type=checkbox]), select, textarea");

/** Where arrows and space already do something. */
const takesArrows = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches("input, select, textarea, button, a");

/** What keys do to the lesion. @returns whether the key did something */
function press(event: KeyboardEvent, input: KeysInput): boolean {
  const { desk, size, tool, brush, selected, brushAt } = input;
  const { key, shiftKey } = event;
  const arrow = arrowStep(key, shiftKey);
  if ((arrow !== null || key === " ") && takesArrows(event.target)) return false;
  if (tool === "paint" || tool === "erase") {
    const at = brushAt ?? CENTRE;
    if (arrow !== null) {
      input.onBrushAt([within(at[0] + arrow[0]), within(at[1] + arrow[1])]);
      return true;
    }
    if (key === " ") {
      input.onBrushAt(at);
      desk.change((drawing) => (tool === "paint" ? painted : erased)(drawing, size, [at], brush));
      return true;
    }
  }
  if (key === "Delete" || key === "Backspace") {
    desk.change((drawing) => (selected === null ? withoutPaint(drawing) : withoutShape(drawing, selected)));
    input.onSelect(null);
    return true;
  }
  if (key === "Escape") {
    input.onSelect(null);
    input.onTool("select");
    return true;
  }
  const step = keyMove(key, shiftKey);
  if (step !== null && selected !== null) {
    desk.show(changeShape(desk.drawing, selected, step), event.timeStamp);
    return true;
  }
  if (arrow !== null && selected === null && !isEmpty(desk.drawing.paint)) {
    const [dx, dy] = [Math.sign(arrow[0]), Math.sign(arrow[1])];
    desk.show(withMovedPaint(desk.drawing, size, dx, dy), event.timeStamp);
    return true;
  }
  const chosen = toolOfKey(key);
  if (chosen !== null) input.onTool(chosen);
  return chosen !== null;
}

/** Keys of the draw page: undo and redo, comparison, tools, and what moves the lesion. A key that is held is one step. */
export function useKeys(input: KeysInput): void {
  const latest = useRef(input);
  latest.current = input;
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      if (takesKeys(event.target) || event.altKey) return;
      const { desk, onCompare } = latest.current;
      if (event.ctrlKey || event.metaKey) {
        const key = event.key.toLowerCase();
        if (key === "z") (event.shiftKey ? desk.redo : desk.undo)();
        else if (key === "y") desk.redo();
        else return;
        event.preventDefault();
      } else if (event.key.toLowerCase() === "b") {
        if (!event.repeat) onCompare(true);
      } else if (press(event, latest.current)) event.preventDefault();
    };
    const up = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === "b") latest.current.onCompare(false);
      latest.current.desk.keep();
    };
    const leave = () => latest.current.onCompare(false);
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    addEventListener("blur", leave);
    return () => {
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
      removeEventListener("blur", leave);
    };
  }, []);
}
