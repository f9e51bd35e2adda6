/** A connected part of a mask, in pixels; maximum exclusive. */
export interface Component {
  readonly xMin: number;
  readonly yMin: number;
  readonly xMax: number;
  readonly yMax: number;
  /** Pixels. */
  readonly area: number;
  /** Indices of its pixels, in no order; valid as long as the list of parts is. */
  readonly pixels: Int32Array;
}

/**
 * Connected parts of a mask, neighbours by side or corner (8-neighbourhood), in the order of their first pixel.
 * @param mask [height * width], not zero inside
 */
export function connectedComponents(mask: ArrayLike<number>, width: number, height: number): Component[] {
  const seen = new Uint8Array(width * height);
  const queue = new Int32Array(width * height);
  const found: Component[] = [];
  let end = 0;
  for (let start = 0; start < seen.length; start++) {
    if (mask[start] === 0 || seen[start] === 1) continue;
    let [xMin, yMin, xMax, yMax] = [width, height, 0, 0];
    const first = end;
    seen[start] = 1;
    queue[end++] = start;
    for (let head = first; head < end; head++) {
      const at = queue[head]!;
      const x = at % width;
      const y = (at - x) / width;
      if (x < xMin) xMin = x;
      if (x >= xMax) xMax = x + 1;
      if (y < yMin) yMin = y;
      if (y >= yMax) yMax = y + 1;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u;
          if (mask[next] === 0 || seen[next] === 1) continue;
          seen[next] = 1;
          queue[end++] = next;
        }
      }
    }
    found.push({ xMin, yMin, xMax, yMax, area: end - first, pixels: queue.subarray(first, end) });
  }
  return found;
}
