/** A lesion painted by hand: uint8 [size * size] of the map's resolution, 255 where there is paint. Never changed in place. */
export type Paint = Uint8Array;

/**
 * Paint after a stroke from one point to the next with a round brush.
 * @param points Ends of the stroke, in shares of the image; one point is a dot.
 * @param radius In shares of the image.
 * @param value 255 paints, 0 erases.
 */
export function stroke(
  paint: Paint,
  size: number,
  points: readonly (readonly [number, number])[],
  radius: number,
  value: 0 | 255,
): Paint {
  const out = paint.slice();
  for (let i = 0; i < points.length; i++) {
    const [x0, y0] = points[Math.max(0, i - 1)]!;
    const [x1, y1] = points[i]!;
    for (const at of pixelsNear(size, x0, y0, x1, y1, radius)) out[at] = value;
  }
  return out;
}

/** Indices of the pixels whose centre lies within `radius` of a line; always those under its ends, however thin the brush. */
function* pixelsNear(size: number, x0: number, y0: number, x1: number, y1: number, radius: number): Generator<number> {
  const [ax, ay, bx, by, r] = [x0 * size, y0 * size, x1 * size, y1 * size, radius * size];
  const first = (low: number) => Math.max(0, Math.floor(low - r));
  const last = (high: number) => Math.min(size - 1, Math.floor(high + r));
  const squared = (bx - ax) ** 2 + (by - ay) ** 2;
  for (let y = first(Math.min(ay, by)); y <= last(Math.max(ay, by)); y++) {
    for (let x = first(Math.min(ax, bx)); x <= last(Math.max(ax, bx)); x++) {
      const [px, py] = [x + 0.5, y + 0.5];
      const along = squared === 0 ? 0 : ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / squared;
      const t = Math.min(1, Math.max(0, along));
      const distance = Math.hypot(px - ax - t * (bx - ax), py - ay - t * (by - ay));
      const under = (x === Math.floor(bx) && y === Math.floor(by)) || (x === Math.floor(ax) && y === Math.floor(ay));
      if (distance <= r || under) yield y * size + x;
    }
  }
}

/** Paint after every painted pixel moved by whole pixels; what leaves the image is lost. */
export function movedPaint(paint: Paint, size: number, dx: number, dy: number): Paint {
  const out = new Uint8Array(paint.length);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [toX, toY] = [x + dx, y + dy];
      if (toX >= 0 && toX < size && toY >= 0 && toY < size) out[toY * size + toX] = paint[y * size + x]!;
    }
  }
  return out;
}

export const isEmpty = (paint: ArrayLike<number>): boolean => {
  for (let i = 0; i < paint.length; i++) if (paint[i] !== 0) return false;
  return true;
};
