import type { Plane } from "./planes.ts";

/** Bits that are set, for patterns whose bits change at most twice around the circle; 9 for all others. */
const KIND = Uint8Array.from({ length: 256 }, (_, pattern) => {
  let [ones, changes] = [0, 0];
  for (let k = 0; k < 8; k++) {
    const bit = (pattern >> k) & 1;
    ones += bit;
    if (bit !== ((pattern >> ((k + 1) % 8)) & 1)) changes++;
  }
  return changes <= 2 ? ones : 9;
});

/**
 * Local binary patterns (Ojala, Pietikäinen and Mäenpää 2002, IEEE TPAMI 24, "riu2" with the eight neighbours of the
 * pixel grid): how often each of the ten kinds occurs. Roots of the shares, so that rare kinds count (Hellinger).
 * @returns 10 numbers 0..1, whose squares sum to 1
 */
export function localPatterns({ side, data }: Plane): number[] {
  const counts = new Float64Array(10);
  for (let y = 1; y + 1 < side; y++) {
    for (let x = 1, i = y * side + 1; x + 1 < side; x++, i++) {
      // Differences below rounding are none.
      const centre = data[i]! - 1e-9;
      const pattern =
        (data[i - side - 1]! >= centre ? 1 : 0) |
        (data[i - side]! >= centre ? 2 : 0) |
        (data[i - side + 1]! >= centre ? 4 : 0) |
        (data[i + 1]! >= centre ? 8 : 0) |
        (data[i + side + 1]! >= centre ? 16 : 0) |
        (data[i + side]! >= centre ? 32 : 0) |
        (data[i + side - 1]! >= centre ? 64 : 0) |
        (data[i - 1]! >= centre ? 128 : 0);
      counts[KIND[pattern]!]!++;
    }
  }
  const total = Math.max(1, (side - 2) ** 2);
  return Array.from(counts, (count) => Math.sqrt(count / total));
}
