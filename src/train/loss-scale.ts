/**
 * Dynamic loss scaling (Micikevicius et al. 2018, arXiv 1710.03740, section 3.2): cotangents of convolutions in float16
 * are kept within its range by a factor on the losses, which gradients are divided by again.
 */
export interface LossScale {
  readonly scale: number;
  /** Steps since the scale last changed. */
  readonly goodSteps: number;
}

export const FIRST_LOSS_SCALE: LossScale = { scale: 2 ** 12, goodSteps: 0 };

export const MIN_LOSS_SCALE = 1;
const MOST = 2 ** 24;
/** Good steps after which twice the scale is tried. */
const PATIENCE = 1000;

/** @param overflowed A gradient was infinite or not a number: the step was not taken. */
export function nextLossScale({ scale, goodSteps }: LossScale, overflowed: boolean): LossScale {
  if (overflowed) return { scale: Math.max(MIN_LOSS_SCALE, scale / 2), goodSteps: 0 };
  if (goodSteps + 1 < PATIENCE) return { scale, goodSteps: goodSteps + 1 };
  return { scale: Math.min(MOST, scale * 2), goodSteps: 0 };
}
