import { Rng } from "../../core/rng.ts";
import { aboveOrderStatistic, clopperPearson, normalUpper } from "../../math/distributions.ts";
import { deviation } from "../../math/mean.ts";
import { quantile } from "../../math/quantile.ts";

/** A figure with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Resamples of the bootstrap over patients (images where no patient is known). */
const RESAMPLES = 300;

/** Where true-positive rates are read. */
const FALSE_POSITIVE_RATES = [0.01, 0.001] as const;

/** How well a score tells members from non-members. */
export interface AttackResult {
  /** Probability that a member scores above a non-member; 0.5 is guessing. */
  readonly auc: Estimate;
  /** Share of members above the score that 1 % of the non-members exceed; null below 100 non-members. */
  readonly tpr1: Estimate | null;
  /** The same at 0.1 %; null below 1,000 non-members. */
  readonly tpr01: Estimate | null;
  /** P value of an AUC above 0.5. */
  readonly pAuc: number;
  /** P value of more members above the 1 % threshold than of exchangeable images. */
  readonly pTail: number;
}

/** One side of an attack: a score an image (members are expected to be higher) and its patient. */
export interface Scored {
  readonly scores: ArrayLike<number>;
  readonly groups: ArrayLike<number>;
}

/** Groups numbered 0..count-1. */
function numbered(groups: ArrayLike<number>): { of: Int32Array; count: number } {
  const names = new Map<number, number>();
  const of = Int32Array.from(groups, (group) => {
    const known = names.get(group) ?? names.size;
    names.set(group, known);
    return known;
  });
  return { of, count: names.size };
}

/**
 * Number of patients with equally many images that say as much as these (Kish 1965, Survey Sampling, section 8.2): where one
 * of 22 patients has a third of the images, the AUC is mostly about that one.
 */
function effectiveCount({ of, count }: { readonly of: Int32Array; readonly count: number }): number {
  const images = new Float64Array(count);
  for (const group of of) images[group]!++;
  return of.length ** 2 / images.reduce((sum, n) => sum + n * n, 0);
}

/** Mann-Whitney estimate of P(member > other) + P(equal) / 2 with weights; `order` sorts all scores ascending. */
function weightedAuc(order: Int32Array, scores: Float64Array, members: number, weights: Float64Array): number {
  let below = 0;
  let sum = 0;
  let [memberTotal, otherTotal] = [0, 0];
  for (let start = 0; start < order.length; ) {
    let end = start;
    let [memberHere, otherHere] = [0, 0];
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) {
      const image = order[end++]!;
      if (image < members) memberHere += weights[image]!;
      else otherHere += weights[image]!;
    }
    sum += memberHere * (below + otherHere / 2);
    below += otherHere;
    memberTotal += memberHere;
    otherTotal += otherHere;
    start = end;
  }
  return memberTotal > 0 && otherTotal > 0 ? sum / (memberTotal * otherTotal) : 0.5;
}

/** Weighted share of members above the score that a share `fpr` of the weighted others reaches; `order` as above. */
function weightedTpr(
  order: Int32Array,
  scores: Float64Array,
  members: number,
  weights: Float64Array,
  fpr: number,
): number {
  let [memberTotal, otherTotal] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    if (i < members) memberTotal += weights[i]!;
    else otherTotal += weights[i]!;
  }
  const rank = Math.max(1, Math.floor(fpr * otherTotal + 1e-9));
  let [memberAbove, otherAbove] = [0, 0];
  for (let end = order.length; end > 0; ) {
    let start = end;
    let [memberHere, otherHere] = [0, 0];
    while (start > 0 && scores[order[start - 1]!] === scores[order[end - 1]!]) {
      const image = order[--start]!;
      if (image < members) memberHere += weights[image]!;
      else otherHere += weights[image]!;
    }
    otherAbove += otherHere;
    if (otherAbove >= rank) break;
    memberAbove += memberHere;
    end = start;
  }
  return memberTotal > 0 ? memberAbove / memberTotal : 0;
}

function tprAt(
  member: Float64Array,
  other: Float64Array,
  fpr: number,
): (Estimate & { above: number; rank: number }) | null {
  const rank = Math.floor(fpr * other.length + 1e-9);
  if (rank < 1 || member.length === 0) return null;
  const threshold = other.slice().sort()[other.length - rank]!;
  const above = member.reduce((count, score) => count + (score > threshold ? 1 : 0), 0);
  return { value: above / member.length, ...clopperPearson(above, member.length), above, rank };
}

/**
 * AUC with an interval, and the true-positive rate at a false-positive rate of 1 % and 0.1 % (Carlini et al. 2022, arXiv
 * 2112.03570, section III). The interval of the AUC is the wider end of two: percentiles of a seeded bootstrap over patients,
 * which are too narrow with few, and 1.96 deviations that Mann and Whitney's statistic has without an effect, for the number
 * of patients that counts (see `effectiveCount`). The interval of a rate is the wider end of two: that of
 * Clopper and Pearson with the threshold held fixed, which knows that a count of 0 proves little, and that of the bootstrap,
 * which knows that images of one patient fall together and that the threshold is a guess. Null with fewer than 2 images on
 * a side.
 */
export function measureAttack(members: Scored, others: Scored, seed: number): AttackResult | null {
  const [n, m] = [members.scores.length, others.scores.length];
  if (n < 2 || m < 2) return null;
  const scores = new Float64Array(n + m);
  scores.set(members.scores);
  scores.set(others.scores, n);
  const order = Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]! || a - b);
  const value = weightedAuc(order, scores, n, new Float64Array(n + m).fill(1));
  const [first, second] = [numbered(members.groups), numbered(others.groups)];
  const rng = new Rng(seed, "roc");
  const drawn = new Float64Array(RESAMPLES);
  const drawnTpr = FALSE_POSITIVE_RATES.map(() => new Float64Array(RESAMPLES));
  for (let r = 0; r < RESAMPLES; r++) {
    const [a, b] = [new Float64Array(first.count), new Float64Array(second.count)];
    for (let i = 0; i < first.count; i++) a[rng.integer(first.count)]!++;
    for (let i = 0; i < second.count; i++) b[rng.integer(second.count)]!++;
    const weights = new Float64Array(n + m);
    for (let i = 0; i < n; i++) weights[i] = a[first.of[i]!]!;
    for (let i = 0; i < m; i++) weights[n + i] = b[second.of[i]!]!;
    drawn[r] = weightedAuc(order, scores, n, weights);
    FALSE_POSITIVE_RATES.forEach((fpr, i) => {
      drawnTpr[i]![r] = weightedTpr(order, scores, n, weights, fpr);
    });
  }
  const ofBootstrap = deviation(drawn);
  const [a, b] = [effectiveCount(first), effectiveCount(second)];
  const withoutEffect = Math.sqrt((a + b + 1) / (12 * a * b));
  drawn.sort();
  const [member, other] = [Float64Array.from(members.scores), Float64Array.from(others.scores)];
  const [one, tenth] = FALSE_POSITIVE_RATES.map((fpr) => tprAt(member, other, fpr));
  const widened = (found: ReturnType<typeof tprAt>, resampled: Float64Array): Estimate | null => {
    if (found === null) return null;
    const sorted = resampled.sort();
    return {
      value: found.value,
      low: Math.min(found.low, quantile(sorted, 0.025)),
      high: Math.max(found.high, quantile(sorted, 0.975)),
    };
  };
  const grouped = first.count < n || second.count < m;
  return {
    auc: {
      value,
      low: Math.max(0, Math.min(quantile(drawn, 0.025), value - 1.96 * withoutEffect)),
      high: Math.min(1, Math.max(quantile(drawn, 0.975), value + 1.96 * withoutEffect)),
    },
    tpr1: widened(one!, drawnTpr[0]!),
    tpr01: widened(tenth!, drawnTpr[1]!),
    pAuc: normalUpper((value - 0.5) / Math.max(ofBootstrap, withoutEffect)),
    // Images of one patient are not exchangeable one by one: the exact law holds for single images only.
    pTail: one === null || grouped ? 1 : aboveOrderStatistic(one!.above, n, one!.rank, m),
  };
}
