/** Sum from the first to the last. */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

/** Arithmetic mean; NaN of an empty list. */
export const mean = (values: ArrayLike<number>): number => sum(values) / values.length;

/** Variance with divisor n - 1. */
export function variance(values: ArrayLike<number>): number {
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - centre) ** 2;
  return squares / (values.length - 1);
}

/** Standard deviation with divisor n - 1. */
export const deviation = (values: ArrayLike<number>): number => Math.sqrt(variance(values));
