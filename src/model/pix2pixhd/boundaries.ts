import { abs, add, clamp, concat, mul, pad, reduceSum, slice, sub, type Tensor } from "../../graph/index.ts";
import { MAP_CHANNELS } from "../family.ts";

/** Conditions differ by at least one part in as many as this; see docs/maps.md. */
const LEVELS = 256;

/** Channels of a map with its boundaries. */
export const OUTLINED_CHANNELS = MAP_CHANNELS + 1;

/**
 * Boundaries of the lesion's region: maps [N, 3, S, S] => [N, 1, S, S], 1 at pixels whose condition differs from that of one of the four
 * neighbours, else 0 (arXiv 1711.11585, section 3.3, of instances of objects).
 */
export function boundaries(maps: Tensor): Tensor {
  const [count, , size] = maps.shape;
  const condition = slice(maps, [0, 1, 0, 0], [count!, MAP_CHANNELS - 1, size!, size!]);
  const steps = ([2, 3] as const).map((axis) => {
    const extents = condition.shape.map((extent, i) => (i === axis ? extent - 1 : extent));
    const part = (start: number) =>
      slice(
        condition,
        [0, 1, 2, 3].map((i) => (i === axis ? start : 0)),
        extents,
      );
    const differs = reduceSum(abs(sub(part(1), part(0))), [1]);
    const before = [0, 1, 2, 3].map((i) => (i === axis ? 1 : 0));
    const none = [0, 0, 0, 0];
    // Each difference belongs to the pixels of both sides.
    return add(pad(differs, before, none), pad(differs, none, before));
  });
  return clamp(mul(add(steps[0]!, steps[1]!), LEVELS), 0, 1);
}

/** Maps [N, 3, S, S] with their boundaries [N, 4, S, S]. */
export const outlined = (maps: Tensor): Tensor => concat([maps, boundaries(maps)], 1);
