import { add, broadcastTo, concat, reduceMean, reshape, sqrt, square, sub, type Tensor } from "../graph/index.ts";

/** Most images that are compared with each other. */
const GROUP = 4;

/** Images of a group in a batch: the most, up to four, that divide it; all of them where only 1 does, since one differs from none. */
export function groupOf(batch: number): number {
  let group = Math.min(GROUP, batch);
  while (batch % group !== 0) group--;
  return group === 1 ? batch : group;
}

/**
 * Standard deviation over the images of each group, mean over all features (Karras et al. 2018, arXiv 1710.10196, section 3):
 * x [N, C, H, W] => [N / group, 1, 1]. Images that lie next to each other are a group.
 */
export function groupDeviations(x: Tensor, group: number): Tensor {
  const [count, ...extents] = x.shape;
  const features = extents.reduce((product, extent) => product * extent, 1);
  const apart = reshape(x, [count! / group, group, features]);
  const variance = reduceMean(square(sub(apart, reduceMean(apart, [1]))), [1]);
  return reduceMean(sqrt(add(variance, 1e-8)), [2]);
}

/** x [N, C, H, W] with a further map, constant over each image: the deviations [N / group, 1, 1] of its group. */
export function withDeviations(x: Tensor, deviations: Tensor): Tensor {
  const [count, , height, width] = x.shape;
  const groups = deviations.shape[0]!;
  const spread = broadcastTo(deviations, [groups, count! / groups, height! * width!]);
  return concat([x, reshape(spread, [count!, 1, height!, width!])], 1);
}
