import { Rng } from "../core/rng.ts";
import type { PackedStore } from "../data/index.ts";
import { toSignedRange } from "../model/signed-range.ts";

/**
 * Probability of each class in a batch: proportional to count^exponent. 1 keeps the natural distribution, 0 shows all
 * classes alike; values between mix the two, so that rare classes are trained and common ones are not forgotten.
 */
export function classWeights(counts: readonly number[], exponent: number): number[] {
  const powers = counts.map((n) => (n === 0 ? 0 : n ** exponent));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((w) => w / total);
}

/** Images of each class of a store. */
function classCounts({ classes, labels }: PackedStore): number[] {
  const counts = classes.map(() => 0);
  for (const label of labels) counts[label]!++;
  return counts;
}

/** Draws the index of an image: its class by {@link classWeights}, then one of that class. */
export function classDraw(store: PackedStore, exponent: number): (rng: Rng) => number {
  const members: number[][] = store.classes.map(() => []);
  for (let i = 0; i < store.count; i++) members[store.labels[i]!]!.push(i);
  const weights = classWeights(classCounts(store), exponent);
  return (rng) => {
    const own = members[rng.weighted(weights)]!;
    return own[rng.integer(own.length)]!;
  };
}

/** Real batches drawn from the store; what a step sees depends on seed and step alone. */
export interface BatchSource {
  /** Fills `images` (NCHW, [-1, 1]) and `labels` (one-hot) with the batch of a step. */
  fill(step: number, images: Float32Array, labels: Float32Array): void;
}

export function batchSource(
  store: PackedStore,
  { seed, batch, exponent }: { seed: number; batch: number; exponent: number },
): BatchSource {
  const draw = classDraw(store, exponent);
  const bytes = new Uint8Array(batch * store.channels * store.resolution ** 2);
  const chosen = new Int32Array(batch);
  return {
    fill(step, images, labels) {
      const rng = new Rng(seed, "batch", step);
      labels.fill(0);
      for (let n = 0; n < batch; n++) {
        chosen[n] = draw(rng);
        labels[n * store.classes.length + store.labels[chosen[n]!]!] = 1;
      }
      store.readInto(chosen, bytes);
      toSignedRange(bytes, images);
    },
  };
}
