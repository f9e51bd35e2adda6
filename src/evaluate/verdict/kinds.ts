import { Rng } from "../../core/rng.ts";
import { cellCentres, cellsOf } from "../../math/linear/k-means.ts";
import { type Linear64, type Matrix, takeRows } from "../../math/linear/linear64.ts";
import { mean, sum } from "../../math/mean.ts";
import { quantile } from "../../math/quantile.ts";
import { pairDistances } from "../quality/energy.ts";
import { halfOfTheModes } from "./degradations/subsets.ts";
import { drawRows, filledCounts, type RowsByClass, stacked } from "./likeness.ts";
import { MODES } from "./space.ts";

/** Most images of the real side and of the control side. */
const MOST = 512;
/** Divisions of the real images into kinds: what one of them happens to cut through, others do not. */
const PARTITIONS = 24;
/** Random divisions of real images in two. */
const DIVISIONS = 200;
/** Draws of control images, and of a set that has more images than are compared. */
export const KIND_DRAWS = 10;
/** False alarms of the test in one view. There are two views, and three other tests beside them. */
const ALARMS = 0.01;

/** What images are told apart by: features of the extractor, or the pixels of small copies. */
export type ViewName = "features" | "thumbnails";

/** Places of images in one view; rows of the two real sides are in class order, {@link KindSides} counts them. */
interface View {
  readonly name: ViewName;
  readonly real: Matrix;
  readonly control: Matrix;
}

/** How a set differs from real images: see {@link measure}. */
type Found = readonly [variation: number, reach: number, energy: number];

/** Kind of every image, in each of the {@link PARTITIONS}. */
type Cells = readonly Int32Array[];

/** A view with what real images do in it. */
export interface KindsOfView extends View {
  /** Kinds of the real images, in each of the {@link PARTITIONS}. */
  readonly centres: readonly Matrix[];
  /** From where a set is measured, see {@link kindsOf}. */
  readonly origin: Found;
  /** Standard deviations over random divisions of real images. */
  readonly spread: Found;
  /** From here on a set counts as told. */
  readonly threshold: number;
}

/** What sets are looked at for missing kinds by. */
export interface Kinds {
  /** Images of each class of a set. */
  readonly counts: readonly number[];
  /** Rows of the real side and of the control side of a view, by class. */
  readonly real: RowsByClass;
  readonly control: RowsByClass;
  readonly views: readonly KindsOfView[];
}

/** Rows of a pool that the real side or the control side is made of, in class order: at most {@link MOST} in all. */
export function sideOf(pool: RowsByClass, counts: readonly number[], seed: number): number[] {
  const compared = pool.map((rows, c) => (counts[c]! > 0 ? rows : []));
  const share = Math.min(1, MOST / Math.max(1, sum(compared.map(({ length }) => length))));
  const most = compared.map((rows, c) => Math.max(counts[c]!, Math.floor(rows.length * share)));
  return drawRows(compared, most, new Rng(seed, "kinds side"));
}

/** Half the sum of the differences of the shares of each kind. @param weights of the real images, of sum 1 */
function variationOf(
  cells: Int32Array,
  real: readonly number[],
  weights: readonly number[],
  set: readonly number[],
): number {
  const shares = new Float64Array(MODES);
  for (const i of set) shares[cells[i]!]! -= 1 / set.length;
  for (const [a, i] of real.entries()) shares[cells[i]!]! += weights[a]!;
  return shares.reduce((total, difference) => total + Math.abs(difference), 0) / 2;
}

/**
 * What a set lacks of real images, by the distances among both: the total variation of the kinds (k-means of the real
 * images, mean over the partitions), the mean distance from a real image to the nearest image of the set, which rises where
 * real images have none near them, and the energy distance. Real images are weighted so that each class counts as much as in
 * the set.
 */
function measure(distances: Matrix, partitions: Cells, real: RowsByClass, set: RowsByClass): Found {
  const own = set.flat();
  const n = own.length;
  const rows = real.flat();
  const weights = real.flatMap((list, c) => list.map(() => set[c]!.length / n / list.length));
  const width = distances.columns;
  const { data } = distances;
  let [reach, across, within, squares] = [0, 0, 0, 0];
  for (const [a, i] of rows.entries()) {
    const weight = weights[a]!;
    squares += weight * weight;
    let [near, far, others] = [Number.POSITIVE_INFINITY, 0, 0];
    for (const j of own) {
      const distance = data[i * width + j]!;
      far += distance;
      if (distance < near) near = distance;
    }
    for (let b = 0; b < a; b++) others += weights[b]! * data[i * width + rows[b]!]!;
    reach += weight * near;
    across += (weight * far) / n;
    within += 2 * weight * others;
  }
  let inside = 0;
  for (const [a, i] of own.entries()) for (let b = 0; b < a; b++) inside += 2 * data[i * width + own[b]!]!;
  return [
    mean(partitions.map((cells) => variationOf(cells, rows, weights, own))),
    reach,
    2 * across - within / (1 - squares) - inside / (n * (n - 1)),
  ];
}

/**
 * Standard deviations above what other real images do, summed over the measures that lie above it: a set whose images lie
 * close together is nearer to some real images than others are, which makes up for nothing.
 */
const above = (found: Found, { origin, spread }: Pick<KindsOfView, "origin" | "spread">): number =>
  sum(found.map((value, q) => (spread[q]! > 0 ? Math.max(0, (value - origin[q]!) / spread[q]!) : 0)));

/** By class, row numbers from `start` on. */
function inOrder(counts: readonly number[], start = 0): number[][] {
  let next = start;
  return counts.map((count) => Array.from({ length: count }, () => next++));
}

/**
 * Learns what random divisions of real images do (permutation test inside each class). Sets are measured from between their
 * mean and the control images, where those lie above it: both say where other real images lie, and neither surely.
 * @param counts Images of each class of a set; each side has as many.
 * @param sizes Images of each class on the two sides.
 */
export async function kindsOf(
  views: readonly View[],
  counts: readonly number[],
  sizes: { readonly real: readonly number[]; readonly control: readonly number[] },
  linear: Linear64,
  seed: number,
): Promise<Kinds> {
  const real = inOrder(sizes.real);
  const control = inOrder(sizes.control, sum(sizes.real));
  const learned: KindsOfView[] = [];
  for (const view of views) {
    const centres: Matrix[] = [];
    for (let p = 0; p < PARTITIONS; p++) centres.push(await cellCentres(view.real, MODES, linear, p));
    const both = stacked(view.real, view.control);
    const distances = await pairDistances(both, both, linear);
    const cells = await partitioned(centres, both, linear);
    const rng = new Rng(seed, "kinds", view.name);
    const pick = (pool: RowsByClass) => pool.map((rows, c) => rng.shuffle([...rows]).slice(0, counts[c]));
    const others = Array.from({ length: KIND_DRAWS }, () => measure(distances, cells, real, pick(control)));
    const divided = Array.from({ length: DIVISIONS }, () => {
      const mixed = real.map((rows, c) => rng.shuffle([...rows, ...control[c]!]));
      const first = mixed.map((rows, c) => rows.slice(0, counts[c]));
      const second = mixed.map((rows, c) => rows.slice(counts[c], counts[c]! + real[c]!.length));
      return measure(distances, cells, second, first);
    });
    const over = (list: readonly Found[], of: (values: number[]) => number): Found => [
      of(list.map(([value]) => value)),
      of(list.map(([, value]) => value)),
      of(list.map(([, , value]) => value)),
    ];
    const centre = over(divided, mean);
    const spread = over(divided, (values) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2))));
    const floor = over(others, mean);
    const highest = (list: readonly Found[], origin: Found) =>
      quantile(Float64Array.from(list, (found) => above(found, { origin, spread })).sort(), 1 - ALARMS);
    const between = (q: 0 | 1 | 2) => (centre[q] + Math.max(centre[q], floor[q])) / 2;
    const origin: Found = [between(0), between(1), between(2)];
    const threshold = Math.max(highest(divided, centre), highest(others, origin));
    learned.push({ ...view, centres, origin, spread, threshold });
  }
  return { counts, real, control, views: learned };
}

async function partitioned(centres: readonly Matrix[], places: Matrix, linear: Linear64): Promise<Cells> {
  const cells: Int32Array[] = [];
  for (const own of centres) cells.push(await cellsOf(own, places, linear));
  return cells;
}

/** Steps of the self-test that take half of the kinds away, and what the kinds are made of. */
export const HALVES = {
  "half of the modes missing": "features",
  "half of the thumbnails missing": "thumbnails",
} as const satisfies Readonly<Record<string, ViewName>>;

/** Deviations of a set, draw by draw, in one view. */
export interface KindsSight {
  readonly view: ViewName;
  /** From here on a draw counts as told from real images. */
  readonly threshold: number;
  readonly synthetic: readonly number[];
  /** Of other real images that lack half of the kinds, by what the kinds were made of; null where all are of one kind. */
  readonly missing: Readonly<Record<ViewName, readonly number[] | null>>;
}

/**
 * How far a set lies from real images in one view, draw by draw, in standard deviations.
 * @param places Of the images that the row numbers of the pools count.
 * @param pools One for every draw: rows by class, of which as many are drawn as there are real ones beside.
 */
export async function lacking(
  view: KindsOfView,
  { counts, real }: Kinds,
  places: Matrix,
  pools: readonly RowsByClass[],
  linear: Linear64,
  seed: number,
): Promise<number[]> {
  const out: number[] = [];
  const start = view.real.rows;
  for (const [d, pool] of pools.entries()) {
    const rng = new Rng(seed, "kinds", "set", d);
    const filled = filledCounts(pool, counts);
    const rows = pool.map((list, c) => rng.shuffle([...list]).slice(0, filled[c]));
    const all = stacked(view.real, takeRows(places, rows.flat()));
    const distances = await pairDistances(all, all, linear);
    const cells = await partitioned(view.centres, all, linear);
    out.push(above(measure(distances, cells, real, inOrder(filled, start)), view));
  }
  return out;
}

/** Control images that lack half of their kinds, by one view and seen in every view. */
export async function withoutHalf(
  by: KindsOfView,
  kinds: Kinds,
  linear: Linear64,
  seed: number,
): Promise<Readonly<Record<ViewName, number[]>> | null> {
  const start = sum(kinds.real.map(({ length }) => length));
  const pool = kinds.control.map((rows) => rows.map((i) => i - start));
  const pools: RowsByClass[] = [];
  for (let d = 0; d < KIND_DRAWS; d++) {
    const halved = await halfOfTheModes(pool, by.control, linear, seed + d);
    if (halved !== null) pools.push(halved);
  }
  if (pools.length === 0) return null;
  const seen: Record<ViewName, number[]> = { features: [], thumbnails: [] };
  for (const view of kinds.views) seen[view.name] = await lacking(view, kinds, view.control, pools, linear, seed);
  return seen;
}
