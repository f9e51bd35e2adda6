import { decodeMask } from "../masks/decode-mask.ts";
import type { RawImage } from "../types.ts";
import type { Drawn, Shape } from "./shapes.ts";

/** Fills the pixels whose centre is within an odd number of rings. */
function paintRings(out: Uint8Array, width: number, height: number, rings: readonly (readonly number[])[]): void {
  let [top, bottom] = [height, 0];
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i += 2) {
      top = Math.min(top, ring[i]!);
      bottom = Math.max(bottom, ring[i]!);
    }
  }
  const crossings: number[] = [];
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(height, Math.ceil(bottom)); y++) {
    const line = y + 0.5;
    crossings.length = 0;
    for (const ring of rings) {
      const n = ring.length >> 1;
      for (let i = 0, j = n - 1; i < n; j = i++) {
        const [ya, yb] = [ring[2 * j + 1]!, ring[2 * i + 1]!];
        if (ya <= line === yb <= line) continue;
        crossings.push(ring[2 * j]! + ((line - ya) / (yb - ya)) * (ring[2 * i]! - ring[2 * j]!));
      }
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil(crossings[i]! - 0.5));
      const to = Math.min(width, Math.ceil(crossings[i + 1]! - 0.5));
      if (from < to) out.fill(255, y * width + from, y * width + to);
    }
  }
}

function paintRuns(out: Uint8Array, width: number, height: number, shape: Extract<Shape, { kind: "runs" }>): void {
  const { by, left, top } = shape;
  const long = by === "columns" ? shape.height : shape.width;
  const end = shape.width * shape.height;
  let at = 0;
  shape.counts.forEach((count, i) => {
    if (i % 2 === 1) {
      for (let k = at; k < Math.min(end, at + count); k++) {
        const [x, y] = by === "columns" ? [Math.floor(k / long), k % long] : [k % long, Math.floor(k / long)];
        if (left + x >= 0 && left + x < width && top + y >= 0 && top + y < height) {
          out[(top + y) * width + left + x] = 255;
        }
      }
    }
    at += count;
  });
}

/** The regions of an image as one mask, 255 inside. @param name Of the annotation, for messages. @throws GanglionError `image` */
export async function paintShapes({ width, height, shapes }: Drawn, name: string): Promise<RawImage> {
  const data = new Uint8Array(width * height);
  for (const shape of shapes) {
    if (shape.kind === "rings") paintRings(data, width, height, shape.rings);
    else if (shape.kind === "runs") paintRuns(data, width, height, shape);
    else {
      const { values, ...size } = await decodeMask(new Uint8Array(Buffer.from(shape.data, "base64")), name);
      for (let y = 0; y < size.height; y++) {
        for (let x = 0; x < size.width; x++) {
          const [u, v] = [shape.left + x, shape.top + y];
          if (values[y * size.width + x] !== 0 && u >= 0 && v >= 0 && u < width && v < height)
            data[v * width + u] = 255;
        }
      }
    }
  }
  return { width, height, channels: 1, data };
}
