import type { Linear64, Matrix } from "../../math/linear/linear64.ts";
import type { Space } from "../spaces.ts";

/** Sets of rows that an attacker holds: the synthetic set, and the two halves of the reference images. */
type Held = "synthetic" | 0 | 1;

/** What an attack measures of each training or held-out image against a set that the attacker holds. */
export type Measure = (against: Held, of: "train" | "holdout") => Promise<Float64Array>;

/**
 * An attack on membership. The score of an image is what is measured of it against the synthetic set, less what is measured
 * against reference images; higher is more like a member.
 */
export interface MembershipAttack {
  /** Part of the id of its tests. */
  readonly name: string;
  readonly title: string;
  /** What it cannot find. */
  readonly limits: string;
  /** @param held The sets that the attacker holds, in the features of `space`. */
  prepare(
    space: Space,
    held: Readonly<Record<Held, Matrix>>,
    options: { readonly linear: Linear64; readonly seed: number },
  ): Promise<Measure>;
}
