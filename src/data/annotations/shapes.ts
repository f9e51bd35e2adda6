/** The region of an object in an image, as its annotation file describes it; lengths are pixels from the top left corner. */
export type Shape =
  /** Closed rings, x and y in turn; a pixel is inside where its centre is within an odd number of them, so that holes are out. */
  | { readonly kind: "rings"; readonly rings: readonly (readonly number[])[] }
  /** Run lengths, outside first, of a rectangle, down its columns (COCO) or along its rows (CVAT). */
  | {
      readonly kind: "runs";
      readonly counts: readonly number[];
      readonly by: "columns" | "rows";
      readonly left: number;
      readonly top: number;
      readonly width: number;
      readonly height: number;
    }
  /** A PNG in base64 whose values above zero are inside, with its place (LabelMe). */
  | { readonly kind: "png"; readonly data: string; readonly left: number; readonly top: number };

/** What is drawn in an image. */
export interface Drawn {
  /** Size of the image in pixels that lengths refer to. */
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
}

/** Corners of a box in pixels, maximum exclusive: left, top, right, bottom. */
export type Corners = readonly [number, number, number, number];

/** A rectangle as a ring. */
export const ringOf = ([left, top, right, bottom]: Corners): number[] => [
  ...[left, top, right, top],
  ...[right, bottom, left, bottom],
];

/** Steps of the outline of an ellipse. */
const STEPS = 72;

/** The outline of an ellipse. @param angle Radians, clockwise as the picture is seen. */
export function ellipseRing(x: number, y: number, rx: number, ry: number, angle = 0): number[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return Array.from({ length: STEPS }, (_, i) => (2 * Math.PI * i) / STEPS).flatMap((t) => [
    x + rx * Math.cos(t) * cos - ry * Math.sin(t) * sin,
    y + rx * Math.cos(t) * sin + ry * Math.sin(t) * cos,
  ]);
}

/** Extent of rings; null for none. */
export function ringExtent(rings: readonly (readonly number[])[]): Corners | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let i = 0; i + 1 < ring.length; i += 2) {
      left = Math.min(left, ring[i]!);
      right = Math.max(right, ring[i]!);
      top = Math.min(top, ring[i + 1]!);
      bottom = Math.max(bottom, ring[i + 1]!);
    }
  }
  return left < right && top < bottom ? [left, top, right, bottom] : null;
}

/** Extent of what runs cover; null where they cover nothing. */
export function runExtent({ counts, by, left, top, width, height }: Extract<Shape, { kind: "runs" }>): Corners | null {
  const long = by === "columns" ? height : width;
  let [first, last, low, high] = [Infinity, -1, Infinity, -1];
  let at = 0;
  counts.forEach((count, i) => {
    if (i % 2 === 1 && count > 0) {
      const end = at + count - 1;
      first = Math.min(first, Math.floor(at / long));
      last = Math.max(last, Math.floor(end / long));
      const whole = Math.floor(at / long) !== Math.floor(end / long);
      low = Math.min(low, whole ? 0 : at % long);
      high = Math.max(high, whole ? long - 1 : end % long);
    }
    at += count;
  });
  if (last < 0) return null;
  return by === "columns"
    ? [left + first, top + low, left + last + 1, top + high + 1]
    : [left + low, top + first, left + high + 1, top + last + 1];
}
