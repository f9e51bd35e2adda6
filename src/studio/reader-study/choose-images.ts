import { GanglionError } from "../../core/errors.ts";
import { listed } from "../../core/quoted.ts";
import { Rng } from "../../core/rng.ts";
import type { Kind } from "./study-file.ts";

/** Images of both kinds that a study can draw on: index in their dataset, by class. */
export type ImagePool = Readonly<Record<Kind, ReadonlyMap<string, readonly number[]>>>;

/** An image of a study before it is decoded. */
export interface ChosenImage {
  readonly key: string;
  readonly kind: Kind;
  readonly label: string;
  /** In the dataset of its kind. */
  readonly index: number;
}

/**
 * Shares out `total` in proportion to `limits`, none above its limit (largest remainder method; of equal remainders the
 * first). `total` is at most the sum of limits.
 */
export function shareOut(limits: readonly number[], total: number): number[] {
  const sum = limits.reduce((a, b) => a + b, 0);
  const exact = limits.map((limit) => (limit * total) / sum);
  const counts = exact.map(Math.floor);
  const order = [...exact.keys()].sort((a, b) => exact[b]! - counts[b]! - (exact[a]! - counts[a]!) || a - b);
  let left = total - counts.reduce((a, b) => a + b, 0);
  for (const i of order) {
    if (left === 0) break;
    if (counts[i] === limits[i]) continue;
    counts[i]!++;
    left--;
  }
  return counts;
}

/**
 * Draws as many real as synthetic images of each class, classes in the proportions of the smaller kind of each, and gives
 * each a key that says nothing. Sorted by key.
 * @throws GanglionError `usage` when no class is in both kinds, or both together hold fewer than asked for
 */
export function chooseImages(pool: ImagePool, perKind: number, seed: number): ChosenImage[] {
  const shared = [...pool.real.keys()].filter((label) => pool.synthetic.has(label)).sort();
  const limits = shared.map((label) =>
    Math.min(pool.real.get(label)?.length ?? 0, pool.synthetic.get(label)?.length ?? 0),
  );
  const most = limits.reduce((a, b) => a + b, 0);
  if (most === 0) {
    const list = (kind: Kind) => listed([...pool[kind].keys()].sort()) || "none";
    throw new GanglionError(
      "usage",
      `no class has real and synthetic images: classes are ${list("real")} (real) and ${list("synthetic")} (synthetic); choose sets with the same class names`,
    );
  }
  if (perKind > most) {
    throw new GanglionError(
      "usage",
      `${perKind} images of each kind were asked for, and the classes that both sets have hold ${most} at most (the smaller set of each class); ask for fewer, or generate more`,
    );
  }
  const counts = shareOut(limits, perKind);
  const chosen: ChosenImage[] = [];
  const keys = new Rng(seed, "reader study", "keys");
  const taken = new Set<string>();
  const newKey = (): string => {
    const key = [keys.uint32(), keys.uint32()].map((word) => word.toString(16).padStart(8, "0")).join("");
    if (taken.has(key)) return newKey();
    taken.add(key);
    return key;
  };
  for (const [i, label] of shared.entries()) {
    for (const kind of ["real", "synthetic"] as const) {
      const members = new Rng(seed, "reader study", kind, label).shuffle([...(pool[kind].get(label) ?? [])]);
      for (const index of members.slice(0, counts[i])) chosen.push({ key: newKey(), kind, label, index });
    }
  }
  return chosen.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Order in which a reader sees the pictures: another one for each reader, the same one after a restart. */
export function readerOrder(keys: readonly string[], seed: number, reader: string): string[] {
  return new Rng(seed, "reader study", "order", reader).shuffle([...keys].sort());
}
