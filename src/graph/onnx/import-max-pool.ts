import * as ops from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import type { NodeReader } from "./node-reader.ts";

/** Geometry of a pool along one axis. */
interface AxisWindow {
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
}

/** The greater of two tensors of one shape. */
const greater = (a: Tensor, b: Tensor): Tensor => ops.add(a, ops.leakyRelu(ops.sub(b, a), 0));

/** `count` rows of an axis before the last one, each `step` after the one before. */
function everyNth(x: Tensor, axis: number, start: number, step: number, count: number): Tensor {
  const extent = x.shape[axis]!;
  const zeros = x.shape.map(() => 0);
  if (step === 1) return ops.slice(x, zeros.with(axis, start), x.shape.with(axis, count));
  const missing = Math.max(0, start + count * step - extent);
  // Only so that the elements can be laid out in rows of `step`: what is added is in no first column.
  const longer = missing === 0 ? x : ops.pad(x, zeros, zeros.with(axis, missing));
  const part = ops.slice(longer, zeros.with(axis, start), longer.shape.with(axis, count * step));
  const rows = ops.reshape(part, [...x.shape.slice(0, axis), count, step, ...x.shape.slice(axis + 1)]);
  const first = ops.slice(
    rows,
    rows.shape.map(() => 0),
    rows.shape.with(axis + 1, 1),
  );
  return ops.reshape(first, x.shape.with(axis, count));
}

/** The border repeated: a window that looks over it sees the border too, so its maximum stays what it was. */
function repeatBorder(x: Tensor, axis: number, before: number, after: number): Tensor {
  const extent = x.shape[axis]!;
  const at = (position: number) => ops.slice(x, x.shape.map(() => 0).with(axis, position), x.shape.with(axis, 1));
  const copies = (position: number, count: number) => Array.from({ length: count }, () => at(position));
  return before + after === 0 ? x : ops.concat([...copies(0, before), x, ...copies(extent - 1, after)], axis);
}

/** The elements of each window at one offset, along an axis before the last one. */
function shiftedRows(x: Tensor, axis: number, { kernel, stride, before, after }: AxisWindow, count: number): Tensor[] {
  const beyond = Math.max(after, (count - 1) * stride + kernel - x.shape[axis]! - before);
  const wide = repeatBorder(x, axis, before, beyond);
  return Array.from({ length: kernel }, (_, offset) => everyNth(wide, axis, offset, stride, count));
}

/**
 * The same along the last axis, by products with matrices of zeros and ones, which are exact: moving single numbers about takes the
 * runtime several times as long, forward and back.
 */
function shiftedColumns(x: Tensor, { kernel, stride, before }: AxisWindow, count: number): Tensor[] {
  const extent = x.shape.at(-1)!;
  return Array.from({ length: kernel }, (_, offset) => {
    const chosen = new Float64Array(extent * count);
    for (let i = 0; i < count; i++) {
      const position = Math.min(extent - 1, Math.max(0, i * stride + offset - before));
      chosen[position * count + i] = 1;
    }
    return ops.matmul(x, ops.constant(chosen, [extent, count]));
  });
}

const maxAlong = (x: Tensor, axis: number, window: AxisWindow, count: number): Tensor =>
  (axis === x.shape.length - 1 ? shiftedColumns(x, window, count) : shiftedRows(x, axis, window, count)).reduce(
    greater,
  );

/** Windows along an axis; one more where `ceil_mode` lets the last one look over the end (PyTorch's rule: it must begin inside). */
function windowCount(extent: number, { kernel, stride, before, after }: AxisWindow, ceil: boolean): number {
  const free = extent + before + after - kernel;
  const count = (ceil ? Math.ceil(free / stride) : Math.floor(free / stride)) + 1;
  return ceil && (count - 1) * stride >= extent + before ? count - 1 : count;
}

/**
 * MaxPool, one axis after the other, from maxima of two: `max(a, b) = a + relu(b - a)`. Where several elements are the greatest, the
 * gradient goes to the first.
 */
export function maxPool(node: NodeReader): Tensor {
  const x = node.tensor(0);
  if (x.shape.length !== 4) throw node.refuse(`pools [${x.shape}]`);
  const kernel = node.list("kernel_shape", []);
  const strides = node.list("strides", [1, 1]);
  const pads = node.list("pads", [0, 0, 0, 0]);
  const plain = node.list("dilations", [1, 1]).every((n) => n === 1) && node.number("storage_order", 0) === 0;
  const counts = [...kernel, ...strides];
  const fits =
    kernel.length === 2 &&
    strides.length === 2 &&
    pads.length === 4 &&
    counts.every((n) => Number.isInteger(n) && n > 0);
  if (
    !plain ||
    !fits ||
    node.text("auto_pad", "NOTSET") !== "NOTSET" ||
    pads.some((n, i) => n < 0 || n >= kernel[i % 2]!)
  ) {
    throw node.refuse(`pools by [${kernel}] with strides [${strides}] and pads [${pads}]`);
  }
  const ceil = node.number("ceil_mode", 0) !== 0;
  return [0, 1].reduce((value, i) => {
    const along = { kernel: kernel[i]!, stride: strides[i]!, before: pads[i]!, after: pads[i + 2]! };
    const count = windowCount(value.shape[i + 2]!, along, ceil);
    if (count < 1) throw node.refuse(`pools [${x.shape}] by [${kernel}]`);
    return maxAlong(value, i + 2, along, count);
  }, x);
}
