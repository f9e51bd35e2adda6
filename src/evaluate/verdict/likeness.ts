import { Rng } from "../../core/rng.ts";
import { type Linear64, type Matrix, matrix, takeRows } from "../../math/linear/linear64.ts";
import { mean, sum } from "../../math/mean.ts";
import { fid } from "../quality/fid.ts";
import { kid } from "../quality/kid.ts";
import { neighbourhoods } from "../quality/neighbourhood.ts";
import { oneNearestNeighbourParts } from "../quality/one-nearest-neighbour.ts";
import { PRDC_NEIGHBOURS, prdcParts } from "../quality/prdc.ts";

/** Draws that a likeness is the mean of. */
const LIKENESS_DRAWS = 10;
/** Most images on a side of a draw. */
const MAX_IMAGES = 256;
/** Fewer images on a side tell nothing. */
export const MIN_IMAGES = 30;

/** Where the images of the three sides are drawn from: row numbers by class. */
export interface Pools {
  /** Rows of the real features that both others are compared with. */
  readonly real: readonly (readonly number[])[];
  /** Rows of the features of other real images: the yardstick. */
  readonly control: readonly (readonly number[])[];
  /** Images of each class on a side of every draw. */
  readonly counts: readonly number[];
}

/** A metric between synthetic and real images beside the same of other real images, at one n. */
interface Beside {
  readonly value: number;
  readonly floor: number;
}

/** How far a set lies from real images, beside other real images of the same number and classes; means over draws. */
export interface Likeness {
  readonly fid: Beside;
  /** `deviation`: standard deviation where real images are divided at random in two. */
  readonly kid: Beside & { readonly deviation: number };
  readonly oneNearestNeighbour: Beside;
  readonly coverage: Beside;
}

/** Row numbers by class. */
export function rowsByClass(labels: ArrayLike<number>, classes: number, rows?: Iterable<number>): number[][] {
  const lists: number[][] = Array.from({ length: classes }, () => []);
  for (const i of rows ?? Array.from({ length: labels.length }, (_, i) => i)) lists[labels[i]!]!.push(i);
  return lists;
}

/** Images of each class that three pools all have, scaled down to {@link MAX_IMAGES} in all. */
export function sharedCounts(...pools: readonly (readonly (readonly number[])[])[]): number[] {
  const least = pools[0]!.map((_, c) => Math.min(...pools.map((pool) => pool[c]!.length)));
  const total = sum(least);
  if (total <= MAX_IMAGES) return least;
  return least.map((n) => (n === 0 ? 0 : Math.max(1, Math.floor((n * MAX_IMAGES) / total))));
}

/** As many rows of each class as counted, drawn without replacement; in class order. */
export function drawRows(pool: readonly (readonly number[])[], counts: readonly number[], rng: Rng): number[] {
  return pool.flatMap((rows, c) => rng.shuffle([...rows]).slice(0, counts[c]));
}

interface Distances {
  readonly fid: number;
  readonly kid: number;
  readonly oneNearestNeighbour: number;
  readonly coverage: number;
}

async function distances(real: Matrix, other: Matrix, linear: Linear64): Promise<Distances> {
  const near = await neighbourhoods(real, other, PRDC_NEIGHBOURS, linear);
  return {
    fid: await fid(real, other, linear),
    kid: await kid(real, other, linear),
    oneNearestNeighbour: mean(oneNearestNeighbourParts(near)),
    coverage: mean(prdcParts(near).coverage),
  };
}

/** What every set is measured against: draws of real images, and how far other real images lie from them. */
export interface Yardstick {
  /** Images on each side. */
  readonly n: number;
  readonly counts: readonly number[];
  readonly draws: readonly Matrix[];
  readonly floor: Distances;
  /** Standard deviation of KID between random halves of real images. */
  readonly deviation: number;
}

const means = (list: readonly Distances[]): Distances => ({
  fid: mean(list.map((found) => found.fid)),
  kid: mean(list.map((found) => found.kid)),
  oneNearestNeighbour: mean(list.map((found) => found.oneNearestNeighbour)),
  coverage: mean(list.map((found) => found.coverage)),
});

/**
 * Draws real images of the same class counts from both pools and measures how far they lie apart. KID's spread is that of
 * random divisions of both together in two, which is what KID does where there is nothing to find (permutation test).
 * @param real features of the real images
 * @param control features of the images of `pools.control`
 * @returns null below {@link MIN_IMAGES} on a side
 */
export async function yardstick(
  real: Matrix,
  control: Matrix,
  pools: Pools,
  linear: Linear64,
  seed: number,
): Promise<Yardstick | null> {
  const { counts } = pools;
  const n = sum(counts);
  if (n < MIN_IMAGES) return null;
  const draws: Matrix[] = [];
  const floors: Distances[] = [];
  const divided: number[] = [];
  for (let d = 0; d < LIKENESS_DRAWS; d++) {
    const rng = new Rng(seed, "likeness", d);
    const first = takeRows(real, drawRows(pools.real, counts, rng));
    const second = takeRows(control, drawRows(pools.control, counts, rng));
    draws.push(first);
    floors.push(await distances(first, second, linear));
    const both = matrix(2 * n, first.columns);
    both.data.set(first.data);
    both.data.set(second.data, first.data.length);
    const order = rng.shuffle(Int32Array.from({ length: 2 * n }, (_, i) => i));
    divided.push(await kid(takeRows(both, order.slice(0, n)), takeRows(both, order.slice(n)), linear));
  }
  const deviation = Math.sqrt(mean(divided.map((value) => value * value)));
  return { n, counts, draws, floor: means(floors), deviation };
}

/** How far a set lies from the real images of each draw. @param pool Rows of `features` by class. */
export async function likeness(
  { counts, draws, floor, deviation }: Yardstick,
  features: Matrix,
  pool: readonly (readonly number[])[],
  linear: Linear64,
  seed: number,
): Promise<Likeness[]> {
  const out: Likeness[] = [];
  for (const [d, real] of draws.entries()) {
    const drawn = takeRows(features, drawRows(pool, counts, new Rng(seed, "likeness", "set", d)));
    const found = await distances(real, drawn, linear);
    out.push({
      fid: { value: found.fid, floor: floor.fid },
      kid: { value: found.kid, floor: floor.kid, deviation },
      oneNearestNeighbour: { value: found.oneNearestNeighbour, floor: floor.oneNearestNeighbour },
      coverage: { value: found.coverage, floor: floor.coverage },
    });
  }
  return out;
}

/** Mean over the draws. */
export function meanLikeness(draws: readonly Likeness[]): Likeness {
  const { fid: f, kid: k, oneNearestNeighbour: o, coverage: c } = draws[0]!;
  const over = (name: keyof Likeness) => mean(draws.map((draw) => draw[name].value));
  return {
    fid: { ...f, value: over("fid") },
    kid: { ...k, value: over("kid") },
    oneNearestNeighbour: { ...o, value: over("oneNearestNeighbour") },
    coverage: { ...c, value: over("coverage") },
  };
}
