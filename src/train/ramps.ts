/** Parts of the schedules of all models, as functions of the images seen before a step. */

export interface RampOptions {
  /** Images in a batch. */
  readonly batch: number;
  /** Images over which the learning rates rise from zero. */
  readonly warmUpImages: number;
  /** Images after which a weight's share in the moving average is halved. */
  readonly averageHalfLife: number;
  /** Upper bound of the half-life as a share of the images seen so far. */
  readonly averageRampUp: number;
}

/** Share of the full learning rates, 0..1. */
export const warmUpShare = ({ batch, warmUpImages }: RampOptions, imagesSeen: number): number =>
  warmUpImages === 0 ? 1 : Math.min(1, (imagesSeen + batch) / warmUpImages);

/** Share of the old value in the moving average of the weights, 0..1. */
export function averageDecay({ batch, averageHalfLife, averageRampUp }: RampOptions, imagesSeen: number): number {
  const halfLife = Math.min(averageHalfLife, imagesSeen * averageRampUp);
  return halfLife === 0 ? 0 : 0.5 ** (batch / halfLife);
}

/** Adam's correction of a moment, 1 / (1 - beta^t). @param updates Updates so far, t - 1 */
export const correction = (beta: number, updates: number): number => 1 / (1 - beta ** (updates + 1));

/** Images seen at which classes begin to count, and from which on they count in full. */
export interface ConditioningRamp {
  readonly startImages: number;
  readonly endImages: number;
}

/** Factor of the classes' embeddings, 0..1. */
export function conditioningShare({ startImages, endImages }: ConditioningRamp, imagesSeen: number): number {
  if (imagesSeen >= endImages) return 1;
  return Math.max(0, imagesSeen - startImages) / (endImages - startImages);
}
