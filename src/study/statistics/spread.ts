import { quantileOfTail, studentTwoSided } from "../../math/student-t.ts";

/** Where the variance of a difference comes from, and how well each part is known. */
export interface Spread {
  /** Share of the variance that comes from seeds, in [0, 1]; the rest comes from patients. */
  readonly seedShare: number;
  /** Seeds - 1. */
  readonly seedFreedom: number;
  /** Patients - 1. */
  readonly patientFreedom: number;
}

/**
 * Chance that a difference without effect lies at least `t` of its estimated standard errors from 0: Student's chances for seeds
 * and for patients, each weighted by its share of the variance (as Cochran and Cox 1957, Experimental Designs, weight critical
 * values). Exact where all variance is of one kind; between, at most the chance that it says, where one Student's t with
 * Satterthwaite's degrees of freedom errs up to three times as often with few seeds (docs/study.md).
 */
export function spreadTwoSided(t: number, { seedShare, seedFreedom, patientFreedom }: Spread): number {
  return seedShare * studentTwoSided(t, seedFreedom) + (1 - seedShare) * studentTwoSided(t, patientFreedom);
}

/** The t at which {@link spreadTwoSided} is `chance`, in (0, 1). */
export const spreadQuantile = (chance: number, spread: Spread): number =>
  quantileOfTail(chance, (t) => spreadTwoSided(t, spread));
