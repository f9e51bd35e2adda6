import { percentFixed } from "../../../core/percent.ts";
import type { Box } from "../../../data/maps/semantic-map.ts";
import type { Words } from "../texts/texts.ts";

const SHAPE_KINDS = ["ellipse", "box"] as const;
export type ShapeKind = (typeof SHAPE_KINDS)[number];

/** A lesion drawn as a box or an ellipse; lengths and places in shares of the image's extent. */
export interface Shape {
  readonly id: number;
  readonly kind: ShapeKind;
  readonly x: number;
  readonly y: number;
  /** Extent along the shape's own axes. */
  readonly width: number;
  readonly height: number;
  /** Clockwise turn of the own axes, radians. */
  readonly angle: number;
}

/** Least extent of a shape: what a finger can still take hold of. */
export const MIN_EXTENT = 0.04;
const GREATEST_EXTENT = 1;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** The shape with its centre inside the image and extents that can be held. */
export function tidy(shape: Shape): Shape {
  return {
    ...shape,
    x: clamp(shape.x, 0, 1),
    y: clamp(shape.y, 0, 1),
    width: clamp(shape.width, MIN_EXTENT, GREATEST_EXTENT),
    height: clamp(shape.height, MIN_EXTENT, GREATEST_EXTENT),
    angle: Math.atan2(Math.sin(shape.angle), Math.cos(shape.angle)),
  };
}

export const moved = (shape: Shape, dx: number, dy: number): Shape =>
  tidy({ ...shape, x: shape.x + dx, y: shape.y + dy });

export const scaled = (shape: Shape, factor: number): Shape =>
  tidy({ ...shape, width: shape.width * factor, height: shape.height * factor });

export const turned = (shape: Shape, radians: number): Shape => tidy({ ...shape, angle: shape.angle + radians });

/** A point in the shape's own axes: its centre is the origin, a half extent is 1/2 of width or height. */
export function toOwnAxes(shape: Shape, x: number, y: number): readonly [number, number] {
  const [cos, sin] = [Math.cos(shape.angle), Math.sin(shape.angle)];
  const [dx, dy] = [x - shape.x, y - shape.y];
  return [dx * cos + dy * sin, dy * cos - dx * sin];
}

/** The inverse of {@link toOwnAxes}. */
export function fromOwnAxes(shape: Shape, u: number, v: number): readonly [number, number] {
  const [cos, sin] = [Math.cos(shape.angle), Math.sin(shape.angle)];
  return [shape.x + u * cos - v * sin, shape.y + u * sin + v * cos];
}

/** Whether a point of the image lies inside the shape. */
export function contains(shape: Shape, x: number, y: number): boolean {
  const [u, v] = toOwnAxes(shape, x, y);
  if (shape.kind === "ellipse") return (2 * u) ** 2 / shape.width ** 2 + (2 * v) ** 2 / shape.height ** 2 < 1;
  // Half open, as pixels of a box are: of two boxes that touch, a pixel belongs to one.
  return u >= -shape.width / 2 && u < shape.width / 2 && v >= -shape.height / 2 && v < shape.height / 2;
}

/** The upright box around a shape, cut at the image's edges. */
export function boundsOf(shape: Shape): Box {
  const [cos, sin] = [Math.abs(Math.cos(shape.angle)), Math.abs(Math.sin(shape.angle))];
  const [a, b] = [shape.width / 2, shape.height / 2];
  const round = shape.kind === "ellipse";
  const halfX = round ? Math.hypot(a * cos, b * sin) : a * cos + b * sin;
  const halfY = round ? Math.hypot(a * sin, b * cos) : a * sin + b * cos;
  return {
    xMin: clamp(shape.x - halfX, 0, 1),
    yMin: clamp(shape.y - halfY, 0, 1),
    xMax: clamp(shape.x + halfX, 0, 1),
    yMax: clamp(shape.y + halfY, 0, 1),
  };
}

/** The corner of a shape at which it is resized stays under the pointer, the opposite one where it is. */
export function resizedTo(shape: Shape, cornerU: 1 | -1, cornerV: 1 | -1, x: number, y: number): Shape {
  const [fixedX, fixedY] = fromOwnAxes(shape, (-cornerU * shape.width) / 2, (-cornerV * shape.height) / 2);
  const [u, v] = toOwnAxes({ ...shape, x: fixedX, y: fixedY }, x, y);
  const width = clamp(u * cornerU, MIN_EXTENT, GREATEST_EXTENT);
  const height = clamp(v * cornerV, MIN_EXTENT, GREATEST_EXTENT);
  const [cx, cy] = fromOwnAxes({ ...shape, x: fixedX, y: fixedY }, (cornerU * width) / 2, (cornerV * height) / 2);
  return tidy({ ...shape, x: cx, y: cy, width, height });
}

/** The shape turned so that its upper side looks at a point. */
export const turnedTo = (shape: Shape, x: number, y: number): Shape =>
  tidy({ ...shape, angle: Math.atan2(y - shape.y, x - shape.x) + Math.PI / 2 });

/** The shape in words, for those who hear the page. */
export function describeShape(shape: Shape, t: Words["t"]): string {
  const turn = Math.round((shape.angle * 180) / Math.PI);
  const figures = {
    x: percentFixed(shape.x),
    y: percentFixed(shape.y),
    width: percentFixed(shape.width),
    height: percentFixed(shape.height),
    turn: String(turn),
  };
  return t(`shape.${shape.kind}`, figures) + (turn === 0 ? "" : t("shape.turned", figures));
}
