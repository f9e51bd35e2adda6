import { moved, type Shape, scaled, turned } from "./shape.ts";

const STEP = 0.01;
const LARGE_STEP = 0.05;
const GROWTH = 1.05;
const TURN = Math.PI / 36;

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Direction of an arrow key with the length of its step, in shares of the image; null for other keys. */
export function arrowStep(key: string, large: boolean): readonly [number, number] | null {
  const direction = DIRECTIONS[key];
  const step = large ? LARGE_STEP : STEP;
  return direction === undefined ? null : [direction[0] * step, direction[1] * step];
}

/** What a key does to a shape: arrows move it (with shift further), + and - resize it, [ and ] turn it; null for other keys. */
export function keyMove(key: string, shift: boolean): ((shape: Shape) => Shape) | null {
  const arrow = arrowStep(key, shift);
  if (arrow !== null) return (shape) => moved(shape, ...arrow);
  if (key === "+" || key === "=") return (shape) => scaled(shape, GROWTH);
  if (key === "-" || key === "_") return (shape) => scaled(shape, 1 / GROWTH);
  if (key === "[" || key === "{") return (shape) => turned(shape, -TURN);
  if (key === "]" || key === "}") return (shape) => turned(shape, TURN);
  return null;
}
