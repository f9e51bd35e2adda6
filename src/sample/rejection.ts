/** Keeps log(1 - exp(x)) finite at x = 0, as in the paper. */
const EPSILON = 1e-8;

/**
 * Discriminator rejection sampling (Azadi et al. 2019, arXiv 1810.06758, section 3.2). With the logit L of an image, its
 * bound M (the highest logit so far) and the shift gamma:
 * `F = (L - M) - log(1 - exp(L - M - 1e-8))`, acceptance with probability `sigmoid(F - gamma)`.
 * Without the shift this is `exp(L - M)`, the rejection rule for the density ratio that the logit stands for. gamma is a
 * percentile of F over the burn-in, so that about 1 - percentile of the candidates have better than even odds.
 */
export class Rejection {
  #bound: number;
  readonly gamma: number;

  /** @param burnIn Logits of candidates that set the bound and gamma; @param percentile of F, 0 to 99. */
  constructor(burnIn: readonly number[], percentile: number) {
    this.#bound = burnIn.reduce((a, b) => Math.max(a, b));
    const sorted = burnIn.map((logit) => this.#odds(logit)).sort((a, b) => a - b);
    this.gamma = sorted[Math.floor((percentile / 100) * (sorted.length - 1))]!;
  }

  /** Highest logit so far. */
  get bound(): number {
    return this.#bound;
  }

  /** Probability that a candidate of this logit is accepted, in [0, 1]. */
  probability(logit: number): number {
    return 1 / (1 + Math.exp(this.gamma - this.#odds(logit)));
  }

  /** Decides on a candidate with a uniform number in [0, 1); a logit above the bound raises it for those that follow. */
  accepts(logit: number, uniform: number): boolean {
    this.#bound = Math.max(this.#bound, logit);
    return uniform < this.probability(logit);
  }

  #odds(logit: number): number {
    const below = logit - this.#bound;
    return below - Math.log(-Math.expm1(below - EPSILON));
  }
}
