import { Rng } from "../../core/rng.ts";
import { type Linear64, type Matrix, matrix, takeRows } from "../../math/linear/linear64.ts";
import { mean, sum } from "../../math/mean.ts";
import { quantile } from "../../math/quantile.ts";
import { dividedEnergies, energyDistance, pairDistances } from "../quality/energy.ts";
import { fid } from "../quality/fid.ts";
import { kid } from "../quality/kid.ts";
import { neighbourhoods } from "../quality/neighbourhood.ts";
import { oneNearestNeighbourParts } from "../quality/one-nearest-neighbour.ts";
import { PRDC_NEIGHBOURS, prdcParts } from "../quality/prdc.ts";
import { MODES, type Space } from "./space.ts";

/** Draws that a likeness is the mean of. */
const LIKENESS_DRAWS = 10;
/** Most images on a side of a draw. */
const MAX_IMAGES = 256;
/** Fewer images on a side tell nothing. */
export const MIN_IMAGES = 30;
/** Random divisions of real images in two, per draw. */
const DIVISIONS = 20;
/** False alarms of the test of one draw. */
export const ALARMS = 0.05;

/** Row numbers by class. */
export type RowsByClass = readonly (readonly number[])[];

/** Where the images of the two real sides are drawn from. */
export interface Pools {
  /** Rows of the real features that the others are compared with. */
  readonly real: RowsByClass;
  /** Rows of the features of other real images: the yardstick. */
  readonly control: RowsByClass;
  /** Images of each class on a side of every draw. */
  readonly counts: readonly number[];
}

/** How far a set lies from real images of the same number and classes, by one draw or the mean of several. */
export interface Distances {
  readonly energy: number;
  readonly oneNearestNeighbour: number;
  readonly coverage: number;
  /** Half the sum of the differences of the shares of each kind of images: 0 the same, 1 nothing in common. */
  readonly modes: number;
}

/** Distances of every draw. */
export type Likeness = readonly Distances[];

/** What is reported beside the distances and grades nothing; means over the draws. */
export interface Moments {
  readonly fid: number;
  readonly kid: number;
}

export function rowsByClass(labels: ArrayLike<number>, classes: number, rows?: Iterable<number>): number[][] {
  const lists: number[][] = Array.from({ length: classes }, () => []);
  for (const i of rows ?? Array.from({ length: labels.length }, (_, i) => i)) lists[labels[i]!]!.push(i);
  return lists;
}

/** Images of each class that the pools all have, scaled down to {@link MAX_IMAGES} in all. */
export function sharedCounts(...pools: readonly RowsByClass[]): number[] {
  const least = pools[0]!.map((_, c) => Math.min(...pools.map((pool) => pool[c]!.length)));
  const total = sum(least);
  if (total <= MAX_IMAGES) return least;
  return least.map((n) => (n === 0 ? 0 : Math.max(1, Math.floor((n * MAX_IMAGES) / total))));
}

/** As many rows of each class as counted, or as there are, drawn without replacement; in class order. */
export function drawRows(pool: RowsByClass, counts: readonly number[], rng: Rng): number[] {
  return pool.flatMap((rows, c) => rng.shuffle([...rows]).slice(0, counts[c]));
}

/** As many images in all as counted, from a pool that lacks some: each class as counted, then what others have to spare. */
export function filledCounts(pool: RowsByClass, counts: readonly number[]): number[] {
  const filled = counts.map((count, c) => Math.min(count, pool[c]!.length));
  for (let missing = sum(counts) - sum(filled); missing > 0; missing--) {
    const spare = filled.map((count, c) => pool[c]!.length - count);
    const most = spare.indexOf(Math.max(...spare));
    if (spare[most] === 0) break;
    filled[most]!++;
  }
  return filled;
}

/** Rows of one matrix above those of another. */
export function stacked(first: Matrix, second: Matrix): Matrix {
  const out = matrix(first.rows + second.rows, first.columns);
  out.data.set(first.data);
  out.data.set(second.data, first.data.length);
  return out;
}

/** Shuffles 2n row numbers, of n and n images in class order, inside each class alone. */
function shuffleWithin(counts: readonly number[], rng: Rng): (order: Int32Array) => void {
  const n = sum(counts);
  return (order) => {
    let start = 0;
    for (const count of counts) {
      const places = Array.from({ length: 2 * count }, (_, i) => (i < count ? start + i : n + start + i - count));
      const values = rng.shuffle(places.map((place) => order[place]!));
      for (const [i, place] of places.entries()) order[place] = values[i]!;
      start += count;
    }
  };
}

/** A draw of real images that every set is compared with. */
interface RealDraw {
  readonly rows: Matrix;
  /** Distances among the rows. */
  readonly within: Matrix;
  /** Kind of each. */
  readonly modes: Int32Array;
}

/** What every set is measured against: draws of real images, and how far other real images lie from them. */
export interface Yardstick {
  /** Images on each side. */
  readonly n: number;
  readonly counts: readonly number[];
  readonly draws: readonly RealDraw[];
  /** Of the control images, draw by draw. */
  readonly control: Likeness;
  /** Of the control images. */
  readonly moments: Moments;
  /** Energy distances of random divisions of real images in two, sorted. */
  readonly divided: Float64Array;
  /** The same of {@link Distances.modes}. */
  readonly dividedModes: Float64Array;
  /** Standard deviation of KID between random halves of real images. */
  readonly deviation: number;
}

/** Total variation of two lists of kinds. */
function variation(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const shares = new Float64Array(MODES);
  for (let i = 0; i < first.length; i++) shares[first[i]!]! += 1 / first.length;
  for (let i = 0; i < second.length; i++) shares[second[i]!]! -= 1 / second.length;
  return shares.reduce((sum, difference) => sum + Math.abs(difference), 0) / 2;
}

async function distances(real: RealDraw, other: Matrix, space: Space, linear: Linear64): Promise<Distances> {
  const near = await neighbourhoods(real.rows, other, Math.min(PRDC_NEIGHBOURS, other.rows - 1), linear);
  return {
    energy: await energyDistance(real.rows, other, linear, real.within),
    oneNearestNeighbour: mean(oneNearestNeighbourParts(near)),
    coverage: mean(prdcParts(near).coverage),
    modes: variation(real.modes, await space.modeOf(other)),
  };
}

/** Mean over the draws. */
export function meanDistances(list: Likeness): Distances {
  const over = (name: keyof Distances) => mean(list.map((found) => found[name]));
  return {
    energy: over("energy"),
    oneNearestNeighbour: over("oneNearestNeighbour"),
    coverage: over("coverage"),
    modes: over("modes"),
  };
}

const meanMoments = (list: readonly Moments[]): Moments => ({
  fid: mean(list.map((found) => found.fid)),
  kid: mean(list.map((found) => found.kid)),
});

/**
 * Draws real images of the same class counts from both pools and measures how far they lie apart. What the energy distance
 * and KID do where there is nothing to find is taken from random divisions of both together in two, inside each class
 * (permutation test).
 * @param real places of the real images in the space of the verdict
 * @param control places of the images of `pools.control`
 * @returns null below {@link MIN_IMAGES} on a side
 */
export async function yardstick(
  real: Matrix,
  control: Matrix,
  pools: Pools,
  space: Space,
  linear: Linear64,
  seed: number,
): Promise<Yardstick | null> {
  const { counts } = pools;
  const n = sum(counts);
  if (n < MIN_IMAGES) return null;
  const draws: RealDraw[] = [];
  const found: Distances[] = [];
  const divided: number[] = [];
  const dividedModes: number[] = [];
  const kids: number[] = [];
  const moments: Moments[] = [];
  for (let d = 0; d < LIKENESS_DRAWS; d++) {
    const rng = new Rng(seed, "likeness", d);
    const rows = takeRows(real, drawRows(pools.real, counts, rng));
    const other = takeRows(control, drawRows(pools.control, counts, rng));
    const draw = { rows, within: await pairDistances(rows, rows, linear), modes: await space.modeOf(rows) };
    draws.push(draw);
    found.push(await distances(draw, other, space, linear));
    moments.push({ fid: await fid(rows, other, linear), kid: await kid(rows, other, linear) });
    const both = stacked(rows, other);
    const shuffle = shuffleWithin(counts, rng);
    divided.push(...dividedEnergies(await pairDistances(both, both, linear), n, DIVISIONS, shuffle));
    const modes = await space.modeOf(both);
    const order = Int32Array.from({ length: 2 * n }, (_, i) => i);
    for (let k = 0; k < DIVISIONS; k++) {
      shuffle(order);
      const kinds = order.map((i) => modes[i]!);
      dividedModes.push(variation(kinds.subarray(0, n), kinds.subarray(n)));
    }
    kids.push(await kid(takeRows(both, order.subarray(0, n)), takeRows(both, order.subarray(n)), linear));
  }
  const deviation = Math.sqrt(mean(kids.map((value) => value * value)));
  return {
    n,
    counts,
    draws,
    control: found,
    moments: meanMoments(moments),
    divided: Float64Array.from(divided).sort(),
    dividedModes: Float64Array.from(dividedModes).sort(),
    deviation,
  };
}

/** Rows of a set in one draw. */
const setRows = (pool: RowsByClass, counts: readonly number[], seed: number, draw: number): number[] =>
  drawRows(pool, counts, new Rng(seed, "likeness", "set", draw));

/**
 * How far a set lies from the real images of each draw.
 * @param pool Rows of `places` by class.
 * @param counts Images of each class in a draw. Defaults to those of the real images.
 */
export async function likeness(
  { counts: own, draws }: Yardstick,
  places: Matrix,
  pool: RowsByClass,
  space: Space,
  linear: Linear64,
  seed: number,
  counts: readonly number[] = own,
): Promise<Likeness> {
  const out: Distances[] = [];
  for (const [d, real] of draws.entries()) {
    const drawn = takeRows(places, setRows(pool, counts, seed, d));
    out.push(await distances(real, drawn, space, linear));
  }
  return out;
}

/** FID and KID of the draws that {@link likeness} makes of a set. */
export async function momentsOf(
  { counts, draws }: Yardstick,
  places: Matrix,
  pool: RowsByClass,
  linear: Linear64,
  seed: number,
): Promise<Moments> {
  const out: Moments[] = [];
  for (const [d, { rows }] of draws.entries()) {
    const drawn = takeRows(places, setRows(pool, counts, seed, d));
    out.push({ fid: await fid(rows, drawn, linear), kid: await kid(rows, drawn, linear) });
  }
  return meanMoments(out);
}

/**
 * From here on a draw counts as told from real images: the mean of the control images and as much above it as only
 * {@link ALARMS} of random divisions of real images reach, or of the control's own draws where those vary more.
 */
function thresholdOf(control: Float64Array, divided: Float64Array): number {
  const floor = mean(control);
  return Math.max(0, floor) + Math.max(quantile(divided, 1 - ALARMS), quantile(control.sort(), 1 - ALARMS) - floor);
}

/** Thresholds of the energy distance and of the kinds of images. */
export function thresholdsOf({
  control,
  divided,
  dividedModes,
}: Pick<Yardstick, "control" | "divided" | "dividedModes">): Pick<Distances, "energy" | "modes"> {
  const of = (name: "energy" | "modes") => Float64Array.from(control, (found) => found[name]);
  // Shares of kinds differ among equal sets too, so that the mean of the divisions is the floor already.
  const modes = quantile(dividedModes, 1 - ALARMS);
  return {
    energy: thresholdOf(of("energy"), divided),
    modes: Math.max(modes, quantile(of("modes").sort(), 1 - ALARMS)),
  };
}
