import { leakySlope } from "./ops.ts";
import type { AnyTensor, Tensor } from "./tensor.ts";

/**
 * Rule for `simplify`: the slope of a leaky rectifier is read from what came out of it, which has the sign of what went
 * in. Then nothing but the rectifier needs its input, and a convolution before it can apply it by itself.
 */
export function slopeByActivation(): (node: AnyTensor) => Tensor {
  const activations = new Map<string, Tensor>();
  return (node) => {
    if (node.op === "leakyRelu" && node.attributes.slope > 0) {
      activations.set(`${node.inputs[0]!.id} ${node.attributes.slope}`, node as Tensor);
    }
    if (node.op !== "leakySlope") return node as Tensor;
    const { slope } = node.attributes;
    const activation = activations.get(`${node.inputs[0]!.id} ${slope}`);
    return activation === undefined ? (node as Tensor) : leakySlope(activation, slope);
  };
}
