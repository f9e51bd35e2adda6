/** Balanced accuracy with its 95 % interval, beside what guessing gives. */
export interface Skill {
  readonly balancedAccuracy: number;
  readonly low: number;
  readonly high: number;
  /** 1 / classes that have held-out images. */
  readonly chance: number;
  /** Held-out images. */
  readonly n: number;
}

/** Share of the way from chance to 1 that the lower end of the interval must have gone. */
const MIN_SKILL = 0.1;

/**
 * Balanced accuracy (mean of the recalls) with value ± 1.96 standard errors; the variance of each recall is binomial, of
 * (right + 1) / (n + 2), so that a class with all or none right does not count as certain (Agresti and Coull 1998).
 * @returns null where fewer than two classes have held-out images
 */
export function skillOf(recalls: readonly { readonly n: number; readonly right: number }[]): Skill | null {
  const present = recalls.filter(({ n }) => n > 0);
  if (present.length < 2) return null;
  const k = present.length;
  const balancedAccuracy = present.reduce((sum, { n, right }) => sum + right / n, 0) / k;
  const variance = present.reduce((sum, { n, right }) => {
    const share = (right + 1) / (n + 2);
    return sum + (share * (1 - share)) / (n + 2);
  }, 0);
  const reach = (1.96 * Math.sqrt(variance)) / k;
  return {
    balancedAccuracy,
    low: Math.max(0, balancedAccuracy - reach),
    high: Math.min(1, balancedAccuracy + reach),
    chance: 1 / k,
    n: present.reduce((sum, { n }) => sum + n, 0),
  };
}

/** Whether a classifier is shown to have learned its classes: the interval lies above chance by {@link MIN_SKILL}. */
export const aboveChance = ({ low, chance }: Skill): boolean => low > chance + MIN_SKILL * (1 - chance);
