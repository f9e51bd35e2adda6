import { selected } from "./selected.ts";

/** Share of the brightness of lit parts below which a pixel is nearly black. */
const DARK = 0.25;
/** Place of that brightness among all pixels, ascending: a lit field may be a twentieth of the picture. */
const LIT = 0.95;
/** Grey levels by which pixels of a bar of one colour may differ from its corner. */
const CONSTANT = 3;
/** Rise from pixel to pixel, as a share of the brightness of lit parts, that still belongs to the flank of a surround. */
const FLANK = 0.05;
/** Widest flank, as a share of the side. */
const WIDEST_FLANK = 1 / 16;

/** The four places beside a pixel that lie in the picture. */
function beside(at: number, side: number): number[] {
  const x = at % side;
  const out: number[] = [];
  if (x > 0) out.push(at - 1);
  if (x < side - 1) out.push(at + 1);
  if (at >= side) out.push(at - side);
  if (at < side * (side - 1)) out.push(at + side);
  return out;
}

/** Marks what can be reached from some pixels over pixels that belong to it. */
function flood(from: readonly number[], side: number, belongs: Uint8Array, mask: Uint8Array): void {
  const open = from.filter((at) => belongs[at] === 1);
  for (const at of open) mask[at] = 1;
  while (open.length > 0) {
    for (const next of beside(open.pop()!, side)) {
      if (mask[next] === 1 || belongs[next] === 0) continue;
      mask[next] = 1;
      open.push(next);
    }
  }
}

/** 1 where a pixel lies in a square of 2 x 2 nearly black ones: a hair that crosses the edge is thinner. */
function blackSquares(plane: Float32Array, side: number, limit: number): Uint8Array {
  const out = new Uint8Array(plane.length);
  for (let y = 0; y < side - 1; y++) {
    for (let at = y * side; at < (y + 1) * side - 1; at++) {
      if (plane[at]! >= limit || plane[at + 1]! >= limit || plane[at + side]! >= limit) continue;
      if (plane[at + side + 1]! >= limit) continue;
      out[at] = out[at + 1] = out[at + side] = out[at + side + 1] = 1;
    }
  }
  return out;
}

/** The lines of a picture along one of its edges: place `i` of the k-th line from the edge is `first + k * inward + i * along`. */
interface Edge {
  readonly first: number;
  readonly inward: number;
  readonly along: number;
}

const edgesOf = (side: number): readonly Edge[] => [
  { first: 0, inward: side, along: 1 },
  { first: side * (side - 1), inward: -side, along: 1 },
  { first: 0, inward: 1, along: side },
  { first: side - 1, inward: -1, along: side },
];

/** Lines from an edge on that have the colour of its corner. */
function barWidth(plane: Float32Array, side: number, { first, inward, along }: Edge): number {
  const colour = plane[first]!;
  for (let width = 0; width < side / 2; width++) {
    for (let i = 0, at = first + width * inward; i < side; i++, at += along) {
      if (!(Math.abs(plane[at]! - colour) <= CONSTANT)) return width;
    }
  }
  return Math.ceil(side / 2);
}

/** Marks the bar of one colour along an edge, if it ends in a step. */
function markBar(plane: Float32Array, side: number, step: number, edge: Edge, width: number, mask: Uint8Array): void {
  const { first, inward, along } = edge;
  const colour = plane[first]!;
  let sum = 0;
  for (let i = 0; i < side; i++) sum += Math.abs(plane[first + width * inward + i * along]! - colour);
  if (sum / side <= step) return;
  for (let k = 0; k < width; k++) for (let i = 0; i < side; i++) mask[first + k * inward + i * along] = 1;
}

/**
 * What surrounds the field of a picture and is not part of what it shows: the black rim of a lens, the dark outside of a
 * collimator or of an ultrasound sector, bars of one colour. It is nearly black and touches the edge, or a bar along an edge
 * that ends in a step; its flank, where the brightness still rises steeply, belongs to it.
 * @param plane `[side²]`, 0..255
 * @returns `[side²]`, 1 where a pixel belongs to it; null where there is none
 */
export function surroundOf(plane: Float32Array, side: number): Uint8Array | null {
  const edges = edgesOf(side);
  const widths = edges.map((edge) => barWidth(plane, side, edge));
  const border = edges.flatMap(({ first, along }) => Array.from({ length: side }, (_, i) => first + i * along));
  // Most pictures have none, which shows without knowing how bright lit parts are: they are no brighter than the brightest pixel.
  let brightest = 0;
  for (let at = 0; at < plane.length; at++) if (plane[at]! > brightest) brightest = plane[at]!;
  if (widths.every((width) => width === 0) && border.every((at) => plane[at]! >= DARK * brightest)) return null;
  const lit = selected(plane.slice(), Math.floor(LIT * (plane.length - 1)));
  const mask = new Uint8Array(plane.length);
  flood(border, side, blackSquares(plane, side, DARK * lit), mask);
  for (const [k, edge] of edges.entries()) {
    if (widths[k]! > 0) markBar(plane, side, FLANK * lit, edge, widths[k]!, mask);
  }
  if (!mask.includes(1)) return null;
  for (let round = 0; round < Math.max(1, Math.round(WIDEST_FLANK * side)); round++) {
    const before = mask.slice();
    for (let at = 0; at < plane.length; at++) {
      if (before[at] === 1) continue;
      const steep = (other: number) => before[other] === 1 && (round === 0 || plane[at]! - plane[other]! > FLANK * lit);
      if (beside(at, side).some(steep)) mask[at] = 1;
    }
  }
  return mask;
}

/**
 * Whether surrounds are compared like the rest of a picture. `kept` where most pictures of a collection have one: it is then
 * what they show, as the outline of a body in air, and the limits of evidence come from pictures that have one. `left out`
 * where few have one: their rims are alike, and held-out pictures say little about them.
 */
export type SurroundRule = "kept" | "left out";

/** The rule for a collection. @param planes Of a sample of its pictures, `[side²]`, 0..255 */
export function surroundRule(planes: readonly Float32Array[], side: number): SurroundRule {
  const surrounded = planes.filter((plane) => surroundOf(plane, side) !== null).length;
  return surrounded > planes.length / 2 ? "kept" : "left out";
}

/** A plane by the rule: left out, its surround becomes NaN, and what is not a number is compared with nothing. */
export function shownPart(plane: Float32Array, side: number, rule: SurroundRule): Float32Array {
  if (rule === "kept") return plane;
  const mask = surroundOf(plane, side);
  return mask === null ? plane : plane.map((value, at) => (mask[at] === 1 ? Number.NaN : value));
}
