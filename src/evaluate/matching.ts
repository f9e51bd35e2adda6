import { Rng } from "../core/rng.ts";
import { sum } from "../math/mean.ts";

/** Images chosen from two sets so that both have the same number of each class. */
export interface MatchedSets {
  /** Indices into the first set, grouped by class in class order. */
  readonly first: Int32Array;
  /** Indices into the second set, the same classes at the same places. */
  readonly second: Int32Array;
  /** Images per class on each side. */
  readonly counts: readonly number[];
}

/** The images of one class. */
export interface ClassRange {
  readonly start: number;
  readonly count: number;
}

/** Where each class lies in {@link MatchedSets.first} and `second`. */
export function classRanges(counts: readonly number[]): ClassRange[] {
  let start = 0;
  return counts.map((count) => {
    const range = { start, count };
    start += count;
    return range;
  });
}

function shuffledByClass(labels: ArrayLike<number>, classes: number, rng: Rng): Int32Array[] {
  const lists: number[][] = Array.from({ length: classes }, () => []);
  for (let i = 0; i < labels.length; i++) lists[labels[i]!]!.push(i);
  return lists.map((list) => rng.shuffle(Int32Array.from(list)));
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const out = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part.slice().sort(), at);
    at += part.length;
  }
  return out;
}

/**
 * The largest subsets of two sets with the same class counts: per class as many images as the smaller side has, drawn
 * without replacement.
 * @param first Class index per image.
 * @param second Class index per image.
 * @param most Most images per class. Defaults to no limit.
 */
export function matchClassCounts(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  classes: number,
  seed: number,
  most?: readonly number[],
): MatchedSets {
  const a = shuffledByClass(first, classes, new Rng(seed, "match", "first"));
  const b = shuffledByClass(second, classes, new Rng(seed, "match", "second"));
  const counts = a.map((list, c) => Math.min(list.length, b[c]!.length, most?.[c] ?? list.length));
  return {
    first: joined(a.map((list, c) => list.subarray(0, counts[c]))),
    second: joined(b.map((list, c) => list.subarray(0, counts[c]))),
    counts,
  };
}

/** Two disjoint sets of real images: what the metrics say where there is nothing to find. */
export interface FloorSets extends MatchedSets {
  /** `halves`: both from the real set; `holdout`: the second is an index into the held-out set. */
  readonly from: "halves" | "holdout";
}

/**
 * Real images against other real images, per class as many as were compared where the data allow, else as many as there
 * are: two disjoint parts of the real set, or the real set against the held-out one where that gives more images.
 * @param wanted Images per class that were compared.
 */
export function floorSets(
  real: ArrayLike<number>,
  holdout: ArrayLike<number> | undefined,
  wanted: readonly number[],
  seed: number,
): FloorSets {
  const lists = shuffledByClass(real, wanted.length, new Rng(seed, "floor"));
  const halves = lists.map((list, c) => Math.min(wanted[c]!, list.length >> 1));
  if (holdout !== undefined) {
    const held = shuffledByClass(holdout, wanted.length, new Rng(seed, "floor", "holdout"));
    const counts = lists.map((list, c) => Math.min(wanted[c]!, list.length, held[c]!.length));
    if (sum(counts) > sum(halves)) {
      return {
        from: "holdout",
        first: joined(lists.map((list, c) => list.subarray(0, counts[c]))),
        second: joined(held.map((list, c) => list.subarray(0, counts[c]))),
        counts,
      };
    }
  }
  return {
    from: "halves",
    first: joined(lists.map((list, c) => list.subarray(0, halves[c]))),
    second: joined(lists.map((list, c) => list.subarray(halves[c], 2 * halves[c]!))),
    counts: halves,
  };
}
