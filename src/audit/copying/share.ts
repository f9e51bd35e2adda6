import { normalUpper } from "../../math/distributions.ts";
import type { Estimate } from "../statistics/roc.ts";

/** Whether synthetic images lie nearer to training than to held-out images. */
export interface CopyingShare {
  /** Share of the synthetic images whose nearest real image is a training image. */
  readonly share: Estimate;
  /** The share when nothing of the training images is in the synthetic ones: their share of the real images. */
  readonly expected: number;
  readonly z: number;
  readonly p: number;
  readonly n: number;
}

/** Images of one patient, and synthetic images that are nearest to one of them. */
interface Tally {
  readonly member: boolean;
  images: number;
  nearest: number;
}

/**
 * If the synthetic images do not depend on which real patients were trained on, then training and held-out patients are
 * exchangeable, and each is the nearest as often as its number of images says; whatever the quality of the images. The
 * spread is that of labels drawn at random without replacement over the patients, so that a patient who is nearest to
 * very many synthetic images counts once.
 * @param nearest Index and distance of the nearest training and held-out image of each synthetic image.
 * @returns null with fewer than two patients on a side
 */
export function copyingShare(
  nearest: {
    readonly train: { readonly index: Int32Array; readonly distance: Float64Array };
    readonly holdout: { readonly index: Int32Array; readonly distance: Float64Array };
  },
  groups: { readonly train: ArrayLike<number>; readonly holdout: ArrayLike<number> },
): CopyingShare | null {
  const { train, holdout } = nearest;
  const n = train.index.length;
  const tallies = new Map<string, Tally>();
  const tally = (member: boolean, group: number): Tally => {
    const key = `${member} ${group}`;
    const known = tallies.get(key) ?? { member, images: 0, nearest: 0 };
    tallies.set(key, known);
    return known;
  };
  for (let i = 0; i < groups.train.length; i++) tally(true, groups.train[i]!).images++;
  for (let i = 0; i < groups.holdout.length; i++) tally(false, groups.holdout[i]!).images++;
  for (let i = 0; i < n; i++) {
    const difference = train.distance[i]! - holdout.distance[i]!;
    // A real image that is in both sets is no sign of either.
    const weight = Math.abs(difference) < 1e-12 ? 0.5 : difference < 0 ? 1 : 0;
    if (weight > 0) tally(true, groups.train[train.index[i]!]!).nearest += weight;
    if (weight < 1) tally(false, groups.holdout[holdout.index[i]!]!).nearest += 1 - weight;
  }
  const all = [...tallies.values()];
  const members = all.filter(({ member }) => member).length;
  const others = all.length - members;
  if (n === 0 || Math.min(members, others) < 2) return null;
  const images = groups.train.length + groups.holdout.length;
  const expected = groups.train.length / images;
  let [sum, squares] = [0, 0];
  for (const { member, images: own, nearest: found } of all) {
    if (member) sum += found;
    squares += (found - (n * own) / images) ** 2;
  }
  const sd = Math.sqrt((members * others * squares) / (all.length * (all.length - 1)));
  const z = sd > 0 ? (sum - n * expected) / sd : 0;
  const [value, half] = [sum / n, (1.96 * sd) / n];
  return {
    share: { value, low: Math.max(0, value - half), high: Math.min(1, value + half) },
    expected,
    z,
    p: normalUpper(z),
    n,
  };
}
