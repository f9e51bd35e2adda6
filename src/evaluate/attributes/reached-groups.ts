import { Rng } from "../../core/rng.ts";
import type { Linear64, Matrix } from "../../math/linear/linear64.ts";
import { mean } from "../../math/mean.ts";
import { measureMean } from "../quality/measure.ts";
import { neighbourhoods } from "../quality/neighbourhood.ts";
import { PRDC_NEIGHBOURS, prdcParts } from "../quality/prdc.ts";
import type { MatchedAttribute } from "./match-groups.ts";

/** Share of the real images of a group that synthetic images cover, taken from the comparison of all images. */
interface Reached {
  /** Real images of the group in the comparison of all images. */
  readonly n: number;
  readonly value: number;
  /** Ends of the 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** Share of the group's images in the floor's first half that other real images cover; null where it has none. */
  readonly floor: number | null;
}

/** The comparison of all images and its floor: features, and which real image each row of the real sides is. */
export interface WholeComparison {
  readonly real: Matrix;
  readonly synthetic: Matrix;
  readonly realIndices: Int32Array;
  readonly floorFirst: Matrix;
  readonly floorSecond: Matrix;
  readonly floorIndices: Int32Array;
}

async function covered(real: Matrix, synthetic: Matrix, linear: Linear64): Promise<Float64Array | null> {
  if (Math.min(real.rows, synthetic.rows) <= PRDC_NEIGHBOURS) return null;
  return prdcParts(await neighbourhoods(real, synthetic, PRDC_NEIGHBOURS, linear)).coverage;
}

/**
 * Coverage of all real images, told by group: neighbours are sought among all images, so that groups of any size stand on
 * the same number and can be compared with each other. In a comparison within a small group every ball is wide.
 * @returns By group of the attribute; null where none of its images was compared
 */
export type ReachOf = (attribute: MatchedAttribute, group: number) => Reached | null;

/** Finds which real images are covered, once for all attributes. */
export async function reachedGroups(whole: WholeComparison, linear: Linear64, seed: number): Promise<ReachOf> {
  const found = await covered(whole.real, whole.synthetic, linear);
  const floor = await covered(whole.floorFirst, whole.floorSecond, linear);
  return ({ column, realGroups, groups }, group) => {
    const own = found?.filter((_, row) => realGroups[whole.realIndices[row]!] === group);
    if (own === undefined || own.length === 0) return null;
    const other = floor?.filter((_, row) => realGroups[whole.floorIndices[row]!] === group);
    const measured = measureMean(own, new Rng(seed, "bootstrap", "reached", column, groups[group]!.value));
    return { n: own.length, ...measured, floor: other === undefined || other.length === 0 ? null : mean(other) };
  };
}
