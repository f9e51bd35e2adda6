import { concat, reshape, sizeOf, slice, type Tensor } from "../graph/index.ts";

/** Flat weights with their last numbers replaced: what a network keeps beside its weights, as the layout's last. */
export const withTail = (flat: Tensor, tail: readonly Tensor[]): Tensor => {
  const added = tail.map((t) => reshape(t, [sizeOf(t.shape)]));
  const length = added.reduce((sum, t) => sum + t.shape[0]!, 0);
  return concat([slice(flat, [0], [flat.shape[0]! - length]), ...added], 0);
};
