import type { Linear64, Matrix } from "../../math/linear/linear64.ts";
import { mean } from "../../math/mean.ts";
import { type Neighbourhoods, neighbourhoods } from "./neighbourhood.ts";

/**
 * 1 per authentic synthetic sample, else 0. Sample j with nearest real i* is authentic iff d(j,i*) > d(i*, the real
 * sample nearest to i*): a sample that sits nearer to a real image than any other real image does is suspected a copy.
 */
export function authenticityParts(near: Neighbourhoods): Float64Array {
  return near.nearestReal2.map((distance, j) => (distance > near.real.first2[near.nearestReal[j]!]! ? 1 : 0));
}

/**
 * Share of authentic synthetic samples (Alaa et al. 2022, arXiv 2102.08921, section 3.3), decided per SYNTHETIC sample.
 * 0 for a set of copies, somewhat above one half for a second real set of the same size (its floor says where): lower
 * than the floor means copying, much higher means images unlike the real ones.
 * @param real `[n,d]`, n >= 2
 * @param synthetic `[m,d]`, m >= 2
 */
export async function authenticity(real: Matrix, synthetic: Matrix, linear: Linear64): Promise<number> {
  return mean(authenticityParts(await neighbourhoods(real, synthetic, 1, linear)));
}
