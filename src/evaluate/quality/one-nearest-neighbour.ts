import type { Linear64, Matrix } from "../../math/linear/linear64.ts";
import { mean } from "../../math/mean.ts";
import { type Neighbourhoods, neighbourhoods } from "./neighbourhood.ts";

const vote = (own2: number, other2: number): number => (own2 < other2 ? 1 : own2 > other2 ? 0 : 0.5);

/**
 * What each image adds to the accuracy of a 1-nearest-neighbour classifier that is asked, leaving the image itself out,
 * which set it comes from: 1 where the nearest other image is of its own set, 0 where it is of the other set, 1/2 where
 * both are equally near. Real samples first, then synthetic ones; length n + m.
 */
export function oneNearestNeighbourParts(near: Neighbourhoods): Float64Array {
  const { real, synthetic, nearestSynthetic2, nearestReal2 } = near;
  const n = nearestSynthetic2.length;
  const parts = new Float64Array(n + nearestReal2.length);
  for (let i = 0; i < n; i++) parts[i] = vote(real.first2[i]!, nearestSynthetic2[i]!);
  for (let j = 0; j < nearestReal2.length; j++) parts[n + j] = vote(synthetic.first2[j]!, nearestReal2[j]!);
  return parts;
}

/**
 * Leave-one-out accuracy of a 1-nearest-neighbour classifier that tells real from synthetic images (Lopez-Paz and Oquab
 * 2017, arXiv 1610.06545, section 2; as a measure of GANs Xu et al. 2018, arXiv 1806.07755, section 3.5). About 1/2 where
 * the sets cannot be told apart, 1 where they lie apart, towards 0 where synthetic images repeat real ones. Meant for sets
 * of equal size: with others the larger one sets the level.
 * @param real `[n,d]`, n >= 2
 * @param synthetic `[m,d]`, m >= 2
 */
export async function oneNearestNeighbour(real: Matrix, synthetic: Matrix, linear: Linear64): Promise<number> {
  return mean(oneNearestNeighbourParts(await neighbourhoods(real, synthetic, 1, linear)));
}
