/** The vocabulary for building graphs: one function an operation, and the few compositions that everybody needs. */
import { broadcastShapes } from "./shape-rules.ts";
import { type ConvGeometry, graphError, makeTensor, type Shape, sameShape, sizeOf, type Tensor } from "./tensor.ts";

/** Value given at run time under `name`. */
export const input = (name: string, shape: Shape): Tensor => makeTensor("input", [], { name, shape });

/** Value known when the graph is built. A number becomes a scalar; numbers take the given shape. */
export function constant(value: number | ArrayLike<number>, shape?: Shape): Tensor {
  if (typeof value === "number") {
    const extents = shape ?? [];
    return makeTensor("constant", [], { shape: extents, data: new Float64Array(sizeOf(extents)).fill(value) });
  }
  return makeTensor("constant", [], { shape: shape ?? [value.length], data: Float64Array.from(value) });
}

/** A tensor, or a number that stands for a scalar constant. */
export type Operand = Tensor | number;

const lift = (value: Operand): Tensor => (typeof value === "number" ? constant(value) : value);

export const neg = (x: Tensor): Tensor => makeTensor("neg", [x], {});
export const exp = (x: Tensor): Tensor => makeTensor("exp", [x], {});
export const log = (x: Tensor): Tensor => makeTensor("log", [x], {});
export const sqrt = (x: Tensor): Tensor => makeTensor("sqrt", [x], {});
export const tanh = (x: Tensor): Tensor => makeTensor("tanh", [x], {});
export const sigmoid = (x: Tensor): Tensor => makeTensor("sigmoid", [x], {});
export const softplus = (x: Tensor): Tensor => makeTensor("softplus", [x], {});
export const logSoftmax = (x: Tensor): Tensor => makeTensor("logSoftmax", [x], {});

export const leakyRelu = (x: Tensor, slope: number): Tensor => makeTensor("leakyRelu", [x], { slope });
export const leakySlope = (x: Tensor, slope: number): Tensor => makeTensor("leakySlope", [x], { slope });

export const add = (a: Operand, b: Operand): Tensor => makeTensor("add", [lift(a), lift(b)], {});
export const sub = (a: Operand, b: Operand): Tensor => makeTensor("sub", [lift(a), lift(b)], {});
export const mul = (a: Operand, b: Operand): Tensor => makeTensor("mul", [lift(a), lift(b)], {});
export const div = (a: Operand, b: Operand): Tensor => makeTensor("div", [lift(a), lift(b)], {});
export const square = (x: Tensor): Tensor => mul(x, x);

/** |x|, as relu(x) + relu(-x); its gradient at 0 is 0. */
export const abs = (x: Tensor): Tensor => add(leakyRelu(x, 0), leakyRelu(neg(x), 0));

/**
 * x clipped to [low, high], written with rectifiers so that it stays inside the op set: high - relu(high - x) is at most
 * high however it is rounded, and low + relu(. - low) at least low.
 */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  const below = sub(high, leakyRelu(sub(high, x), 0));
  return add(leakyRelu(sub(below, low), 0), low);
}

export function reshape(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : makeTensor("reshape", [x], { shape });
}

export const transpose = (x: Tensor, perm: readonly number[]): Tensor => makeTensor("transpose", [x], { perm });

export function slice(x: Tensor, starts: readonly number[], sizes: readonly number[]): Tensor {
  return sameShape(x.shape, sizes) ? x : makeTensor("slice", [x], { starts, sizes });
}

export function pad(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  return [...before, ...after].every((n) => n === 0) ? x : makeTensor("pad", [x], { before, after });
}

export const concat = (parts: readonly Tensor[], axis: number): Tensor =>
  parts.length === 1 ? parts[0]! : makeTensor("concat", parts, { axis });

export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : makeTensor("broadcastTo", [x], { shape });
}

/** Sum over axes; they stay with extent 1 unless `keep` is false. */
export function reduceSum(x: Tensor, axes: readonly number[], keep = true): Tensor {
  const sum = axes.length === 0 ? x : makeTensor("reduceSum", [x], { axes });
  return keep
    ? sum
    : reshape(
        sum,
        x.shape.filter((_, axis) => !axes.includes(axis)),
      );
}

/** Mean over axes; they stay with extent 1 unless `keep` is false. */
export function reduceMean(x: Tensor, axes: readonly number[], keep = true): Tensor {
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  return mul(reduceSum(x, axes, keep), 1 / count);
}

/** Sum of all elements, a scalar. */
export const sumAll = (x: Tensor): Tensor =>
  reduceSum(
    x,
    x.shape.map((_, axis) => axis),
    false,
  );
/** Mean of all elements, a scalar. */
export const meanAll = (x: Tensor): Tensor => mul(sumAll(x), 1 / sizeOf(x.shape));

/** Sums a tensor down to a shape that broadcasts to its own: the adjoint of broadcasting. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcastShapes(shape, x.shape, "sumTo"), x.shape)) {
    throw graphError("sumTo", `[${shape}] does not widen to [${x.shape}]`);
  }
  const lead = x.shape.length - shape.length;
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis < lead || shape[axis - lead] !== x.shape[axis]);
  return reshape(reduceSum(x, axes), shape);
}

export interface MatmulOptions {
  /** Reads the first operand transposed. Defaults to false. */
  transposeA?: boolean;
  /** Reads the second operand transposed. Defaults to false. */
  transposeB?: boolean;
}

export const matmul = (a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: MatmulOptions = {}): Tensor =>
  makeTensor("matmul", [a, b], { transposeA, transposeB });

/** Cross-correlation of x [N,C,H,W] with w [O,C,KH,KW], plus bias [O] where given. */
export const conv2d = (x: Tensor, w: Tensor, geometry: ConvGeometry, bias?: Tensor): Tensor =>
  makeTensor("conv2d", bias === undefined ? [x, w] : [x, w, bias], geometry);

export const conv2dInputGradient = (
  dy: Tensor,
  w: Tensor,
  geometry: ConvGeometry,
  [height, width]: readonly [number, number],
): Tensor => makeTensor("conv2dInputGradient", [dy, w], { ...pick(geometry), height, width });

export const conv2dWeightGradient = (
  x: Tensor,
  dy: Tensor,
  geometry: ConvGeometry,
  [kernelHeight, kernelWidth]: readonly [number, number],
): Tensor => makeTensor("conv2dWeightGradient", [x, dy], { ...pick(geometry), kernelHeight, kernelWidth });

const pick = ({ stride, padding }: ConvGeometry): ConvGeometry => ({ stride, padding });

/** Each map of [N,C,H,W] correlated with taps along both axes. */
export const filter = (x: Tensor, taps: readonly number[], padding: number): Tensor =>
  makeTensor("filter", [x], { taps, padding });

export const upsample = (x: Tensor, factor = 2): Tensor => makeTensor("upsample", [x], { factor });
export const sumPool = (x: Tensor, factor = 2): Tensor => makeTensor("sumPool", [x], { factor });
/** Mean over factor x factor blocks of [N,C,H,W]. */
export const averagePool = (x: Tensor, factor = 2): Tensor => mul(sumPool(x, factor), 1 / (factor * factor));
