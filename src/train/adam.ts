import { add, div, mul, sqrt, square, sub, type Tensor } from "../graph/index.ts";

/** Adam (Kingma and Ba 2015, arXiv 1412.6980); without {@link Momentum} beta1 is 0 and no first moment is kept. */
export interface AdamOptions {
  readonly beta2: number;
  readonly epsilon: number;
}

/** The first moment, where there is one. */
export interface Momentum {
  /** Moving average of the gradient, of the weights' shape. */
  readonly first: Tensor;
  readonly beta1: number;
  /** 1 / (1 - beta1^t), scalar, t counted from 1. */
  readonly correction: Tensor;
}

export interface AdamState {
  readonly weights: Tensor;
  /** Moving average of the squared gradient. */
  readonly second: Tensor;
}

/**
 * One update of a flat vector [P].
 * @param rates Learning rate of each weight [P], or one for all.
 * @param correction 1 / (1 - beta2^t), scalar, t counted from 1.
 */
export function adamUpdate(
  state: AdamState,
  gradient: Tensor,
  rates: Tensor,
  correction: Tensor,
  options: AdamOptions,
): AdamState {
  return update(state, gradient, gradient, rates, correction, options);
}

/** The same with momentum: the weights follow the moving average of the gradient. */
export function momentumUpdate(
  state: AdamState,
  { first, beta1, correction: firstCorrection }: Momentum,
  gradient: Tensor,
  rates: Tensor,
  correction: Tensor,
  options: AdamOptions,
): AdamState & { readonly first: Tensor } {
  const moved = add(mul(first, beta1), mul(gradient, 1 - beta1));
  return { ...update(state, gradient, mul(moved, firstCorrection), rates, correction, options), first: moved };
}

function update(
  state: AdamState,
  gradient: Tensor,
  direction: Tensor,
  rates: Tensor,
  correction: Tensor,
  { beta2, epsilon }: AdamOptions,
): AdamState {
  const second = add(mul(state.second, beta2), mul(square(gradient), 1 - beta2));
  const step = div(direction, add(sqrt(mul(second, correction)), epsilon));
  return { weights: sub(state.weights, mul(step, rates)), second };
}

/** Exponential moving average of weights: average + (1 - decay) * (weights - average); decay a scalar. */
export function averageUpdate(average: Tensor, weights: Tensor, decay: Tensor): Tensor {
  return add(average, mul(sub(weights, average), sub(1, decay)));
}
