import { GanglionError } from "../core/errors.ts";

/** Extent of each axis; `[]` is a scalar. Every extent is known when a graph is built. */
export type Shape = readonly number[];

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}

/** The permutation of axes that takes another one back. */
export const inversePermutation = (perm: readonly number[]): number[] => perm.map((_, axis) => perm.indexOf(axis));

/** Error of the graph layer, with the operation and the rule it breaks. */
export function graphError(op: string, rule: string): GanglionError {
  return new GanglionError("graph", `${op}: ${rule}`);
}
