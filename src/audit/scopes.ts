import { quantile } from "../math/quantile.ts";
import type { AuditSets } from "./open-sets.ts";

/** Fewest images on each side for a test of part of the data. */
export const MIN_IN_SCOPE = 20;
/** Rare classes that get tests of their own. */
const RAREST = 2;
/** Share of the training images that count as outliers: those farthest from every image of other patients. */
const OUTLIERS = 0.1;

/** Part of the real images that a test is about. */
export interface Scope {
  /** `all`, `class:NAME` or `outliers`. */
  readonly name: string;
  /** Index into the classes, for a class. */
  readonly label: number | null;
  readonly train: Int32Array;
  readonly holdout: Int32Array;
}

const where = (n: number, holds: (i: number) => boolean): Int32Array =>
  Int32Array.from({ length: n }, (_, i) => i).filter(holds);

/**
 * All images; the {@link RAREST} rarest classes of the training set that have enough images to be tested; the outliers.
 * @param isolation Distance of each training and each held-out image to the nearest training image of another patient.
 */
export function scopesOf(
  { train, holdout, classes }: AuditSets,
  isolation: { readonly train: Float64Array; readonly holdout: Float64Array },
): Scope[] {
  const [n, m] = [train.store.count, holdout.store.count];
  const scopes: Scope[] = [{ name: "all", label: null, train: where(n, () => true), holdout: where(m, () => true) }];
  const counts = classes.map((_, c) => train.labels.reduce((sum, label) => sum + (label === c ? 1 : 0), 0));
  const rarest = classes
    .map((name, c) => ({ name, c, count: counts[c]! }))
    .filter(({ name, count }) => name !== "" && count! > 0 && count! < n)
    .sort((a, b) => a.count - b.count || a.c - b.c)
    .filter(({ c }) => {
      const held = holdout.labels.reduce((sum, label) => sum + (label === c ? 1 : 0), 0);
      return counts[c]! >= MIN_IN_SCOPE && held >= MIN_IN_SCOPE;
    })
    .slice(0, RAREST);
  for (const { name, c } of rarest) {
    scopes.push({
      name: `class:${name}`,
      label: c,
      train: where(n, (i) => train.labels[i] === c),
      holdout: where(m, (i) => holdout.labels[i] === c),
    });
  }
  const limit = quantile(isolation.train.slice().sort(), 1 - OUTLIERS);
  const far = (values: Float64Array) => where(values.length, (i) => values[i]! > limit);
  const outliers = { name: "outliers", label: null, train: far(isolation.train), holdout: far(isolation.holdout) };
  if (Math.min(outliers.train.length, outliers.holdout.length) >= MIN_IN_SCOPE) scopes.push(outliers);
  return scopes;
}
