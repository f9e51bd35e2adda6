import type { Component } from "../maps/components.ts";

/** Directions along the edges of pixels: right, down, left, up, as the picture is seen. */
const STEPS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

/**
 * The outline of a part of a mask along the edges of its pixels, as one ring: x and y in turn, in pixels. Holes, and parts that
 * touch at a corner, are joined to it by a line there and back, so that a pixel is inside where the ring goes around its centre
 * an odd number of times.
 * @param width Of the mask.
 */
export function outlineOf({ pixels }: Pick<Component, "pixels">, width: number): number[] {
  const inside = new Set(pixels);
  const has = (x: number, y: number) => x >= 0 && x < width && inside.has(y * width + x);
  // Edges by their start, the inside on the right; at most two begin at a corner.
  const corner = width + 1;
  const edges = new Map<number, number[]>();
  const add = (x: number, y: number, direction: number) => {
    const at = y * corner + x;
    const list = edges.get(at);
    if (list === undefined) edges.set(at, [direction]);
    else list.push(direction);
  };
  for (const pixel of pixels) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    if (!has(x, y - 1)) add(x, y, 0);
    if (!has(x + 1, y)) add(x + 1, y, 1);
    if (!has(x, y + 1)) add(x + 1, y + 1, 2);
    if (!has(x - 1, y)) add(x, y + 1, 3);
  }
  const loops: number[][] = [];
  for (const start of edges.keys()) {
    while ((edges.get(start)?.length ?? 0) > 0) {
      const loop: number[] = [];
      let [x, y] = [start % corner, Math.floor(start / corner)];
      let before = -1;
      for (;;) {
        const next = edges.get(y * corner + x)?.pop();
        if (next === undefined) break;
        if (next !== before) loop.push(x, y);
        before = next;
        x += STEPS[next]![0];
        y += STEPS[next]![1];
      }
      loops.push(loop);
    }
  }
  const [first, ...rest] = loops as [number[], ...number[][]];
  const [x, y] = first as [number, number];
  return [...first, ...rest.flatMap((loop) => [x, y, ...loop, loop[0]!, loop[1]!]), ...(rest.length > 0 ? [x, y] : [])];
}
