import type { Linear64 } from "../math/linear/linear64.ts";
import type { MeasuredTest } from "./measured.ts";
import type { MembershipScores } from "./membership/scores.ts";
import type { AuditSets } from "./open-sets.ts";
import type { Scope } from "./scopes.ts";
import type { SpaceDistances } from "./space-distances.ts";
import type { Space } from "./spaces.ts";

/** What is known of one space before its tests are made. */
export interface SpaceContext {
  readonly sets: AuditSets;
  readonly space: Space;
  readonly distances: SpaceDistances;
  readonly scopes: readonly Scope[];
  /** Of every attack on membership. */
  readonly scores: readonly MembershipScores[];
  readonly linear: Linear64;
  readonly seed: number;
}

/** Makes the tests of one kind in one space. */
export type SpaceTest = (context: SpaceContext) => Promise<MeasuredTest[]>;
