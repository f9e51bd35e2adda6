import { mean } from "../../math/mean.ts";

/** From worst to best. */
export const GRADES = ["noise", "unlike", "partial", "close", "indistinguishable"] as const;

/** How near a set comes to real images by one extractor. */
export type Grade = (typeof GRADES)[number];

/** Place of a grade, 0 the worst. */
export const rank = (grade: Grade): number => GRADES.indexOf(grade);

/** The less favourable of two grades. */
export const worse = (a: Grade, b: Grade): Grade => (rank(a) < rank(b) ? a : b);

/** Where a set stands between other real images and images without content. */
export interface Place {
  /**
   * Root of the share: energy distance above that of other real images, divided by that of images without content; 0 like
   * real images, 1 like the nearer of two kinds of noise.
   */
  readonly share: number;
  /** Share of the draws in which the set is told from real images. */
  readonly told: number;
  /** 1-NN accuracy above that of other real images (1/2 where that is less). */
  readonly oneNearestNeighbour: number;
  /** Coverage, divided by that of other real images. */
  readonly coverage: number;
  /** Share of the images that is of the wrong kinds, above that of other real images. */
  readonly lost: number;
  /** Share of the draws in which the kinds of images are told from those of real ones. */
  readonly lostTold: number;
}

/** Whether kinds of images are missing, by one view of the images. */
export interface Missing {
  /** How far the set lies from real images, in standard deviations of random divisions of real images. */
  readonly value: number;
  /** From here on a draw counts as told. */
  readonly threshold: number;
  /** The same of other real images without half of their kinds. */
  readonly half: number;
  /** Standard deviation of those sets. */
  readonly halfDeviation: number;
  /** Share of the draws in which the set is told from real images. */
  readonly told: number;
}

/** The farthest that a set of a grade may lie from real images. */
interface Limits {
  readonly share: number;
  readonly oneNearestNeighbour: number;
  /** Least coverage. */
  readonly coverage: number;
  readonly lost: number;
  /**
   * How much farther images are from their class than the whole set is from real images, as a share of how far images of
   * another class are; mean over the classes.
   */
  readonly swapped: number;
}

/** Calibrated by bench/verdict.mjs; docs/metrics.md has the tables. */
export const LIMITS: Readonly<Record<"close" | "partial" | "unlike", Limits>> = {
  close: { share: 0.13, oneNearestNeighbour: 0.15, coverage: 0.85, lost: 0.06, swapped: 0.25 },
  partial: { share: 0.45, oneNearestNeighbour: Number.POSITIVE_INFINITY, coverage: 0.3, lost: 0.5, swapped: 0.6 },
  unlike: {
    share: 0.9,
    oneNearestNeighbour: Number.POSITIVE_INFINITY,
    coverage: 0,
    lost: 1,
    swapped: Number.POSITIVE_INFINITY,
  },
};

/** Share of the draws from which on a set counts as told from real images. */
const TOLD = 0.5;
/** The same for the best grade of 1-NN accuracy and coverage. */
const SAME = { oneNearestNeighbour: 0.08, coverage: 0.9 };

/** The best grade whose limits the found numbers keep. */
function within(found: Partial<Limits>): Grade {
  for (const grade of ["close", "partial", "unlike"] as const) {
    const { share, oneNearestNeighbour, coverage, lost, swapped } = LIMITS[grade];
    const keeps =
      (found.share ?? 0) <= share &&
      (found.oneNearestNeighbour ?? 0) <= oneNearestNeighbour &&
      (found.coverage ?? 1) >= coverage &&
      (found.lost ?? 0) <= lost &&
      (found.swapped ?? 0) <= swapped;
    if (keeps) return grade;
  }
  return "noise";
}

/** How much each image looks like a real one. */
export function fidelityGrade({ share, told, oneNearestNeighbour }: Place): Grade {
  if (told < TOLD && oneNearestNeighbour <= SAME.oneNearestNeighbour) return "indistinguishable";
  return within({ share, oneNearestNeighbour });
}

/** How many of the real images have a synthetic one near them, and whether each kind of images is as frequent. */
export function diversityGrade({ coverage, lost, lostTold }: Pick<Place, "coverage" | "lost" | "lostTold">): Grade {
  const kinds = lostTold < TOLD ? "indistinguishable" : within({ lost });
  return worse(kinds, coverage >= SAME.coverage ? "indistinguishable" : within({ coverage }));
}

/**
 * How far on the way to a set without half of the kinds: up to `near` none need be missing, up to `sure` neither where such sets
 * lie surely farther, beyond `far` many are. Between them lie real images and sets without half of the kinds, so that nothing
 * can be said.
 */
export const HALF_WAY = { near: 0.05, sure: 0.1, far: 0.6 };
/** Standard deviations of such sets below their mean where hardly any of them lies. */
const SURE = 1.8;
/** Share of the threshold up to which a set is so far from being told that none need be missing. */
export const NEARLY_TOLD = 0.5;

/**
 * Whether kinds of images are missing.
 * @returns null where it cannot be said
 */
export function kindsGrade(found: Missing): "indistinguishable" | "partial" | null {
  const { value, threshold, half, halfDeviation, told } = found;
  const near = Math.max(HALF_WAY.near * half, Math.min(HALF_WAY.sure * half, half - SURE * halfDeviation));
  if (value <= near && value <= NEARLY_TOLD * threshold) return "indistinguishable";
  return told >= TOLD && value > HALF_WAY.far * half ? "partial" : null;
}

/** A class beyond this is of another class, whatever the others are. */
const WRONG_CLASS = 0.5;

/**
 * Whether the images of each class are of that class.
 * @param swapped by class; those told from their real images alone count against a set
 */
export function classGrade(classes: readonly { readonly told: boolean; readonly swapped: number | null }[]): Grade {
  const tested = classes.flatMap(({ told, swapped }) => (swapped === null ? [] : [{ told, swapped }]));
  if (!tested.some(({ told }) => told)) return "indistinguishable";
  const whole = within({ swapped: mean(tested.map(({ swapped }) => swapped)) });
  return tested.some(({ told, swapped }) => told && swapped > WRONG_CLASS) ? worse(whole, "partial") : whole;
}

/**
 * How near the images of a rare class come; noise is said of all images alone.
 * @param share as in {@link Place}; null where the class is not told from its real images
 */
export const groupGrade = (share: number | null): Grade => {
  if (share === null) return "indistinguishable";
  const grade = within({ share });
  return grade === "noise" ? "unlike" : grade;
};
