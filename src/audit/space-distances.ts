import type { Linear64 } from "../math/linear/linear64.ts";
import type { AuditSets } from "./open-sets.ts";
import { type NearestRow, nearest, type Space } from "./spaces.ts";

/** Nearest real images of one space, computed once for all tests. */
export interface SpaceDistances {
  /** Nearest training image of each synthetic image. */
  readonly syntheticToTrain: NearestRow;
  readonly syntheticToHoldout: NearestRow;
  readonly holdoutToTrain: NearestRow;
  /** Nearest training image of another patient. */
  readonly trainToTrain: NearestRow;
}

export async function spaceDistances(sets: AuditSets, space: Space, linear: Linear64): Promise<SpaceDistances> {
  const { train, holdout } = sets;
  return {
    syntheticToTrain: await nearest(space.train, space.synthetic, linear, train.groups),
    syntheticToHoldout: await nearest(space.holdout, space.synthetic, linear, holdout.groups),
    holdoutToTrain: await nearest(space.train, space.holdout, linear, train.groups, holdout.groups),
    trainToTrain: await nearest(space.train, space.train, linear, train.groups, train.groups),
  };
}
