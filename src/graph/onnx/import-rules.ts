import * as ops from "../ops.ts";
import { broadcastShapes } from "../shape-rules.ts";
import { type AnyTensor, sizeOf, type Tensor } from "../tensor.ts";
import { maxPool } from "./import-max-pool.ts";
import type { NodeReader } from "./node-reader.ts";

export type ImportRule = (node: NodeReader) => Tensor;

/** Longest axis that is turned around element by element. */
const LONGEST_TURN = 64;
/** A factor of at least this before a clip makes a step of it. */
const STEEP = 1e20;

const unary =
  (build: (x: Tensor) => Tensor): ImportRule =>
  (node) =>
    build(node.tensor(0));

const binary =
  (build: (a: Tensor, b: Tensor) => Tensor): ImportRule =>
  (node) =>
    build(node.tensor(0), node.tensor(1));

/** Axes counted from the front. */
function axesOf(node: NodeReader, axes: readonly number[], rank: number): number[] {
  return axes.map((axis) => {
    const positive = axis < 0 ? axis + rank : axis;
    if (!Number.isInteger(positive) || positive < 0 || positive >= rank) {
      throw node.refuse(`axis ${axis} of a tensor with ${rank} axes`);
    }
    return positive;
  });
}

const allAxes = (x: Tensor): number[] => x.shape.map((_, axis) => axis);

function slope(node: NodeReader, value: number): number {
  if (value < 0) throw node.refuse(`the slope ${value} is negative`);
  return value;
}

/** Clip; one that cuts a steep line is how a rectifier's slope is written. */
function clip(node: NodeReader): Tensor {
  const x = node.tensor(0) as AnyTensor;
  if (!node.has(1) || !node.has(2)) throw node.refuse("is clipped on one side only");
  const [[low], [high]] = [node.constant(1), node.constant(2)];
  if (!Number.isFinite(low) || !Number.isFinite(high) || low! > high!) throw node.refuse(`clips to [${low}, ${high}]`);
  if (x.op !== "mul") return ops.clamp(x, low!, high!);
  for (const [i, factor] of x.inputs.entries()) {
    const known = factor as AnyTensor;
    if (known.op !== "constant" || known.attributes.data.length !== 1 || known.attributes.data[0]! < STEEP) continue;
    if (high !== 1) throw node.refuse(`clips a steep line to [${low}, ${high}]`);
    return ops.leakySlope(x.inputs[1 - i]!, slope(node, low!));
  }
  return ops.clamp(x, low!, high!);
}

function reshape(node: NodeReader): Tensor {
  const x = node.tensor(0);
  const wanted = node.constant(1).map((n, axis) => (n === 0 ? (x.shape[axis] ?? 0) : n));
  if (wanted.filter((n) => n === -1).length > 1 || wanted.some((n) => n < -1)) throw node.refuse(`to [${wanted}]`);
  const known = wanted.reduce((product, n) => (n === -1 ? product : product * n), 1);
  return ops.reshape(
    x,
    wanted.map((n) => (n === -1 ? sizeOf(x.shape) / known : n)),
  );
}

/** Turns one axis around, for the few elements of a kernel. */
function turn(node: NodeReader, x: Tensor, axis: number): Tensor {
  const extent = x.shape[axis]!;
  if (extent > LONGEST_TURN) throw node.refuse(`turns an axis of ${extent} elements around`);
  const one = x.shape.with(axis, 1);
  const zeros = x.shape.map(() => 0);
  const elements = Array.from({ length: extent }, (_, i) => ops.slice(x, zeros.with(axis, extent - 1 - i), one));
  return ops.concat(elements, axis);
}

function slice(node: NodeReader): Tensor {
  let x = node.tensor(0);
  const rank = x.shape.length;
  const starts = node.listOrInput("starts", 1, []);
  const ends = node.listOrInput("ends", 2, []);
  const axes = axesOf(node, node.listOrInput("axes", 3, [...starts.keys()]), rank);
  const steps = node.has(4) ? node.constant(4) : axes.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length)) throw node.refuse("lists differ in length");
  const from = x.shape.map(() => 0);
  const sizes = [...x.shape];
  const inside = (position: number, extent: number) =>
    Math.min(Math.max(position < 0 ? position + extent : position, 0), extent);
  axes.forEach((axis, i) => {
    const extent = x.shape[axis]!;
    if (steps[i] === -1) {
      const whole = inside(starts[i]!, extent) >= extent - 1 && ends[i]! + extent < 0;
      if (!whole) throw node.refuse("walks back over a part of an axis");
      x = turn(node, x, axis);
    } else if (steps[i] === 1) {
      from[axis] = inside(starts[i]!, extent);
      sizes[axis] = inside(ends[i]!, extent) - from[axis];
    } else {
      throw node.refuse(`has the step ${steps[i]}`);
    }
  });
  return ops.slice(x, from, sizes);
}

function pad(node: NodeReader): Tensor {
  const x = node.tensor(0);
  const mode = node.text("mode", "constant");
  if (mode !== "constant" || (node.has(2) && node.constant(2)[0] !== 0)) throw node.refuse("pads with other than zero");
  if (node.has(3)) throw node.refuse("pads chosen axes");
  const widths = node.listOrInput("pads", 1, []);
  const rank = x.shape.length;
  if (widths.length !== 2 * rank) throw node.refuse(`pads [${x.shape}] by [${widths}]`);
  // A negative width cuts.
  const [starts, ends] = [0, rank].map((from) => x.shape.map((_, axis) => Math.max(0, -widths[from + axis]!)));
  const sizes = x.shape.map((extent, axis) => extent - starts![axis]! - ends![axis]!);
  if (sizes.some((n) => n < 1)) throw node.refuse(`pads [${x.shape}] by [${widths}]`);
  const kept = ops.slice(x, starts!, sizes);
  const wider = (from: number) => x.shape.map((_, axis) => Math.max(0, widths[from + axis]!));
  return ops.pad(kept, wider(0), wider(rank));
}

function reduce(node: NodeReader, build: typeof ops.reduceSum): Tensor {
  const x = node.tensor(0);
  const listed = node.listOrInput("axes", 1, []);
  if (listed.length === 0 && node.number("noop_with_empty_axes", 0) === 1) return x;
  const axes = listed.length === 0 ? allAxes(x) : axesOf(node, listed, x.shape.length);
  return build(x, [...new Set(axes)], node.number("keepdims", 1) !== 0);
}

function matmul(node: NodeReader): Tensor {
  const unread = ["transBatchA", "transBatchB"].find((name) => node.number(name, 0) !== 0);
  if (unread !== undefined) throw node.refuse(`has ${unread}`);
  const product = ops.matmul(node.tensor(0), node.tensor(1), {
    transposeA: node.number("transA", 0) !== 0,
    transposeB: node.number("transB", 0) !== 0,
  });
  const alpha = node.number("alpha", 1);
  return alpha === 1 ? product : ops.mul(product, alpha);
}

function gemm(node: NodeReader): Tensor {
  const product = matmul(node);
  if (!node.has(2)) return product;
  const beta = node.number("beta", 1);
  return ops.add(product, beta === 1 ? node.tensor(2) : ops.mul(node.tensor(2), beta));
}

interface Window {
  stride: number;
  pads: readonly number[];
  dilations: readonly number[];
}

function windowOf(node: NodeReader): Window {
  if (!["NOTSET", "VALID"].includes(node.text("auto_pad", "NOTSET"))) throw node.refuse("has automatic padding");
  const strides = node.list("strides", [1, 1]);
  const pads = node.list("pads", [0, 0, 0, 0]);
  const dilations = node.list("dilations", [1, 1]);
  const fits = strides.length === 2 && pads.length === 4 && dilations.length === 2;
  if (!fits || strides[0] !== strides[1]) throw node.refuse(`has strides [${strides}] and pads [${pads}]`);
  const counts = [...strides, ...dilations];
  if (counts.some((n) => !Number.isInteger(n) || n < 1) || pads.some((n) => n < 0)) {
    throw node.refuse(`has strides [${strides}], dilations [${dilations}] and pads [${pads}]`);
  }
  return { stride: strides[0]!, pads, dilations };
}

/** Kernel [O,C,KH,KW] with zeros between its elements. */
function dilate(w: Tensor, [y, x]: readonly number[]): Tensor {
  if (y === 1 && x === 1) return w;
  const [o, c, h, width] = w.shape;
  const apart = ops.pad(ops.reshape(w, [o!, c!, h!, 1, width!, 1]), [0, 0, 0, 0, 0, 0], [0, 0, 0, y! - 1, 0, x! - 1]);
  const wide = ops.reshape(apart, [o!, c!, h! * y!, width! * x!]);
  return ops.slice(wide, [0, 0, 0, 0], [o!, c!, (h! - 1) * y! + 1, (width! - 1) * x! + 1]);
}

function conv(node: NodeReader): Tensor {
  const { stride, pads, dilations } = windowOf(node);
  const [top, left, bottom, right] = pads;
  const even = pads.every((n) => n === top);
  const [x, w] = [node.tensor(0), node.tensor(1)];
  if (x.shape.length !== 4 || w.shape.length !== 4) throw node.refuse(`convolves [${x.shape}] with [${w.shape}]`);
  const image = even ? x : ops.pad(x, [0, 0, top!, left!], [0, 0, bottom!, right!]);
  const geometry = { stride, padding: even ? top! : 0 };
  const groups = node.number("group", 1);
  const kernel = dilate(w, dilations);
  const bias = node.has(2) ? node.tensor(2) : undefined;
  if (groups === 1) return ops.conv2d(image, kernel, geometry, bias);
  const split = Number.isInteger(groups) && groups > 0 && kernel.shape[0]! % groups === 0;
  if (!split || kernel.shape[1]! * groups !== image.shape[1]!) {
    throw node.refuse(`convolves [${x.shape}] with [${w.shape}] in ${groups} groups`);
  }
  const part = (t: Tensor, axis: number, index: number) => {
    const extent = t.shape[axis]! / groups;
    return ops.slice(t, t.shape.map(() => 0).with(axis, index * extent), t.shape.with(axis, extent));
  };
  const apart = Array.from({ length: groups }, (_, i) =>
    ops.conv2d(part(image, 1, i), part(kernel, 0, i), geometry, bias && part(bias, 0, i)),
  );
  return ops.concat(apart, 1);
}

function convTranspose(node: NodeReader): Tensor {
  const { stride, pads, dilations } = windowOf(node);
  if (node.number("group", 1) !== 1) throw node.refuse("has groups");
  const [padding] = pads;
  if (pads.some((n) => n !== padding)) throw node.refuse(`has uneven pads [${pads}]`);
  if (node.list("output_shape", []).length > 0) throw node.refuse("has an output_shape");
  const added = node.list("output_padding", [0, 0]);
  const dy = node.tensor(0);
  const w = dilate(node.tensor(1), dilations);
  const extent = (axis: number) => (dy.shape[axis]! - 1) * stride + w.shape[axis]! - 2 * padding! + added[axis - 2]!;
  const y = ops.conv2dInputGradient(dy, w, { stride, padding: padding! }, [extent(2), extent(3)]);
  return node.has(2) ? ops.add(y, ops.reshape(node.tensor(2), [w.shape[1]!, 1, 1])) : y;
}

function resize(node: NodeReader): Tensor {
  const x = node.tensor(0);
  const [n, c, y, factor] = node.has(2) ? node.constant(2) : [];
  const nearest =
    node.text("mode", "nearest") === "nearest" &&
    node.text("coordinate_transformation_mode", "half_pixel") === "asymmetric" &&
    node.text("nearest_mode", "round_prefer_floor") === "floor";
  const whole = n === 1 && c === 1 && y === factor && Number.isInteger(factor) && factor! >= 1;
  if (!nearest || !whole) throw node.refuse("is not nearest-neighbour enlargement by one whole factor");
  return ops.upsample(x, factor);
}

function averagePool(node: NodeReader): Tensor {
  const [height, width] = node.list("kernel_shape", []);
  const strides = node.list("strides", [1, 1]);
  const plain = node.number("ceil_mode", 0) === 0 && node.list("pads", []).every((n) => n === 0);
  const blocks = height === width && strides[0] === height && strides[1] === height && height! >= 1;
  if (!plain || !blocks || node.text("auto_pad", "NOTSET") !== "NOTSET") {
    throw node.refuse("averages other than adjoining square blocks");
  }
  return ops.averagePool(node.tensor(0), height);
}

function flatten(node: NodeReader): Tensor {
  const x = node.tensor(0);
  const given = node.number("axis", 1);
  const axis = given < 0 ? given + x.shape.length : given;
  return ops.reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
}

function squeeze(node: NodeReader): Tensor {
  const x = node.tensor(0);
  const ones = allAxes(x).filter((axis) => x.shape[axis] === 1);
  const axes = axesOf(node, node.listOrInput("axes", 1, ones), x.shape.length);
  return ops.reshape(
    x,
    x.shape.filter((_, axis) => !axes.includes(axis)),
  );
}

function unsqueeze(node: NodeReader): Tensor {
  const x = node.tensor(0);
  const listed = node.listOrInput("axes", 1, []);
  const axes = axesOf(node, listed, x.shape.length + listed.length);
  const shape = [...x.shape];
  for (const axis of [...new Set(axes)].sort((a, b) => a - b)) shape.splice(axis, 0, 1);
  return ops.reshape(x, shape);
}

function logSoftmax(node: NodeReader): Tensor {
  const x = node.tensor(0);
  const [axis] = axesOf(node, [node.number("axis", -1)], x.shape.length);
  if (axis !== x.shape.length - 1) throw node.refuse(`normalises axis ${axis}, not the last`);
  return ops.logSoftmax(x);
}

function transpose(node: NodeReader): Tensor {
  const x = node.tensor(0);
  return ops.transpose(x, node.list("perm", allAxes(x).reverse()));
}

/** How each ONNX operator is written in the graph's own operations. */
export const importRules: Readonly<Record<string, ImportRule>> = {
  Identity: unary((x) => x),
  Neg: unary(ops.neg),
  Exp: unary(ops.exp),
  Log: unary(ops.log),
  Sqrt: unary(ops.sqrt),
  Tanh: unary(ops.tanh),
  Sigmoid: unary(ops.sigmoid),
  Softplus: unary(ops.softplus),
  Relu: unary((x) => ops.leakyRelu(x, 0)),
  LeakyRelu: (node) => ops.leakyRelu(node.tensor(0), slope(node, node.number("alpha", 0.01))),
  Clip: clip,
  LogSoftmax: logSoftmax,
  Add: binary(ops.add),
  Sub: binary(ops.sub),
  Mul: binary(ops.mul),
  Div: binary(ops.div),
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Slice: slice,
  Pad: pad,
  Concat: (node) => {
    const parts = node.tensors();
    if (parts.length === 0) throw node.refuse("joins nothing");
    return ops.concat(parts, axesOf(node, [node.number("axis", 0)], parts[0]!.shape.length)[0]!);
  },
  Expand: (node) => {
    const x = node.tensor(0);
    return ops.broadcastTo(x, broadcastShapes(x.shape, node.constant(1), "Expand"));
  },
  ReduceSum: (node) => reduce(node, ops.reduceSum),
  ReduceMean: (node) => reduce(node, ops.reduceMean),
  GlobalAveragePool: unary((x) => ops.reduceMean(x, [2, 3])),
  MatMul: matmul,
  "com.microsoft.FusedMatMul": matmul,
  Gemm: gemm,
  Conv: conv,
  ConvTranspose: convTranspose,
  Resize: resize,
  AveragePool: averagePool,
  MaxPool: maxPool,
};
