import type { OpAttributes, OpName } from "./op-set.ts";
import type { Shape } from "./shape.ts";
import { inferShape } from "./shape-rules.ts";

export type { ConvGeometry, OpAttributes, OpName } from "./op-set.ts";
export { graphError, inversePermutation, type Shape, sameShape, sizeOf, stridesOf } from "./shape.ts";

/** A node of the graph: the value of one operation. Immutable; identity is `id`. */
export interface Tensor<K extends OpName = OpName> {
  readonly id: number;
  readonly op: K;
  readonly inputs: readonly Tensor[];
  readonly attributes: OpAttributes[K];
  readonly shape: Shape;
}

/** The union over all operations, so that a switch on `op` narrows `attributes`. */
export type AnyTensor = { [K in OpName]: Tensor<K> }[OpName];

let nextId = 0;

/**
 * Makes a node and infers its shape.
 * @throws GanglionError `graph` naming the operation and the shapes that do not fit
 */
export function makeTensor<K extends OpName>(op: K, inputs: readonly Tensor[], attributes: OpAttributes[K]): Tensor<K> {
  const shape = inferShape(
    op,
    inputs.map((t) => t.shape),
    attributes,
  );
  return { id: nextId++, op, inputs, attributes, shape };
}

/** Every node that `outputs` depend on, each after its inputs; not looking behind nodes that `isKnown` accepts. */
export function topologicalOrder(outputs: readonly Tensor[], isKnown?: (t: Tensor) => boolean): AnyTensor[] {
  const order: AnyTensor[] = [];
  const seen = new Set<number>();
  const stack: { node: Tensor; next: number }[] = [];
  for (const output of outputs) {
    if (seen.has(output.id) || isKnown?.(output)) continue;
    seen.add(output.id);
    stack.push({ node: output, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      if (top.next < top.node.inputs.length) {
        const child = top.node.inputs[top.next++]!;
        if (!seen.has(child.id) && !isKnown?.(child)) {
          seen.add(child.id);
          stack.push({ node: child, next: 0 });
        }
      } else {
        order.push(top.node as AnyTensor);
        stack.pop();
      }
    }
  }
  return order;
}
