/** How to draw expressions that exercise each operation; tests of the graph layer share it. */
import fc from "fast-check";
import * as ops from "../ops.ts";
import type { OpName, Shape, Tensor } from "../tensor.ts";
import type { Expression } from "./checks.ts";

const extent = fc.integer({ min: 1, max: 4 });
const shapeOf = (rank: number) => fc.array(extent, { minLength: rank, maxLength: rank });
const anyShape = fc.integer({ min: 1, max: 4 }).chain(shapeOf);
const positive = (x: number) => Math.abs(x) + 0.5;
/** Keeps numbers away from the kink of a rectifier, where central differences do not hold. */
const awayFromZero = (x: number) => (x >= 0 ? x + 0.1 : x - 0.1);

const unary = (build: (x: Tensor) => Tensor, domain?: (x: number) => number): fc.Arbitrary<Expression> =>
  anyShape.map((shape) => ({
    shapes: [shape],
    build: ([x]) => build(x!),
    ...(domain === undefined ? {} : { domain }),
  }));

/** Two shapes that broadcast: some axes of the second are 1, some leading axes left out. */
const binary = (build: (a: Tensor, b: Tensor) => Tensor, domain?: (x: number) => number): fc.Arbitrary<Expression> =>
  fc
    .tuple(anyShape, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(3), fc.boolean())
    .map(([shape, narrow, drop, swap]) => {
      const other = shape.map((n, i) => (narrow[i] ? 1 : n)).slice(Math.min(drop, shape.length - 1));
      const shapes = swap ? [other, shape] : [shape, other];
      return { shapes, build: ([a, b]) => build(a!, b!), ...(domain === undefined ? {} : { domain }) };
    });

interface ConvCase {
  x: Shape;
  w: Shape;
  geometry: { stride: number; padding: number };
}
const convCase: fc.Arbitrary<ConvCase> = fc
  .record({
    n: fc.integer({ min: 1, max: 2 }),
    c: fc.integer({ min: 1, max: 3 }),
    o: fc.integer({ min: 1, max: 3 }),
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 2 }),
    padding: fc.integer({ min: 0, max: 2 }),
    height: fc.integer({ min: 4, max: 6 }),
    width: fc.integer({ min: 4, max: 6 }),
  })
  .filter(({ kernel, padding }) => padding < kernel)
  .map(({ n, c, o, kernel, stride, padding, height, width }) => ({
    x: [n, c, height, width],
    w: [o, c, kernel, kernel],
    geometry: { stride, padding },
  }));

const outputOf = ({ x, w, geometry: { stride, padding } }: ConvCase): Shape => [
  x[0]!,
  w[0]!,
  Math.floor((x[2]! + 2 * padding - w[2]!) / stride) + 1,
  Math.floor((x[3]! + 2 * padding - w[3]!) / stride) + 1,
];

const slopes = fc.constantFrom(0, 0.1, 0.2);

/** How to draw an expression that exercises each operation; an operation without one does not compile. */
export const expressions: { readonly [K in Exclude<OpName, "input" | "constant">]: fc.Arbitrary<Expression> } = {
  neg: unary(ops.neg),
  exp: unary(ops.exp),
  log: unary(ops.log, positive),
  sqrt: unary(ops.sqrt, positive),
  tanh: unary(ops.tanh),
  sigmoid: unary(ops.sigmoid),
  softplus: unary(ops.softplus),
  leakyRelu: slopes.chain((slope) => unary((x) => ops.leakyRelu(x, slope), awayFromZero)),
  leakySlope: slopes.chain((slope) => unary((x) => ops.mul(x, ops.leakySlope(x, slope)), awayFromZero)),
  logSoftmax: unary(ops.logSoftmax),
  add: binary(ops.add),
  sub: binary(ops.sub),
  mul: binary(ops.mul),
  div: binary(ops.div, positive),
  reshape: unary((x) => ops.reshape(x, [x.shape.reduce((a, b) => a * b, 1)])),
  transpose: anyShape.chain((shape) =>
    fc
      .shuffledSubarray(
        shape.map((_, axis) => axis),
        { minLength: shape.length },
      )
      .map((perm) => ({ shapes: [shape], build: ([x]: readonly Tensor[]) => ops.transpose(x!, perm) })),
  ),
  slice: fc.tuple(anyShape, fc.nat(3), fc.nat(3)).map(([shape, from, less]) => {
    const starts = shape.map((n) => Math.min(from, n - 1));
    const sizes = shape.map((n, i) => Math.max(1, n - starts[i]! - less));
    return { shapes: [shape], build: ([x]: readonly Tensor[]) => ops.slice(x!, starts, sizes) };
  }),
  pad: fc.tuple(anyShape, fc.nat(2), fc.nat(2)).map(([shape, before, after]) => ({
    shapes: [shape],
    build: ([x]: readonly Tensor[]) =>
      ops.pad(
        x!,
        shape.map(() => before),
        shape.map((_, i) => (i === 0 ? 0 : after)),
      ),
  })),
  concat: fc.tuple(anyShape, extent, fc.nat(3)).map(([shape, other, at]) => {
    const axis = at % shape.length;
    return { shapes: [shape, shape.with(axis, other)], build: (parts: readonly Tensor[]) => ops.concat(parts, axis) };
  }),
  broadcastTo: fc.tuple(anyShape, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })).map(([shape, narrow]) => ({
    shapes: [shape.map((n, i) => (narrow[i] ? 1 : n))],
    build: ([x]: readonly Tensor[]) => ops.broadcastTo(x!, [2, ...shape]),
  })),
  reduceSum: fc.tuple(anyShape, fc.nat(15), fc.boolean()).map(([shape, bits, keep]) => ({
    shapes: [shape],
    build: ([x]: readonly Tensor[]) =>
      ops.reduceSum(
        x!,
        shape.map((_, axis) => axis).filter((axis) => (bits >> axis) & 1),
        keep,
      ),
  })),
  matmul: fc
    .tuple(
      extent,
      extent,
      extent,
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom([[], []], [[2], [2]], [[2], [1]], [[], [3]], [[2, 1], [3]]),
    )
    .map(([m, k, n, transposeA, transposeB, [leadA, leadB]]) => ({
      shapes: [
        [...leadA, ...(transposeA ? [k, m] : [m, k])],
        [...leadB, ...(transposeB ? [n, k] : [k, n])],
      ],
      build: ([a, b]: readonly Tensor[]) => ops.matmul(a!, b!, { transposeA, transposeB }),
    })),
  conv2d: fc.tuple(convCase, fc.boolean()).map(([c, biased]) => ({
    shapes: biased ? [c.x, c.w, [c.w[0]!]] : [c.x, c.w],
    build: ([x, w, bias]: readonly Tensor[]) => ops.conv2d(x!, w!, c.geometry, bias),
  })),
  conv2dInputGradient: convCase.map((c) => ({
    shapes: [outputOf(c), c.w],
    build: ([dy, w]: readonly Tensor[]) => ops.conv2dInputGradient(dy!, w!, c.geometry, [c.x[2]!, c.x[3]!]),
  })),
  conv2dWeightGradient: convCase.map((c) => ({
    shapes: [c.x, outputOf(c)],
    build: ([x, dy]: readonly Tensor[]) => ops.conv2dWeightGradient(x!, dy!, c.geometry, [c.w[2]!, c.w[3]!]),
  })),
  filter: fc
    .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 })
    .chain((taps) => fc.tuple(fc.constant(taps), shapeOf(4), fc.nat(taps.length - 1)))
    .map(([taps, [n, c, h, w], padding]) => ({
      shapes: [[n!, c!, h! + taps.length - 1, w! + taps.length - 1]],
      build: ([x]: readonly Tensor[]) => ops.filter(x!, taps, padding),
    })),
  upsample: fc.tuple(shapeOf(4), fc.integer({ min: 1, max: 3 })).map(([shape, factor]) => ({
    shapes: [shape],
    build: ([x]: readonly Tensor[]) => ops.upsample(x!, factor),
  })),
  sumPool: fc.tuple(shapeOf(4), fc.integer({ min: 1, max: 3 })).map(([[n, c, h, w], factor]) => ({
    shapes: [[n!, c!, h! * factor, w! * factor]],
    build: ([x]: readonly Tensor[]) => ops.sumPool(x!, factor),
  })),
};
