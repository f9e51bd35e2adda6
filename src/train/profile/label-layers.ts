import { type AnyTensor, type Tensor, topologicalOrder } from "../../graph/index.ts";
import type { ParameterLayout } from "../../model/index.ts";

/** What a node does for its layer. */
type Pass = "forward" | "to data" | "to weights";

/** Follows a value back through what only moves numbers. */
function origin(tensor: Tensor): AnyTensor {
  let node = tensor as AnyTensor;
  while (node.op === "reshape" || node.op === "transpose") node = node.inputs[0] as AnyTensor;
  return node;
}

const layerOf = (parameter: string): string => parameter.replace(/\.(weight|bias)$/, "");

/**
 * The layer and pass of each product with or to a weight in a training step, by the node's id, as `NETWORK LAYER, PASS`.
 * A weight is known as a slice of its network's flat vector, its gradient by its place among the parts of one.
 */
export function labelLayers(
  outputs: Readonly<Record<string, Tensor>>,
  networks: Readonly<Record<string, ParameterLayout>>,
): Map<number, string> {
  const labels = new Map<number, string>();
  const named = Object.entries(networks);
  const networkOf = (length: number) => named.find(([, layout]) => layout.length === length);
  const label = (node: Tensor, network: string, parameter: string, pass: Pass) =>
    labels.set(node.id, `${network} ${layerOf(parameter)}, ${pass}`);

  const markGradient = (tensor: Tensor, network: string, parameter: string): void => {
    const node = origin(tensor);
    if (node.op === "add") for (const part of node.inputs) markGradient(part, network, parameter);
    if (node.op === "conv2dWeightGradient" || node.op === "matmul")
      label(node as Tensor, network, parameter, "to weights");
  };

  for (const node of topologicalOrder(Object.values(outputs))) {
    if (node.op === "concat" && node.shape.length === 1) {
      const found = networkOf(node.shape[0]!);
      const [network, layout] = found ?? [];
      if (network === undefined || layout?.parameters.length !== node.inputs.length) continue;
      for (const [i, part] of node.inputs.entries()) markGradient(part, network, layout.parameters[i]!.name);
      continue;
    }
    if (node.op !== "conv2d" && node.op !== "conv2dInputGradient" && node.op !== "matmul") continue;
    const weight = origin(node.inputs[1]!);
    if (weight.op !== "slice" || weight.shape.length !== 1) continue;
    const [network, layout] = networkOf(weight.inputs[0]!.shape[0]!) ?? [];
    const parameter = layout?.parameters.find(({ offset }) => offset === weight.attributes.starts[0]);
    if (network === undefined || parameter === undefined) continue;
    // A linear layer reads its weight transposed; its gradient to the data reads it as it lies.
    const forward = node.op === "conv2d" || (node.op === "matmul" && node.attributes.transposeB);
    label(node as Tensor, network, parameter.name, forward ? "forward" : "to data");
  }
  return labels;
}
