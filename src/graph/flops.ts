import { type AnyTensor, type Shape, sizeOf, type Tensor } from "./tensor.ts";

const convolutionFlops = (output: Shape, [, channels, height, width]: Shape): number =>
  2 * sizeOf(output) * channels! * height! * width!;

/** Floating-point operations of a matrix product or convolution (a multiplication and an addition count two); else 0. */
export function flopsOf(tensor: Tensor): number {
  const node = tensor as AnyTensor;
  switch (node.op) {
    case "matmul": {
      const [a] = node.inputs;
      const inner = a!.shape[a!.shape.length - (node.attributes.transposeA ? 2 : 1)]!;
      return 2 * sizeOf(node.shape) * inner;
    }
    case "filter":
      return 2 * sizeOf(node.shape) * node.attributes.taps.length ** 2;
    case "conv2d":
      return convolutionFlops(node.shape, node.inputs[1]!.shape);
    case "conv2dInputGradient":
      return convolutionFlops(node.inputs[0]!.shape, node.inputs[1]!.shape);
    case "conv2dWeightGradient":
      return convolutionFlops(node.inputs[1]!.shape, node.shape);
    default:
      return 0;
  }
}
