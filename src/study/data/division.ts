import { Rng } from "../../core/rng.ts";
import { stratifiedSplit } from "../../data/index.ts";

/** How the real training images are divided. */
export interface Division {
  /** Whether training is stopped on the image, which is not learnt from then. */
  readonly validation: readonly boolean[];
  /**
   * Place of each image in [0, 1), equal for the images of a patient: a share s of the patients is all below s, so that a
   * smaller share is part of a larger one.
   */
  readonly ranks: readonly number[];
}

/** Halvings of the patients that keep the classes in proportion; 1/64 is the smallest share that is stratified. */
const HALVINGS = 6;

/**
 * Divides images by patient, stratified by class. Validation and training images have ranks of their own, so that a share of
 * the patients is a share of both.
 * @param patients Patient of each image; an image without one stands alone.
 * @param validation Share of the images on which training is stopped, in (0, 1).
 */
export function divideTraining(
  labels: readonly string[],
  patients: readonly (string | undefined)[],
  { validation, seed }: { readonly validation: number; readonly seed: number },
): Division {
  const of = <T>(values: readonly T[], indices: readonly number[]) => indices.map((i) => values[i]!);
  const [kept, held] = stratifiedSplit(labels, { fractions: [1 - validation, validation], groups: patients, seed });
  const ranks = new Array<number>(labels.length).fill(0);
  /** Gives the images ranks in [low, low + width). */
  const rank = (indices: readonly number[], low: number, width: number, depth: number): void => {
    const names = [...new Set(of(patients, indices).map((patient, i) => patient || `image ${indices[i]}`))];
    if (depth === HALVINGS || names.length < 2) {
      const order = new Rng(seed, "ranks", Math.round(low * 2 ** HALVINGS)).shuffle(names);
      const place = new Map(order.map((name, i) => [name, i]));
      for (const i of indices) ranks[i] = low + (width * place.get(patients[i] || `image ${i}`)!) / order.length;
      return;
    }
    const halves = stratifiedSplit(of(labels, indices), {
      fractions: [0.5, 0.5],
      groups: of(patients, indices),
      seed: seed + depth + 1,
    });
    halves.forEach((half, h) => {
      if (half.length > 0) rank(of(indices, half), low + (h * width) / 2, width / 2, depth + 1);
    });
  };
  for (const part of [kept, held]) if (part!.length > 0) rank(part!, 0, 1, 0);
  const isHeld = new Set(held);
  return { validation: labels.map((_, i) => isHeld.has(i)), ranks };
}
