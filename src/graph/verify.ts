import { GanglionError } from "../core/errors.ts";
import { formatNode } from "./print.ts";
import { inferShape } from "./shape-rules.ts";
import { type OpName, sameShape, type Tensor, topologicalOrder } from "./tensor.ts";

/** What is wrong with a node, or null. `inputs` holds the names seen so far with the node that introduced each. */
function faultOf<K extends OpName>(node: Tensor<K>, inputs: Map<string, number>): string | null {
  let inferred: readonly number[];
  try {
    inferred = inferShape(
      node.op,
      node.inputs.map((t) => t.shape),
      node.attributes,
    );
  } catch (cause) {
    return (cause as Error).message;
  }
  if (!sameShape(inferred, node.shape)) return `claims shape [${node.shape}], its inputs give [${inferred}]`;
  if (node.shape.some((extent) => !Number.isInteger(extent) || extent < 1)) return `has the extent of [${node.shape}]`;
  for (const [key, value] of Object.entries(node.attributes)) {
    if (typeof value === "number" && !Number.isFinite(value)) return `attribute ${key} is ${value}`;
  }
  if (node.op === "input") {
    const { name } = node.attributes as { name: string };
    if (name === "") return "has no name";
    const first = inputs.get(name);
    if (first !== undefined && first !== node.id) return `takes the name ${name}, which another input has`;
    inputs.set(name, node.id);
  }
  if (node.op === "constant" && (node.attributes as { data: Float64Array }).data.some((v) => !Number.isFinite(v))) {
    return "holds a number that is not finite";
  }
  return null;
}

/**
 * Checks every node that the outputs depend on.
 * @throws GanglionError `internal` that prints the first bad node, in evaluation order, and what is wrong with it
 */
export function verify(outputs: readonly Tensor[]): void {
  const order = topologicalOrder(outputs);
  const inputs = new Map<string, number>();
  const names = new Map(order.map((node, position) => [node.id, `%${position}`]));
  for (const node of order) {
    const fault = faultOf(node as Tensor, inputs);
    if (fault !== null) {
      throw new GanglionError("internal", `internal: bad node ${formatNode(node as Tensor, names)}: ${fault}`);
    }
  }
}
