import type { OpAttributes, OpName } from "./op-set.ts";
import { graphError, type Shape, sameShape, sizeOf } from "./shape.ts";

type ShapeRule<K extends OpName> = (inputs: readonly Shape[], attributes: OpAttributes[K], op: K) => Shape;

/** NumPy broadcasting of two shapes. */
export function broadcastShapes(a: Shape, b: Shape, op: string): number[] {
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const x = a[a.length - i] ?? 1;
    const y = b[b.length - i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw graphError(op, `shapes [${a}] and [${b}] do not broadcast`);
    out[rank - i] = x === 1 ? y : x;
  }
  return out;
}

const unary = ([x]: readonly Shape[]): Shape => x!;
const binary = ([a, b]: readonly Shape[], _: unknown, op: string): Shape => broadcastShapes(a!, b!, op);

function requireRank(op: string, shape: Shape, rank: number): void {
  if (shape.length !== rank) throw graphError(op, `needs ${rank} axes, got [${shape}]`);
}

/** Extent of a convolution's output along one axis. */
function convExtent(op: string, extent: number, kernel: number, stride: number, padding: number): number {
  const out = Math.floor((extent + 2 * padding - kernel) / stride) + 1;
  if (out < 1) throw graphError(op, `kernel ${kernel} does not fit extent ${extent} with padding ${padding}`);
  return out;
}

const shapeRules: { readonly [K in OpName]: ShapeRule<K> } = {
  input: (_, { shape }) => shape,
  constant: (_, { shape, data }) => {
    if (sizeOf(shape) !== data.length) throw graphError("constant", `[${shape}] does not hold ${data.length} numbers`);
    return shape;
  },
  neg: unary,
  exp: unary,
  log: unary,
  sqrt: unary,
  tanh: unary,
  sigmoid: unary,
  softplus: unary,
  leakyRelu: unary,
  leakySlope: unary,
  logSoftmax: ([x], _, op) => {
    if (x!.length === 0) throw graphError(op, "needs at least one axis");
    return x!;
  },
  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  reshape: ([x], { shape }, op) => {
    if (sizeOf(x!) !== sizeOf(shape)) throw graphError(op, `[${x}] does not hold as many numbers as [${shape}]`);
    return shape;
  },
  transpose: ([x], { perm }, op) => {
    const sorted = [...perm].sort((a, b) => a - b);
    if (perm.length !== x!.length || sorted.some((axis, i) => axis !== i)) {
      throw graphError(op, `[${perm}] is not an order of the axes of [${x}]`);
    }
    return perm.map((axis) => x![axis]!);
  },
  slice: ([x], { starts, sizes }, op) => {
    const fits = starts.length === x!.length && sizes.length === x!.length;
    if (!fits || x!.some((extent, i) => starts[i]! < 0 || sizes[i]! < 1 || starts[i]! + sizes[i]! > extent)) {
      throw graphError(op, `block at [${starts}] of size [${sizes}] leaves [${x}]`);
    }
    return sizes;
  },
  pad: ([x], { before, after }, op) => {
    if (before.length !== x!.length || after.length !== x!.length || [...before, ...after].some((n) => n < 0)) {
      throw graphError(op, `[${before}] and [${after}] are not widths around [${x}]`);
    }
    return x!.map((extent, i) => extent + before[i]! + after[i]!);
  },
  concat: (inputs, { axis }, op) => {
    const [first] = inputs;
    if (first === undefined || axis < 0 || axis >= first.length) throw graphError(op, `no axis ${axis}`);
    for (const shape of inputs) {
      if (shape.length !== first.length || shape.some((extent, i) => i !== axis && extent !== first[i])) {
        throw graphError(op, `[${shape}] differs from [${first}] in another axis than ${axis}`);
      }
    }
    return first.map((extent, i) => (i === axis ? inputs.reduce((sum, shape) => sum + shape[i]!, 0) : extent));
  },
  broadcastTo: ([x], { shape }, op) => {
    if (!sameShape(broadcastShapes(x!, shape, op), shape)) throw graphError(op, `[${x}] does not widen to [${shape}]`);
    return shape;
  },
  reduceSum: ([x], { axes }, op) => {
    if (axes.some((axis) => axis < 0 || axis >= x!.length)) throw graphError(op, `axes [${axes}] not in [${x}]`);
    return x!.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  },
  matmul: ([a, b], { transposeA, transposeB }, op) => {
    if (a!.length < 2 || b!.length < 2) throw graphError(op, `needs matrices, got [${a}] and [${b}]`);
    const [m, k] = transposeA ? [a![a!.length - 1], a![a!.length - 2]] : [a![a!.length - 2], a![a!.length - 1]];
    const [k2, n] = transposeB ? [b![b!.length - 1], b![b!.length - 2]] : [b![b!.length - 2], b![b!.length - 1]];
    if (k !== k2) throw graphError(op, `inner extents ${k} and ${k2} of [${a}] and [${b}] differ`);
    return [...broadcastShapes(a!.slice(0, -2), b!.slice(0, -2), op), m!, n!];
  },
  conv2d: ([x, w, bias], { stride, padding }, op) => {
    requireRank(op, x!, 4);
    requireRank(op, w!, 4);
    if (x![1] !== w![1]) throw graphError(op, `image [${x}] and kernel [${w}] differ in channels`);
    if (bias !== undefined && !sameShape(bias, [w![0]!])) throw graphError(op, `bias [${bias}] is not [${w![0]}]`);
    return [
      x![0]!,
      w![0]!,
      convExtent(op, x![2]!, w![2]!, stride, padding),
      convExtent(op, x![3]!, w![3]!, stride, padding),
    ];
  },
  conv2dInputGradient: ([dy, w], { stride, padding, height, width }, op) => {
    requireRank(op, dy!, 4);
    requireRank(op, w!, 4);
    const fits =
      dy![1] === w![0] &&
      dy![2] === convExtent(op, height, w![2]!, stride, padding) &&
      dy![3] === convExtent(op, width, w![3]!, stride, padding);
    if (!fits) throw graphError(op, `[${dy}] is not what kernel [${w}] makes of ${height}x${width}`);
    return [dy![0]!, w![1]!, height, width];
  },
  conv2dWeightGradient: ([x, dy], { stride, padding, kernelHeight, kernelWidth }, op) => {
    requireRank(op, x!, 4);
    requireRank(op, dy!, 4);
    const fits =
      x![0] === dy![0] &&
      dy![2] === convExtent(op, x![2]!, kernelHeight, stride, padding) &&
      dy![3] === convExtent(op, x![3]!, kernelWidth, stride, padding);
    if (!fits) throw graphError(op, `[${dy}] is not what a ${kernelHeight}x${kernelWidth} kernel makes of [${x}]`);
    return [dy![1]!, x![1]!, kernelHeight, kernelWidth];
  },
  filter: ([x], { taps, padding }, op) => {
    requireRank(op, x!, 4);
    if (padding < 0 || padding >= taps.length)
      throw graphError(op, `padding ${padding} is not 0 to ${taps.length - 1}`);
    const [height, width] = [x![2]!, x![3]!].map((extent) => convExtent(op, extent, taps.length, 1, padding));
    return [x![0]!, x![1]!, height!, width!];
  },
  upsample: ([x], { factor }, op) => {
    requireRank(op, x!, 4);
    return [x![0]!, x![1]!, x![2]! * factor, x![3]! * factor];
  },
  sumPool: ([x], { factor }, op) => {
    requireRank(op, x!, 4);
    if (x![2]! % factor !== 0 || x![3]! % factor !== 0) throw graphError(op, `[${x}] is not a multiple of ${factor}`);
    return [x![0]!, x![1]!, x![2]! / factor, x![3]! / factor];
  },
};

/** Shape of an operation's value. @throws GanglionError `graph` when the shapes of the inputs do not fit */
export function inferShape<K extends OpName>(op: K, inputs: readonly Shape[], attributes: OpAttributes[K]): Shape {
  return shapeRules[op](inputs, attributes, op);
}
