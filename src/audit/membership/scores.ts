import { Rng } from "../../core/rng.ts";
import { type Linear64, takeRows } from "../../math/linear/linear64.ts";
import type { AuditSets } from "../open-sets.ts";
import type { Space } from "../spaces.ts";
import type { Measure, MembershipAttack } from "./attack.ts";
import { ATTACKS } from "./attacks.ts";

/** Attack scores of every training and held-out image; higher is more like a member. */
export interface MembershipScores {
  readonly attack: MembershipAttack;
  readonly space: string;
  /** False where the held-out images are of one patient, so that no half of them is a reference for the other: all scores are NaN. */
  readonly comparable: boolean;
  /** Half (0 or 1) that each image is in; an image is scored with the other half of the held-out images as reference. */
  readonly trainHalf: Uint8Array;
  readonly holdoutHalf: Uint8Array;
  readonly train: Float64Array;
  readonly holdout: Float64Array;
  /** Scores of all training images with the same reference, for the control of members against members. */
  readonly control: Float64Array;
  /**
   * Minus what is measured against the reference, without the synthetic images: it separates training from held-out images
   * only where the two sets differ by themselves.
   */
  readonly shift: { readonly train: Float64Array; readonly holdout: Float64Array };
}

/** Puts each group (patient) into half 0 or 1, seeded. */
function halves(groups: Int32Array, seed: number, key: string): Uint8Array {
  const names = new Rng(seed, "halves", key).shuffle([...new Set(groups)]);
  const half = new Map(names.map((name, i) => [name, i % 2]));
  return Uint8Array.from(groups, (group) => half.get(group) as number);
}

async function scoresOf(
  attack: MembershipAttack,
  space: string,
  half: { readonly train: Uint8Array; readonly holdout: Uint8Array },
  measure: Measure,
): Promise<MembershipScores> {
  const parts = async (of: "train" | "holdout") => {
    const own = await measure("synthetic", of);
    const reference = [await measure(0, of), await measure(1, of)];
    // An image is never measured against a reference that holds it: half 0 is scored with half 1 and the other way round.
    const other = own.map((_, i) => reference[1 - half[of][i]!]![i]!);
    return {
      score: own.map((value, i) => value - other[i]!),
      shift: other.map((v) => -v),
      same: own.map((v, i) => v - reference[0]![i]!),
    };
  };
  const train = await parts("train");
  const holdout = await parts("holdout");
  return {
    attack,
    space,
    comparable: true,
    trainHalf: half.train,
    holdoutHalf: half.holdout,
    train: train.score,
    holdout: holdout.score,
    control: train.same,
    shift: { train: train.shift, holdout: holdout.shift },
  };
}

/** Whether held-out images are of two people or more, so that half of them can be the reference for the other half. */
export const hasReference = ({ groups }: AuditSets["holdout"]): boolean => new Set(groups).size > 1;

/** What there is of an attack without a reference. */
function unscored(
  attack: MembershipAttack,
  space: string,
  half: { readonly train: Uint8Array; readonly holdout: Uint8Array },
): MembershipScores {
  const nothing = ({ length }: Uint8Array) => new Float64Array(length).fill(Number.NaN);
  return {
    attack,
    space,
    comparable: false,
    trainHalf: half.train,
    holdoutHalf: half.holdout,
    train: nothing(half.train),
    holdout: nothing(half.holdout),
    control: nothing(half.train),
    shift: { train: nothing(half.train), holdout: nothing(half.holdout) },
  };
}

/**
 * Every attack in one space. An attacker holds the synthetic set and reference images of the same kind: half of the
 * held-out images, patients kept together; members and non-members are scored with the same references.
 */
export async function membershipScores(
  { train, holdout }: AuditSets,
  space: Space,
  linear: Linear64,
  seed: number,
): Promise<MembershipScores[]> {
  const half = { train: halves(train.groups, seed, "train"), holdout: halves(holdout.groups, seed, "holdout") };
  if (!hasReference(holdout)) return ATTACKS.map((attack) => unscored(attack, space.name, half));
  const reference = (side: 0 | 1) => {
    const chosen = Int32Array.from(half.holdout, (_, i) => i).filter((i) => half.holdout[i] === side);
    return takeRows(space.holdout, chosen);
  };
  const held = { synthetic: space.synthetic, 0: reference(0), 1: reference(1) };
  const scores: MembershipScores[] = [];
  for (const attack of ATTACKS) {
    const measure = await attack.prepare(space, held, { linear, seed });
    scores.push(await scoresOf(attack, space.name, half, measure));
  }
  return scores;
}
