/** A connected part of a mask, in pixels; maximum exclusive. */
export interface Component {
  readonly xMin: number;
  readonly yMin: number;
  readonly xMax: number;
  readonly yMax: number;
  /** Pixels. */
  readonly area: number;
}

/**
 * Connected parts of a mask, neighbours by side or corner (8-neighbourhood), in the order of their topmost row.
 * @param mask [height * width], not zero inside
 */
export function connectedComponents(mask: ArrayLike<number>, width: number, height: number): Component[] {
  const seen = new Uint8Array(width * height);
  const stack = new Int32Array(width * height);
  const found: Component[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (mask[start] === 0 || seen[start] === 1) continue;
    let [xMin, yMin, xMax, yMax, area, depth] = [width, height, 0, 0, 0, 0];
    seen[start] = 1;
    stack[depth++] = start;
    while (depth > 0) {
      const at = stack[--depth];
      const x = at % width;
      const y = (at - x) / width;
      area++;
      if (x < xMin) xMin = x;
      if (x >= xMax) xMax = x + 1;
      if (y < yMin) yMin = y;
      if (y >= yMax) yMax = y + 1;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u;
          if (mask[next] === 0 || seen[next] === 1) continue;
          seen[next] = 1;
          stack[depth++] = next;
        }
      }
    }
    found.push({ xMin, yMin, xMax, yMax, area });
  }
  return found;
}
