import { Rng } from "../../core/rng.ts";
import type { ImageIndex, PackedArtefact } from "./packed-images.ts";

/** Images of a share of the patients that are learnt from, ascending. */
export const learntImages = (index: ImageIndex, share: number): number[] => ofShare(index, share, false);

/** Images of a share of the patients on which training is stopped, ascending. */
export const validationImages = (index: ImageIndex, share: number): number[] => ofShare(index, share, true);

function ofShare({ labels, ranks = [], validation = [] }: ImageIndex, share: number, wanted: boolean): number[] {
  return [...labels.keys()].filter((i) => ranks[i]! < share && validation[i] === wanted);
}

/** Some of the images, in the order given; their patients and places in the division are left behind. */
export function selectPacked(
  { resolution, channels, classes, labels, pixels }: PackedArtefact,
  chosen: readonly number[],
) {
  const size = channels * resolution ** 2;
  const out = new Uint8Array(chosen.length * size);
  chosen.forEach((index, place) => {
    out.set(pixels.subarray(index * size, (index + 1) * size), place * size);
  });
  return { resolution, channels, classes, labels: chosen.map((i) => labels[i]), pixels: out };
}

/** How often real images are shown to a classifier. */
export interface Repeats {
  /** How often each is there: 0 none, 1.5 once and half of each class again. */
  readonly copies: number;
  /** Images of smaller classes are repeated up to the largest class. */
  readonly oversampled: boolean;
}

/**
 * Images of an arm by index, one entry for each time an image is there; which ones are there once more than others is drawn
 * from the seed, class by class.
 * @param chosen Images that the arm may use.
 */
export function repeatedImages(
  labels: readonly number[],
  chosen: readonly number[],
  { copies, oversampled }: Repeats,
  seed: number,
): number[] {
  const found = [...new Set(chosen.map((i) => labels[i]!))].sort((a, b) => a - b);
  const byClass = found.map((label) => chosen.filter((i) => labels[i] === label));
  const largest = Math.max(0, ...byClass.map(({ length }) => length));
  return byClass.flatMap((own, place) => {
    const wanted = oversampled ? largest : Math.round(copies * own.length);
    const order = new Rng(seed, "repeats", found[place]!).shuffle([...own]);
    return Array.from({ length: wanted }, (_, k) => order[k % order.length]!);
  });
}
