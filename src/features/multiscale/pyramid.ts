import { halved, type Plane } from "./planes.ts";

/** One octave of a picture. */
export interface Octave {
  readonly side: number;
  /** The picture at this scale. */
  readonly plane: Plane;
  /** What a blur takes away from it: the details of this octave. */
  readonly band: Plane;
}

/** Least side of an octave in pixels. */
const MIN_SIDE = 7;

/** Blur by the binomial kernel 1 4 6 4 1 in both directions, edges repeated. */
function blurred({ side, data }: Plane): Plane {
  const rows = new Float64Array(side * side);
  const out = new Float64Array(side * side);
  const last = side - 1;
  for (let y = 0; y < side; y++) {
    const at = y * side;
    for (let x = 0; x < side; x++) {
      const inside = x > 1 && x < last - 1;
      const a = data[at + (inside ? x - 2 : Math.max(0, x - 2))]!;
      const b = data[at + (inside ? x - 1 : Math.max(0, x - 1))]!;
      const d = data[at + (inside ? x + 1 : Math.min(last, x + 1))]!;
      const e = data[at + (inside ? x + 2 : Math.min(last, x + 2))]!;
      rows[at + x] = (a + e + 4 * (b + d) + 6 * data[at + x]!) / 16;
    }
  }
  for (let y = 0; y < side; y++) {
    const a = Math.max(0, y - 2) * side;
    const b = Math.max(0, y - 1) * side;
    const c = y * side;
    const d = Math.min(last, y + 1) * side;
    const e = Math.min(last, y + 2) * side;
    for (let x = 0; x < side; x++) {
      out[c + x] = (rows[a + x]! + rows[e + x]! + 4 * (rows[b + x]! + rows[d + x]!) + 6 * rows[c + x]!) / 16;
    }
  }
  return { side, data: out };
}

/**
 * Laplacian pyramid (Burt and Adelson 1983, IEEE Trans. Commun. 31) whose bands keep all pixels of their octave, finest
 * first, down to {@link MIN_SIDE}; always at least one octave.
 */
export function pyramid(plane: Plane): Octave[] {
  const octaves: Octave[] = [];
  for (let own = plane; octaves.length === 0 || own.side >= MIN_SIDE; ) {
    const low = blurred(own);
    const band = own.data.map((value, i) => value - low.data[i]!);
    octaves.push({ side: own.side, plane: own, band: { side: own.side, data: band } });
    own = halved(low);
  }
  return octaves;
}
