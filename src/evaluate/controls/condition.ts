import type { Rng } from "../../core/rng.ts";
import { bootstrap, type Interval } from "../../math/bootstrap.ts";

/** How often a classifier assigns images to the condition that was asked for. */
export interface ConditionAgreement {
  readonly n: number;
  /** Share of the images that are assigned to the asked condition. */
  readonly share: Interval | null;
  /** Mean over conditions of that share: comparable between sets whose conditions are not equally common. */
  readonly balanced: Interval | null;
  /** By condition, those with images only. */
  readonly perClass: Readonly<Record<string, Interval & { readonly n: number }>>;
  /** Images by asked (row) and assigned (column) condition, in the order of `classes`. */
  readonly confusion: readonly (readonly number[])[];
}

/** Mean over the classes that occur of the share of hits; NaN of none. */
function balancedShare(asked: ArrayLike<number>, assigned: ArrayLike<number>, classes: number, of: Int32Array): number {
  const all = new Float64Array(classes);
  const hits = new Float64Array(classes);
  for (let i = 0; i < of.length; i++) {
    const label = asked[of[i]!]!;
    all[label]!++;
    if (assigned[of[i]!] === label) hits[label]!++;
  }
  const shares = [...hits].flatMap((hit, c) => (all[c]! > 0 ? [hit / all[c]!] : []));
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/**
 * @param asked Class index of each image.
 * @param assigned Class index that the classifier gives.
 */
export function measureCondition(
  asked: ArrayLike<number>,
  assigned: ArrayLike<number>,
  classes: readonly string[],
  rng: Rng,
): ConditionAgreement {
  const n = asked.length;
  const confusion = classes.map(() => new Array<number>(classes.length).fill(0));
  for (let i = 0; i < n; i++) confusion[asked[i]!]![assigned[i]!]!++;
  const shareOf = (members: ArrayLike<number>) => (indices: Int32Array) => {
    let hits = 0;
    for (let i = 0; i < indices.length; i++) {
      const at = members[indices[i]!]!;
      if (asked[at] === assigned[at]) hits++;
    }
    return hits / indices.length;
  };
  const everything = Int32Array.from({ length: n }, (_, i) => i);
  const perClass: Record<string, Interval & { n: number }> = {};
  classes.forEach((name, c) => {
    const members = everything.filter((i) => asked[i] === c);
    const found = bootstrap(members.length, shareOf(members), rng);
    if (found !== null) perClass[name] = { ...found, n: members.length };
  });
  return {
    n,
    share: bootstrap(n, shareOf(everything), rng),
    balanced: bootstrap(n, (indices) => balancedShare(asked, assigned, classes.length, indices), rng),
    perClass,
    confusion,
  };
}

/** Index of the greatest logit of each row [n, classes]. */
export function assignedClasses(logits: Float32Array, classes: number): Uint16Array {
  return Uint16Array.from({ length: logits.length / classes }, (_, n) => {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}
