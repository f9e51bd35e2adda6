import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rng } from "../../core/rng.ts";
import { gradient } from "../gradient.ts";
import { interpret } from "../interpreter.ts";
import * as ops from "../ops.ts";
import { print } from "../print.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { type Expression, relativeError } from "../testing/checks.ts";
import { expressions } from "../testing/expressions.ts";
import { type AttributeValue, type FloatType, OnnxBuilder } from "./builder.ts";
import { importOnnx } from "./import.ts";
import { emitOnnx } from "./lower.ts";

/** Value and gradients of an expression survive writing and reading. */
function expectRoundTrip(expression: Expression, seed: number, type: FloatType): void {
  const rng = new Rng(seed);
  const inputs = expression.shapes.map((shape, i) => ops.input(`x${i}`, shape));
  const domain = expression.domain ?? ((x: number) => x);
  const feeds = Object.fromEntries(
    inputs.map((t, i) => [`x${i}`, rng.fillNormal(new Float64Array(sizeOf(t.shape))).map(domain)]),
  );
  const y = expression.build(inputs);
  const gradients = gradient(ops.sumAll(ops.square(y)), inputs);
  const outputs = { y, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) };
  const imported = importOnnx(emitOnnx(outputs, { type })).outputs;
  expect(Object.keys(imported)).toEqual(Object.keys(outputs));
  const expected = interpret(Object.values(outputs), feeds);
  const values = interpret(Object.values(imported), feeds);
  Object.entries(outputs).forEach(([name, t], i) => {
    expect(imported[name]!.shape).toEqual(t.shape);
    // Constants and slopes are rounded to float32 in the file.
    expect(relativeError(expected[i]!, values[i]!), name).toBeLessThan(1e-6);
  });
}

describe("importOnnx undoes emitOnnx", () => {
  it.each(Object.entries(expressions))("%s, with gradients", (_, expression) => {
    for (const type of ["float32", "float64"] as const) {
      fc.assert(
        fc.property(expression, fc.nat(1000), (e, seed) => expectRoundTrip(e, seed, type)),
        { numRuns: 10, seed: 5 },
      );
    }
  });

  it("reads the pattern of a rectifier's slope as the slope, not as a clipped line", () => {
    const x = ops.input("x", [3]);
    const { outputs } = importOnnx(emitOnnx({ y: ops.leakySlope(x, 0.25) }));
    expect(print(outputs)).toBe("%0 : [3] = input() {name=x}\n%1 : [3] = leakySlope(%0) {slope=0.25}\nreturn y = %1");
  });

  it("turns weights into constants", () => {
    const w = ops.input("w", [2, 2]);
    const y = ops.matmul(ops.input("x", [1, 2]), w);
    const model = importOnnx(emitOnnx({ y }, { weights: { w: [1, 2, 3, 4] } }));
    expect(Object.keys(model.inputs)).toEqual(["x"]);
    expect(interpret([model.outputs.y!], { x: [1, 10] })[0]).toEqual(Float64Array.of(31, 42));
  });
});

/** A model of one node whose first inputs are fed. */
function oneNode(
  op: string,
  shapes: readonly (readonly (number | string)[])[],
  attributes: Record<string, AttributeValue> = {},
  more: (b: OnnxBuilder) => string[] = () => [],
): Uint8Array {
  const b = new OnnxBuilder();
  const inputs = shapes.map((shape, i) => b.input(`x${i}`, shape));
  b.output("y", [], b.node(op, [...inputs, ...more(b)], attributes));
  return b.build("one");
}

const evaluate = (bytes: Uint8Array, feeds: Record<string, number[]>): { shape: readonly number[]; data: number[] } => {
  const y: Tensor = importOnnx(bytes).outputs.y!;
  return { shape: y.shape, data: Array.from(interpret([y], feeds)[0]!) };
};

describe("forms that only other programs write", () => {
  it("Gemm with transposed weight and bias", () => {
    const bytes = oneNode("Gemm", [[1, 2], [2, 2], [2]], { transB: 1, beta: { float: 2 } });
    expect(evaluate(bytes, { x0: [1, 10], x1: [1, 2, 3, 4], x2: [100, 200] }).data).toEqual([221, 443]);
  });

  it("Flatten, Squeeze and Unsqueeze", () => {
    const six = { x0: [1, 2, 3, 4, 5, 6] };
    expect(evaluate(oneNode("Flatten", [[1, 2, 3]], { axis: 2 }), six).shape).toEqual([2, 3]);
    expect(evaluate(oneNode("Squeeze", [[1, 6, 1]]), six).shape).toEqual([6]);
    const axes = (b: OnnxBuilder) => [b.integers([0, -1])];
    expect(evaluate(oneNode("Unsqueeze", [[6]], {}, axes), six).shape).toEqual([1, 6, 1]);
  });

  it("Reshape with 0 (keep) and -1 (the rest)", () => {
    const bytes = oneNode("Reshape", [[2, 3, 2]], {}, (b) => [b.integers([0, -1])]);
    expect(importOnnx(bytes).outputs.y!.shape).toEqual([2, 6]);
  });

  it("Slice from the end of an axis", () => {
    const bytes = oneNode("Slice", [[5]], {}, (b) => [b.integers([-3]), b.integers([2 ** 40]), b.integers([0])]);
    expect(evaluate(bytes, { x0: [1, 2, 3, 4, 5] }).data).toEqual([3, 4, 5]);
  });

  it("Conv with uneven padding", () => {
    const bytes = oneNode(
      "Conv",
      [
        [1, 1, 1, 3],
        [1, 1, 1, 2],
      ],
      { pads: [0, 1, 0, 0] },
    );
    expect(evaluate(bytes, { x0: [1, 2, 3], x1: [10, 1] })).toEqual({ shape: [1, 1, 1, 3], data: [1, 12, 23] });
  });

  it("Clip as a clip, GlobalAveragePool and ReduceMean", () => {
    const bounds = (b: OnnxBuilder) => [b.constant([-1], []), b.constant([1], [])];
    expect(evaluate(oneNode("Clip", [[3]], {}, bounds), { x0: [-3, 0.5, 7] }).data).toEqual([-1, 0.5, 1]);
    expect(evaluate(oneNode("GlobalAveragePool", [[1, 1, 2, 2]]), { x0: [1, 2, 3, 6] }).data).toEqual([3]);
    expect(evaluate(oneNode("ReduceMean", [[4]], { axes: [0], keepdims: 0 }), { x0: [1, 2, 3, 6] }).data).toEqual([3]);
  });

  it("free extents that the caller fixes", () => {
    const bytes = oneNode("Neg", [["batch", 2]]);
    expect(importOnnx(bytes, { extents: { batch: 3 } }).outputs.y!.shape).toEqual([3, 2]);
    expect(() => importOnnx(bytes)).toThrow("ONNX model: input x0: has the free extent batch; give it in extents");
  });
});

describe("refusals name the node, its operator and the reason", () => {
  const map = [1, 2, 4, 4];
  const kernel = [2, 2, 3, 3];
  it.each([
    ["an unknown operator", oneNode("Einsum", [[2]]), /node Einsum_t0 \(Einsum\): is an operator that cannot/],
    ["a name of Object's", oneNode("constructor", [[2]]), /\(constructor\): is an operator that cannot be imported/],
    [
      "groups that do not fit",
      oneNode("Conv", [map, [2, 1, 3, 3]], { group: 3 }),
      /\(Conv\): convolves .* in 3 groups/,
    ],
    ["turned groups", oneNode("ConvTranspose", [map, [2, 1, 3, 3]], { group: 2 }), /\(ConvTranspose\): has groups/],
    ["shapes that do not fit", oneNode("Add", [[2], [3]]), /\(Add\): add: shapes \[2\] and \[3\] do not broadcast/],
    ["unequal strides", oneNode("Conv", [map, kernel], { strides: [1, 2] }), /has strides \[1,2\]/],
    ["a dilation of zero", oneNode("Conv", [map, kernel], { dilations: [0, 1] }), /dilations \[0,1\]/],
    ["other resizing", oneNode("Resize", [map], {}, (b) => ["", b.constant32([1, 1, 2, 2])]), /nearest-neighbour/],
    ["overlapping pools", oneNode("AveragePool", [map], { kernel_shape: [2, 2] }), /adjoining square blocks/],
    ["a missing input", oneNode("Add", [[2]]), /\(Add\): lacks input 1/],
    ["a value nobody makes", oneNode("Neg", [], {}, () => ["ghost"]), /reads ghost, which no earlier node makes/],
    ["a shape known at run time", oneNode("Reshape", [[2], [1]]), /input 1 is not a constant/],
    ["a negative slope", oneNode("LeakyRelu", [[2]], { alpha: { float: -0.5 } }), /slope -0.5 is negative/],
    ["another axis", oneNode("LogSoftmax", [[2, 2]], { axis: 0 }), /normalises axis 0/],
  ])("%s", (_, bytes, message) => {
    expect(() => importOnnx(bytes)).toThrow(message);
  });
});
