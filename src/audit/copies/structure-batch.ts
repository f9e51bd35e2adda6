import type { ImageSource } from "../../features/extractor.ts";
import type { PictureBatch } from "../../features/threads/picture-batch.ts";
import { type Likeness, likenessOf } from "../../likeness/likeness.ts";
import { bestMatch, type Candidate, type Match } from "../../likeness/match.ts";
import type { SurroundRule } from "../../likeness/surround.ts";

/** Queries that a thread takes at once. */
const BATCH = 8;
/** Numbers of one candidate, and of one match. */
const [CANDIDATE, MATCH] = [7, 12];

/** Images that queries are compared with, and the group (patient) of each. */
export interface SearchTargets {
  readonly store: ImageSource;
  readonly groups: Int32Array;
}

/** Queries with the images that they are compared with; the pixels are those of the queries, then of the targets. */
export interface CandidateBatch extends PictureBatch {
  readonly queries: number;
  /** Candidates of query q: those from starts[q] to starts[q + 1]. */
  readonly starts: Int32Array;
  /** Group (patient) of each target. */
  readonly groups: Int32Array;
  readonly surround: SurroundRule;
  /** {@link CANDIDATE} numbers each: place of the target among the targets, rough, mirrored, angle, scale, dx, dy. */
  readonly candidates: Float64Array;
}

/** Batches of so many queries. */
export const candidateBatches = (queries: number): number => Math.ceil(queries / BATCH);

/** Reads batch k with its targets. */
export function readCandidates(
  k: number,
  queries: ImageSource,
  { store: targets, groups }: SearchTargets,
  candidates: readonly (readonly Candidate[])[],
  surround: SurroundRule,
): { readonly batch: CandidateBatch; readonly first: number; readonly targets: Int32Array } {
  const first = k * BATCH;
  const own = candidates.slice(first, first + BATCH);
  const needed = [...new Set(own.flat().map(({ target }) => target))].sort((a, b) => a - b);
  const place = new Map(needed.map((target, i) => [target, i]));
  const starts = new Int32Array(own.length + 1);
  own.forEach((list, q) => {
    starts[q + 1] = starts[q]! + list.length;
  });
  const numbers = own.flat().flatMap(({ target, rough, similarity: { mirrored, angle, scale, dx, dy } }) => {
    return [place.get(target)!, Number(rough), Number(mirrored), angle, scale, dx, dy];
  });
  const { resolution, channels } = queries;
  const size = channels * resolution ** 2;
  const pixels = new Uint8Array((own.length + needed.length) * size);
  queries.readInto(
    own.map((_, q) => first + q),
    pixels.subarray(0, own.length * size),
  );
  targets.readInto(needed, pixels.subarray(own.length * size));
  const batch = {
    count: own.length + needed.length,
    resolution,
    channels,
    pixels,
    queries: own.length,
    groups: Int32Array.from(needed, (target) => groups[target]!),
    surround,
    starts,
    candidates: Float64Array.from(numbers),
  };
  return { batch, first, targets: Int32Array.from(needed) };
}

/** Compares the queries of a batch: {@link MATCH} numbers each, of which {@link readMatches} makes matches. */
export function matchCandidates(batch: CandidateBatch): Float64Array {
  const { queries, groups, surround, starts, candidates, channels, resolution, pixels } = batch;
  const size = channels * resolution ** 2;
  const image = (i: number) => likenessOf(pixels.subarray(i * size, (i + 1) * size), channels, surround);
  const known = new Map<number, Likeness>();
  const target = (place: number): Likeness => {
    const found = known.get(place) ?? image(queries + place);
    known.set(place, found);
    return found;
  };
  const out = new Float64Array(queries * MATCH).fill(-1);
  for (let q = 0; q < queries; q++) {
    const list: Candidate[] = [];
    for (let at = starts[q]! * CANDIDATE; at < starts[q + 1]! * CANDIDATE; at += CANDIDATE) {
      const [place, rough, mirrored, angle, scale, dx, dy] = candidates.subarray(at, at + CANDIDATE);
      const similarity = { mirrored: mirrored === 1, angle: angle!, scale: scale!, dx: dx!, dy: dy! };
      list.push({ target: place!, rough: rough === 1, similarity });
    }
    const match = bestMatch(image(q), list, target, (place) => groups[place]!);
    if (match === null) continue;
    const { mirrored, angle, scale, dx, dy } = match.similarity;
    const { left, top, right, bottom } = match.region;
    const laid = [Number(mirrored), angle, scale, dx, dy, left, top, right, bottom];
    out.set([match.target, match.value, match.distinct, ...laid], q * MATCH);
  }
  return out;
}

/** Matches of the queries of a batch; null for a query without candidates. @param targets Index of each target of the batch */
export function readMatches(numbers: Float64Array, targets: Int32Array): (Match | null)[] {
  return Array.from({ length: numbers.length / MATCH }, (_, q) => {
    const list = numbers.subarray(q * MATCH, (q + 1) * MATCH) as unknown as number[];
    const [place, value, distinct, mirrored, angle, scale, dx, dy, left, top, right, bottom] = list;
    if (place! < 0) return null;
    return {
      target: targets[place!]!,
      value: value!,
      distinct: distinct!,
      similarity: { mirrored: mirrored === 1, angle: angle!, scale: scale!, dx: dx!, dy: dy! },
      region: { left: left!, top: top!, right: right!, bottom: bottom! },
    };
  });
}
