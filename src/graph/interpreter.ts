import { GanglionError } from "../core/errors.ts";
import { convolve, convolveInputGradient, convolveWeightGradient } from "./interpreter-convolution.ts";
import { type OpName, type Shape, sizeOf, stridesOf, type Tensor, topologicalOrder } from "./tensor.ts";

/**
 * The reference: every operation in plain float64 loops, written for being read. Tests compare the gradients with
 * central differences here, and the runtime with this.
 */
type Evaluate<K extends OpName> = (node: Tensor<K>, inputs: readonly Float64Array[]) => Float64Array;

const unary =
  (f: (x: number) => number) =>
  (_: Tensor, [x]: readonly Float64Array[]): Float64Array =>
    x!.map(f);

/** Strides with which a tensor of `shape` is read when it is broadcast to `target`: 0 along widened axes. */
function broadcastStrides(shape: Shape, target: Shape): number[] {
  const strides = stridesOf(shape);
  const lead = target.length - shape.length;
  return target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : strides[axis - lead]!));
}

/** Calls `visit` for each element of `shape` in row-major order with the offsets that the stride lists give. */
function forEachOffset(shape: Shape, strides: readonly number[][], visit: (i: number, o: number[]) => void): void {
  const total = sizeOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  const offsets = strides.map(() => 0);
  for (let i = 0; i < total; i++) {
    visit(i, offsets);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      for (let k = 0; k < strides.length; k++) offsets[k]! += strides[k]![axis]!;
      if (index[axis]! < shape[axis]!) break;
      for (let k = 0; k < strides.length; k++) offsets[k]! -= strides[k]![axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}

const binary =
  (f: (a: number, b: number) => number) =>
  (node: Tensor, [a, b]: readonly Float64Array[]): Float64Array => {
    const out = new Float64Array(sizeOf(node.shape));
    const strides = node.inputs.map((t) => broadcastStrides(t.shape, node.shape));
    forEachOffset(node.shape, strides, (i, o) => {
      out[i] = f(a![o[0]!]!, b![o[1]!]!);
    });
    return out;
  };

/** Copies the block of `x` that `strides` and `start` describe into a new array of `shape`. */
function gather(x: Float64Array, shape: Shape, strides: number[], start = 0): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  forEachOffset(shape, [strides], (i, o) => {
    out[i] = x[start + o[0]!]!;
  });
  return out;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, n, i) => sum + n * b[i]!, 0);

/** Writes the values of `part` into `out` at the offsets that `strides` and `start` describe, adding. */
function scatterAdd(out: Float64Array, part: Float64Array, shape: Shape, strides: number[], start = 0): void {
  forEachOffset(shape, [strides], (i, o) => {
    out[start + o[0]!]! += part[i]!;
  });
}

const evaluators: { readonly [K in OpName]: Evaluate<K> } = {
  input: ({ attributes }) => {
    throw new GanglionError("graph", `interpreter: no value for input ${attributes.name}`);
  },
  constant: ({ attributes }) => attributes.data,
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  tanh: unary(Math.tanh),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  leakyRelu: ({ attributes: { slope } }, [x]) => x!.map((v) => (v > 0 ? v : slope * v)),
  leakySlope: ({ attributes: { slope } }, [x]) => x!.map((v) => (v > 0 ? 1 : slope)),
  logSoftmax: ({ shape }, [x]) => {
    const width = shape[shape.length - 1]!;
    const out = new Float64Array(x!.length);
    for (let row = 0; row < x!.length; row += width) {
      const values = x!.subarray(row, row + width);
      const top = values.reduce((a, b) => Math.max(a, b), -Infinity);
      const total = top + Math.log(values.reduce((sum, v) => sum + Math.exp(v - top), 0));
      for (let i = 0; i < width; i++) out[row + i] = values[i]! - total;
    }
    return out;
  },
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  reshape: (_, [x]) => x!,
  transpose: ({ inputs: [x], attributes: { perm }, shape }, [data]) => {
    const strides = stridesOf(x!.shape);
    return gather(
      data!,
      shape,
      perm.map((axis) => strides[axis]!),
    );
  },
  slice: ({ inputs: [x], attributes: { starts }, shape }, [data]) => {
    const strides = stridesOf(x!.shape);
    return gather(data!, shape, strides, dot(strides, starts));
  },
  pad: ({ inputs: [x], attributes: { before }, shape }, [data]) => {
    const out = new Float64Array(sizeOf(shape));
    const strides = stridesOf(shape);
    scatterAdd(out, data!, x!.shape, strides, dot(strides, before));
    return out;
  },
  concat: ({ inputs, attributes: { axis }, shape }, parts) => {
    const out = new Float64Array(sizeOf(shape));
    const strides = stridesOf(shape);
    let start = 0;
    inputs.forEach((part, i) => {
      scatterAdd(out, parts[i]!, part.shape, strides, start * strides[axis]!);
      start += part.shape[axis]!;
    });
    return out;
  },
  broadcastTo: ({ inputs: [x], shape }, [data]) => gather(data!, shape, broadcastStrides(x!.shape, shape)),
  reduceSum: ({ inputs: [x], shape }, [data]) => {
    const out = new Float64Array(sizeOf(shape));
    forEachOffset(x!.shape, [broadcastStrides(shape, x!.shape)], (i, o) => {
      out[o[0]!]! += data![i]!;
    });
    return out;
  },
  matmul: ({ inputs: [a, b], attributes: { transposeA, transposeB }, shape }, [x, y]) => {
    const [m, n] = shape.slice(-2);
    const k = a!.shape[a!.shape.length - (transposeA ? 2 : 1)]!;
    const lead = shape.slice(0, -2);
    const step = (t: Shape) =>
      broadcastStrides([...t.slice(0, -2), 1, 1], [...lead, 1, 1])
        .slice(0, -2)
        .map((stride) => stride * t[t.length - 2]! * t[t.length - 1]!);
    const out = new Float64Array(sizeOf(shape));
    forEachOffset(lead, [step(a!.shape), step(b!.shape)], (i, [startX, startY]) => {
      for (let row = 0; row < m!; row++) {
        for (let column = 0; column < n!; column++) {
          let sum = 0;
          for (let p = 0; p < k; p++) {
            const left = x![startX! + (transposeA ? p * m! + row : row * k + p)]!;
            sum += left * y![startY! + (transposeB ? column * k + p : p * n! + column)]!;
          }
          out[(i * m! + row) * n! + column] = sum;
        }
      }
    });
    return out;
  },
  conv2d: ({ inputs: [x, w], attributes, shape }, [image, kernel, bias]) => {
    const out = convolve(image!, x!.shape, kernel!, w!.shape, attributes, shape);
    if (bias !== undefined) {
      const area = shape[2]! * shape[3]!;
      for (let i = 0; i < out.length; i++) out[i]! += bias[Math.floor(i / area) % shape[1]!]!;
    }
    return out;
  },
  conv2dInputGradient: ({ inputs: [dy, w], attributes, shape }, [cotangent, kernel]) =>
    convolveInputGradient(cotangent!, dy!.shape, kernel!, w!.shape, attributes, shape),
  conv2dWeightGradient: ({ inputs: [x, dy], attributes, shape }, [image, cotangent]) =>
    convolveWeightGradient(image!, x!.shape, cotangent!, dy!.shape, attributes, shape),
  filter: ({ inputs: [x], attributes: { taps, padding }, shape }, [data]) => {
    const [, , height, width] = x!.shape;
    const [rows, columns] = [shape[2]!, shape[3]!];
    const out = new Float64Array(sizeOf(shape));
    for (let i = 0; i < out.length; i++) {
      const plane = Math.floor(i / (rows * columns));
      taps.forEach((down, ky) => {
        taps.forEach((across, kx) => {
          const row = (Math.floor(i / columns) % rows) + ky - padding;
          const column = (i % columns) + kx - padding;
          if (row < 0 || row >= height! || column < 0 || column >= width!) return;
          out[i]! += down * across * data![(plane * height! + row) * width! + column]!;
        });
      });
    }
    return out;
  },
  upsample: ({ attributes: { factor }, shape }, [x]) => {
    const [, , height, width] = shape;
    const out = new Float64Array(sizeOf(shape));
    for (let i = 0; i < out.length; i++) {
      const column = Math.floor((i % width!) / factor);
      const row = Math.floor((Math.floor(i / width!) % height!) / factor);
      const plane = Math.floor(i / (width! * height!));
      out[i] = x![(plane * (height! / factor) + row) * (width! / factor) + column]!;
    }
    return out;
  },
  sumPool: ({ inputs: [x], attributes: { factor }, shape }, [data]) => {
    const [, , height, width] = x!.shape;
    const out = new Float64Array(sizeOf(shape));
    for (let i = 0; i < data!.length; i++) {
      const column = Math.floor((i % width!) / factor);
      const row = Math.floor((Math.floor(i / width!) % height!) / factor);
      const plane = Math.floor(i / (width! * height!));
      out[(plane * (height! / factor) + row) * (width! / factor) + column]! += data![i]!;
    }
    return out;
  },
};

function evaluateNode<K extends OpName>(node: Tensor<K>, inputs: readonly Float64Array[]): Float64Array {
  return evaluators[node.op](node, inputs);
}

/** Numbers by input name, row-major. */
export type Feeds = Readonly<Record<string, ArrayLike<number>>>;

/**
 * Evaluates a graph in float64.
 * @returns One array for each output, row-major.
 * @throws GanglionError `graph` when an input has no value or one of another size
 */
export function interpret(outputs: readonly Tensor[], feeds: Feeds = {}): Float64Array[] {
  const values = new Map<number, Float64Array>();
  for (const node of topologicalOrder(outputs)) {
    if (node.op === "input" && node.attributes.name in feeds) {
      const value = feeds[node.attributes.name]!;
      if (value.length !== sizeOf(node.shape)) {
        throw new GanglionError(
          "graph",
          `interpreter: input ${node.attributes.name} of shape [${node.shape}] got ${value.length} numbers`,
        );
      }
      values.set(node.id, Float64Array.from(value));
    } else {
      values.set(
        node.id,
        evaluateNode(
          node as Tensor,
          node.inputs.map((t) => values.get(t.id)!),
        ),
      );
    }
  }
  return outputs.map((t) => values.get(t.id)!);
}
