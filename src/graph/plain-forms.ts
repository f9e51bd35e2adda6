import { gradient } from "./gradient.ts";
import type { OpAttributes } from "./op-set.ts";
import * as ops from "./ops.ts";
import { type AnyTensor, type ConvGeometry, makeTensor, type Tensor, topologicalOrder } from "./tensor.ts";

/**
 * Windows of a padded map [N,C,H,W], one for each element of the kernel: [N,C,KH*KW,H'*W']. A stride takes every so
 * many element of an axis: the axis is split in two and the first of each group kept.
 */
function unfold(x: Tensor, [kernelHeight, kernelWidth]: readonly number[], out: readonly number[], g: ConvGeometry) {
  const [count, channels, height, width] = x.shape;
  const { stride, padding } = g;
  const [rows, columns] = out;
  const missing = (n: number, kernel: number, extent: number) =>
    Math.max(0, kernel - 1 + n * stride - extent - padding);
  const padded = ops.pad(
    x,
    [0, 0, padding, padding],
    [0, 0, missing(rows!, kernelHeight!, height!), missing(columns!, kernelWidth!, width!)],
  );
  const windows: Tensor[] = [];
  for (let ky = 0; ky < kernelHeight!; ky++) {
    for (let kx = 0; kx < kernelWidth!; kx++) {
      const dense = ops.slice(padded, [0, 0, ky, kx], [count!, channels!, rows! * stride, columns! * stride]);
      const groups = ops.reshape(dense, [count!, channels!, rows!, stride, columns!, stride]);
      const kept = ops.slice(groups, [0, 0, 0, 0, 0, 0], [count!, channels!, rows!, 1, columns!, 1]);
      windows.push(ops.reshape(kept, [count!, channels!, 1, rows! * columns!]));
    }
  }
  return ops.concat(windows, 2);
}

function conv2d(x: Tensor, w: Tensor, geometry: ConvGeometry, [rows, columns]: readonly number[]): Tensor {
  const [features, channels, kernelHeight, kernelWidth] = w.shape;
  const depth = channels! * kernelHeight! * kernelWidth!;
  const windows = unfold(x, [kernelHeight!, kernelWidth!], [rows!, columns!], geometry);
  const product = ops.matmul(
    ops.reshape(w, [features!, depth]),
    ops.reshape(windows, [x.shape[0]!, depth, rows! * columns!]),
  );
  return ops.reshape(product, [x.shape[0]!, features!, rows!, columns!]);
}

/** Matrix [filtered extent, extent] that filters along one axis. */
function filterMatrix({ taps, padding }: OpAttributes["filter"], extent: number): Tensor {
  const filtered = extent + 2 * padding - taps.length + 1;
  const matrix = new Float64Array(filtered * extent);
  for (let i = 0; i < filtered; i++) {
    taps.forEach((tap, k) => {
      const from = i + k - padding;
      if (from >= 0 && from < extent) matrix[i * extent + from] = tap;
    });
  }
  return ops.constant(matrix, [filtered, extent]);
}

function plain(node: AnyTensor, inputs: readonly Tensor[]): Tensor {
  switch (node.op) {
    case "softplus": {
      const [x] = inputs;
      const above = ops.leakyRelu(x!, 0);
      const magnitude = ops.add(above, ops.leakyRelu(ops.neg(x!), 0));
      return ops.add(above, ops.log(ops.add(ops.exp(ops.neg(magnitude)), 1)));
    }
    case "leakyRelu": {
      // ONNX keeps the slope as a float32; a product keeps all of it.
      const { slope } = node.attributes;
      const above = ops.leakyRelu(inputs[0]!, 0);
      return slope === 0 ? above : ops.add(ops.mul(above, 1 - slope), ops.mul(inputs[0]!, slope));
    }
    case "conv2d": {
      const [x, w, bias] = inputs;
      const y = conv2d(x!, w!, node.attributes, node.shape.slice(2));
      return bias === undefined ? y : ops.add(y, ops.reshape(bias, [node.shape[1]!, 1, 1]));
    }
    // A convolution is linear in each operand, so its gradient in one does not contain that one: any will do.
    case "conv2dInputGradient": {
      const [dy, w] = inputs;
      const x = ops.input("image", node.shape);
      return gradient(conv2d(x, w!, node.attributes, dy!.shape.slice(2)), [x], dy)[0]!;
    }
    case "conv2dWeightGradient": {
      const [x, dy] = inputs;
      const w = ops.input("kernel", node.shape);
      return gradient(conv2d(x!, w, node.attributes, dy!.shape.slice(2)), [w], dy)[0]!;
    }
    case "filter": {
      const [rows, columns] = [2, 3].map((axis) => filterMatrix(node.attributes, node.inputs[0]!.shape[axis]!));
      return ops.matmul(rows!, ops.matmul(inputs[0]!, columns!, { transposeB: true }));
    }
    case "upsample": {
      const { factor } = node.attributes;
      const [n, c, h, w] = inputs[0]!.shape;
      const apart = ops.reshape(inputs[0]!, [n!, c!, h!, 1, w!, 1]);
      return ops.reshape(ops.broadcastTo(apart, [n!, c!, h!, factor, w!, factor]), node.shape);
    }
    case "sumPool": {
      const { factor } = node.attributes;
      const [n, c, h, w] = node.shape;
      const blocks = ops.reshape(inputs[0]!, [n!, c!, h!, factor, w!, factor]);
      return ops.reshape(ops.reduceSum(blocks, [3, 5]), node.shape);
    }
    default:
      return inputs.every((t, i) => t === node.inputs[i])
        ? (node as Tensor)
        : makeTensor((node as Tensor).op, inputs, (node as Tensor).attributes);
  }
}

/**
 * The same values from matrix products and elementwise operations alone, for element types in which ONNX Runtime has
 * no convolution, pooling, resizing or softplus: float64. Slower, not less exact.
 */
export function plainForms(outputs: readonly Tensor[]): Tensor[] {
  const replaced = new Map<number, Tensor>();
  for (const node of topologicalOrder(outputs)) {
    replaced.set(
      node.id,
      plain(
        node,
        node.inputs.map((t) => replaced.get(t.id)!),
      ),
    );
  }
  return outputs.map((t) => replaced.get(t.id)!);
}
