import { type Evidence, evidenceOf, regionInWords } from "./evidence.ts";
import type { Likeness, Plane } from "./likeness.ts";
import { inWords, type Similarity } from "./similarity.ts";
import { ROUGH, viewsOf } from "./structure.ts";

/** Steps of the fit: angle in radians, scale, and move in shares of the side. */
interface Step {
  readonly angle: number;
  readonly scale: number;
  readonly move: number;
}
const DEGREE = Math.PI / 180;
const COARSE_STEPS: readonly Step[] = [
  { angle: 5 * DEGREE, scale: 0.06, move: 1 / 16 },
  { angle: 2.5 * DEGREE, scale: 0.03, move: 1 / 32 },
];
const HALF_STEPS: readonly Step[] = [
  { angle: 2.5 * DEGREE, scale: 0.03, move: 1 / 32 },
  { angle: 1.2 * DEGREE, scale: 0.012, move: 1 / 64 },
];
const FINE_STEPS: readonly Step[] = [
  { angle: 1.2 * DEGREE, scale: 0.012, move: 1 / 128 },
  { angle: 0.6 * DEGREE, scale: 0.006, move: 1 / 256 },
];

/** A similarity with what speaks for it. */
export interface Laid {
  readonly similarity: Similarity;
  readonly value: number;
}

/** Moves one of the four numbers of a similarity at a time while that gains. */
function climb(from: Similarity, steps: readonly Step[], measure: (similarity: Similarity) => number): Laid {
  let similarity = from;
  let value = measure(from);
  for (const { angle, scale, move } of steps) {
    for (let round = 0; round < 2; round++) {
      const before = value;
      for (const [key, step] of [
        ["dx", move],
        ["dy", move],
        ["angle", angle],
        ["scale", scale],
      ] as const) {
        for (const sign of [1, -1]) {
          const next = { ...similarity, [key]: similarity[key] + sign * step };
          const found = measure(next);
          if (found <= value) continue;
          [similarity, value] = [next, found];
          break;
        }
      }
      if (value === before) break;
    }
  }
  return { similarity, value };
}

const onPlane = (query: Plane, target: Plane, from: Similarity, steps: readonly Step[]): Laid =>
  climb(
    from,
    steps,
    (similarity) => evidenceOf(query.structure, target.structure, query.side, ROUGH, similarity).value,
  );

/** Evidence by structure at half the side, in a position as it is. */
export const roughEvidence = (query: Plane, target: Plane, similarity: Similarity): number =>
  onPlane(query, target, similarity, []).value;

/**
 * Lays a query on a target at half the side, from a position that is about right.
 * @param least Evidence that is needed after each of the two steps of the fit.
 * @returns null where there is less
 */
export function laidRoughly(
  query: Plane,
  target: Plane,
  from: Similarity,
  least: readonly [number, number],
): Laid | null {
  let laid: Laid = { similarity: from, value: 0 };
  for (const [k, step] of HALF_STEPS.entries()) {
    laid = onPlane(query, target, laid.similarity, [step]);
    if (laid.value < least[k]!) return null;
  }
  return laid;
}

type LaidTarget = Laid & { readonly target: number };

/** A query laid on a target. */
export interface Fit extends Evidence {
  readonly similarity: Similarity;
}

/** The greatest evidence of the views near a similarity. */
export function fitClosely(query: Likeness, target: Likeness, from: Similarity): Fit {
  let best: Fit | null = null;
  for (const [v, view] of viewsOf(query.side).entries()) {
    const of = (similarity: Similarity) => evidenceOf(query.views[v]!, target.views[v]!, query.side, view, similarity);
    const { similarity } = climb(from, FINE_STEPS, (next) => of(next).value);
    const found = of(similarity);
    if (best === null || found.value > best.value) best = { ...found, similarity };
  }
  return best!;
}

/** A target that may show what the query is made from, with the position in which it may. */
export interface Candidate {
  readonly target: number;
  readonly similarity: Similarity;
  /** Whether the position is only right to some degrees and some hundredths of the side. */
  readonly rough: boolean;
}

/** Candidates that are laid closely on the query: of the rough ones, and of those in the positions of a square. */
const [ROUGH_KEPT, STRAIGHT_KEPT] = [3, 3];
/** Candidates that are compared at the full side. */
const CLOSE_KEPT = 2;

export interface Match extends Fit {
  readonly target: number;
  /** The part of `value` that sets this target apart from those of other groups: what many images share is in no other part. */
  readonly distinct: number;
}

/**
 * Share of the evidence of a target that targets of other groups have not. The second of them counts, because an image may be
 * put together from two; where all targets are of one group, the least of them stands for the others.
 * @param laid Targets with their evidence at half the side, the greatest first.
 */
function distinctShare(laid: readonly LaidTarget[], own: number, groupOf: (target: number) => number): number {
  const evidence = laid.find(({ target }) => target === own)!.value;
  const others = laid.filter(({ target }) => groupOf(target) !== groupOf(own));
  const second = others[1] ?? others[0] ?? laid.filter(({ target }) => target !== own).at(-1);
  return evidence > 0 ? Math.max(0, 1 - (second?.value ?? 0) / evidence) : 0;
}

/**
 * The candidate with the greatest evidence, each laid on the query as it fits best; null where there is none.
 * @param groupOf Group (patient) of a target. Defaults to a group of its own for each.
 */
export function bestMatch(
  query: Likeness,
  candidates: readonly Candidate[],
  likenessOf: (target: number) => Likeness,
  groupOf: (target: number) => number = (target) => target,
): Match | null {
  const best = (list: readonly LaidTarget[], kept: number): LaidTarget[] =>
    [...list]
      .sort((a, b) => b.value - a.value)
      .filter(({ target }, i, all) => all.findIndex((other) => other.target === target) === i)
      .slice(0, kept);
  const laid = (plane: "coarse" | "half", list: readonly Omit<LaidTarget, "value">[], steps: readonly Step[]) =>
    list.map(({ target, similarity }) => ({
      target,
      ...onPlane(query[plane], likenessOf(target)[plane], similarity, steps),
    }));
  const [rough, straight] = [true, false].map((kind) => candidates.filter((candidate) => candidate.rough === kind));
  const chosen = [
    ...best(laid("coarse", rough!, COARSE_STEPS), ROUGH_KEPT),
    ...best(laid("half", straight!, []), STRAIGHT_KEPT),
  ];
  const all = best(laid("half", chosen, HALF_STEPS), chosen.length);
  let found: (Fit & { readonly target: number }) | null = null;
  for (const { target, similarity } of all.slice(0, CLOSE_KEPT)) {
    const match = { target, ...fitClosely(query, likenessOf(target), similarity) };
    if (found === null || match.value > found.value) found = match;
  }
  return found === null ? null : { ...found, distinct: found.value * distinctShare(all, found.target, groupOf) };
}

/** A match in words: "mirrored, turned 10°", "as it is, left half". */
export function matchInWords({ similarity, region }: Fit): string {
  const part = regionInWords(region);
  return part === null ? inWords(similarity) : `${inWords(similarity)}, ${part}`;
}
