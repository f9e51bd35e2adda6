/** How one image is mirrored, turned, scaled and moved to lie on another; applied in that order, about the centre. */
export interface Similarity {
  /** Left and right are exchanged first. */
  readonly mirrored: boolean;
  /** Counter-clockwise, radians. */
  readonly angle: number;
  /** Above 1 the image is enlarged. */
  readonly scale: number;
  /** To the right and down, shares of the side. */
  readonly dx: number;
  readonly dy: number;
}

export const IDENTITY: Similarity = { mirrored: false, angle: 0, scale: 1, dx: 0, dy: 0 };

/**
 * Where the pixels of the transformed image come from: pixel (x, y) is at (m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5])
 * of the image, pixel centres at whole numbers.
 */
export function sourceOf({ mirrored, angle, scale, dx, dy }: Similarity, side: number): Float64Array {
  const middle = (side - 1) / 2;
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const [moveX, moveY] = [middle + dx * side, middle + dy * side];
  // Undone in reverse: moved, scaled, turned (rows count downwards), mirrored.
  const out = Float64Array.of(
    cos,
    -sin,
    middle - cos * moveX + sin * moveY,
    sin,
    cos,
    middle - sin * moveX - cos * moveY,
  );
  if (mirrored) {
    out[0] = -out[0]!;
    out[1] = -out[1]!;
    out[2] = side - 1 - out[2]!;
  }
  return out;
}

/** A transform in words, as reports have it: "as it is", "mirrored, turned 90°", "turned 10°, scaled 1.05, moved 3 %". */
export function inWords({ mirrored, angle, scale, dx, dy }: Similarity): string {
  const degrees = ((Math.round((angle * 180) / Math.PI) % 360) + 360) % 360;
  const moved = Math.round(100 * Math.hypot(dx, dy));
  const parts: string[] = [];
  if (mirrored) parts.push("mirrored");
  if (degrees !== 0) parts.push(`turned ${degrees}°`);
  if (Math.abs(scale - 1) >= 0.015) parts.push(`scaled ${scale.toFixed(2)}`);
  if (moved >= 2) parts.push(`moved ${moved} %`);
  return parts.length === 0 ? "as it is" : parts.join(", ");
}

/**
 * A plane transformed, bilinear, edges repeated.
 * @param plane `[side²]`
 * @returns The plane, and 1 where a pixel comes from within it, else 0.
 */
export function transformed(
  plane: Float32Array,
  side: number,
  similarity: Similarity,
): { readonly values: Float32Array; readonly inside: Float32Array } {
  const [a, b, c, d, e, f] = sourceOf(similarity, side) as unknown as [number, number, number, number, number, number];
  const values = new Float32Array(side * side);
  const inside = new Float32Array(side * side);
  const last = side - 1;
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at++) {
      const u = a * x + b * y + c;
      const v = d * x + e * y + f;
      inside[at] = u >= -0.5 && v >= -0.5 && u <= last + 0.5 && v <= last + 0.5 ? 1 : 0;
      const [cu, cv] = [Math.max(0, Math.min(last, u)), Math.max(0, Math.min(last, v))];
      const [left, top] = [Math.floor(cu), Math.floor(cv)];
      const from = top * side + left;
      const right = left < last ? 1 : 0;
      const below = top < last ? side : 0;
      const upper = plane[from]! + (cu - left) * (plane[from + right]! - plane[from]!);
      const lower = plane[from + below]! + (cu - left) * (plane[from + below + right]! - plane[from + below]!);
      values[at] = upper + (cv - top) * (lower - upper);
    }
  }
  return { values, inside };
}
