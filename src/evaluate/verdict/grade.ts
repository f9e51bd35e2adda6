import type { Likeness } from "./likeness.ts";

/** From worst to best. */
export const GRADES = ["noise", "unlike", "partial", "close", "indistinguishable"] as const;

/** How near a set comes to real images by one extractor. */
export type Grade = (typeof GRADES)[number];

/** Place of a grade, 0 the worst. */
export const rank = (grade: Grade): number => GRADES.indexOf(grade);

/** The less favourable of two grades. */
export const worse = (a: Grade, b: Grade): Grade => (rank(a) < rank(b) ? a : b);

/** The farthest that a set of a grade may lie from real images, by each of four measures. */
interface Limits {
  /** FID divided by that of other real images. */
  readonly fid: number;
  /** KID above that of other real images, in standard deviations of KID between random halves of real images. */
  readonly kid: number;
  /** 1-NN accuracy above that of other real images (1/2 where that is less). */
  readonly oneNearestNeighbour: number;
  /** Least coverage, divided by that of other real images. */
  readonly coverage: number;
}

/** How far images without content lie from real images. */
export interface Noise {
  readonly fid: number;
  readonly oneNearestNeighbour: number;
}

/** Calibrated by bench/verdict.mjs; docs/metrics.md has the table. */
export const LIMITS: Readonly<Record<"indistinguishable" | "close" | "partial", Limits>> = {
  indistinguishable: { fid: 1.75, kid: 2, oneNearestNeighbour: 0.05, coverage: 0.9 },
  close: { fid: 3, kid: 3, oneNearestNeighbour: 0.1, coverage: 0.8 },
  partial: { fid: 6, kid: 6, oneNearestNeighbour: 0.14, coverage: 0.4 },
};

/** The same measures of a set. */
export function distancesOf({ fid, kid, oneNearestNeighbour, coverage }: Likeness): Limits {
  const ratio = (value: number, floor: number) =>
    floor > 0 ? value / floor : value > 0 ? Number.POSITIVE_INFINITY : 1;
  const above = Math.max(0, kid.value - kid.floor);
  return {
    fid: ratio(fid.value, fid.floor),
    kid: above === 0 ? 0 : above / kid.deviation,
    oneNearestNeighbour: oneNearestNeighbour.value - Math.max(0.5, oneNearestNeighbour.floor),
    coverage: coverage.floor > 0 ? coverage.value / coverage.floor : 1,
  };
}

/** Whether every measure is within the limits of a grade. */
function within(found: Limits, limits: Limits): boolean {
  return (
    found.fid <= limits.fid &&
    found.kid <= limits.kid &&
    found.oneNearestNeighbour <= limits.oneNearestNeighbour &&
    found.coverage >= limits.coverage
  );
}

/**
 * The best grade whose limits no measure breaks, so that the least favourable measure decides. Beyond the last limits it
 * is `unlike`, or `noise` where FID and 1-NN accuracy are at least those of images without content.
 * @param noise Of images without content at the same n.
 */
export function gradeOf(found: Likeness, noise: Noise): Grade {
  const distances = distancesOf(found);
  for (const grade of ["indistinguishable", "close", "partial"] as const) {
    if (within(distances, LIMITS[grade])) return grade;
  }
  const asFar = found.fid.value >= noise.fid && found.oneNearestNeighbour.value >= noise.oneNearestNeighbour;
  return asFar ? "noise" : "unlike";
}
