import { GanglionError } from "../../core/errors.ts";
import { ORDERS, renyiDivergence } from "./renyi.ts";

/** Names the rules that epsilon is counted by; kept with every run. */
export const ACCOUNTANT =
  "RDP of the Poisson-subsampled Gaussian (Mironov 2019, arXiv 1908.10530), converted by Balle 2020 (arXiv 1905.09982, theorem 21); one record added or removed";

/** Steps of one mechanism, all alike. */
export interface Mechanism {
  /** Standard deviation of the noise in units of the clipping norm. */
  readonly noiseMultiplier: number;
  /** Probability with which each record enters a step. */
  readonly samplingRate: number;
  readonly steps: number;
}

/**
 * Least epsilon over orders for Rényi divergences, at a delta (Balle et al. 2020, arXiv 1905.09982, theorem 21; also
 * Canonne et al. 2020, arXiv 2004.00010, proposition 12):
 * rdp + log((order - 1) / order) - (log delta + log order) / (order - 1).
 * @returns epsilon, at least 0, and the order that it was found at
 */
export function epsilonOf(
  divergences: readonly number[],
  delta: number,
  orders: readonly number[] = ORDERS,
): { epsilon: number; order: number } {
  let best = { epsilon: Number.POSITIVE_INFINITY, order: orders[0]! };
  orders.forEach((order, i) => {
    const epsilon = divergences[i]! + Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1);
    if (epsilon < best.epsilon) best = { epsilon: Math.max(0, epsilon), order };
  });
  return best;
}

/** Counts what steps have spent; the divergences of one step are found once. */
export class Accountant {
  readonly #perStep: readonly number[];
  readonly #delta: number;

  constructor({ noiseMultiplier, samplingRate }: Omit<Mechanism, "steps">, delta: number) {
    this.#perStep = ORDERS.map((order) => renyiDivergence(noiseMultiplier, samplingRate, order));
    this.#delta = delta;
  }

  /** Epsilon after so many steps; 0 before the first. */
  epsilon(steps: number): number {
    if (steps === 0) return 0;
    return epsilonOf(
      this.#perStep.map((rdp) => rdp * steps),
      this.#delta,
    ).epsilon;
  }
}

/** Epsilon that a mechanism has spent in all its steps. */
export const epsilonSpent = (mechanism: Mechanism, delta: number): number =>
  new Accountant(mechanism, delta).epsilon(mechanism.steps);

/** Digits behind the point that a noise multiplier is kept with. */
const DIGITS = 4;
/** Noise beyond which no image would be learnt from. */
const MAX_NOISE = 10_000;

/**
 * The least noise multiplier, to four digits, with which all steps together spend at most epsilon.
 * @throws GanglionError `usage` when no noise is enough
 */
export function noiseMultiplierFor(
  { epsilon, delta }: { epsilon: number; delta: number },
  { samplingRate, steps }: Pick<Mechanism, "samplingRate" | "steps">,
): number {
  const unit = 10 ** DIGITS;
  const spent = (units: number) => epsilonSpent({ noiseMultiplier: units / unit, samplingRate, steps }, delta);
  // Beginning above the noise at which moments take long to integrate; halved and doubled from there.
  let [low, high] = [0, unit];
  while (spent(high) > epsilon) {
    if (high >= MAX_NOISE * unit) {
      throw new GanglionError(
        "usage",
        `--dp-epsilon ${epsilon}: no noise keeps ${steps} steps below it at delta ${delta}; give a larger epsilon or delta`,
      );
    }
    [low, high] = [high, 2 * high];
  }
  if (low === 0) {
    let half = high / 2;
    while (half >= 0.05 * unit && spent(half) <= epsilon) [high, half] = [half, half / 2];
    low = half;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (spent(middle) > epsilon) low = middle;
    else high = middle;
  }
  return Math.ceil(high) / unit;
}
