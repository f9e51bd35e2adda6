import { describe, expect, it } from "vitest";
import { Rng } from "../../core/rng.ts";
import { gradient } from "../gradient.ts";
import { interpret } from "../interpreter.ts";
import * as ops from "../ops.ts";
import { openModel } from "../runtime.ts";
import { sizeOf } from "../tensor.ts";
import { type AttributeValue, OnnxBuilder } from "./builder.ts";
import { importOnnx } from "./import.ts";

/** A float32 model of one node. */
function oneNode(op: string, shapes: readonly (readonly number[])[], attributes: Record<string, AttributeValue>) {
  const b = new OnnxBuilder();
  const inputs = shapes.map((shape, i) => b.input(`x${i}`, shape));
  b.output("y", [], b.node(op, inputs, attributes));
  return b.build("one");
}

/** What the runtime and the imported graph make of one model, on the same numbers. */
async function bothSides(bytes: Uint8Array, shapes: readonly (readonly number[])[]) {
  const rng = new Rng(7);
  const values = shapes.map((shape) => Float32Array.from(rng.fillNormal(new Float64Array(sizeOf(shape)))));
  const model = await openModel(bytes, { threads: 1 });
  try {
    const fed = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, { data: values[i]!, shape: [...shape] }]));
    const { y } = await model.run(fed);
    const imported = importOnnx(bytes).outputs.y!;
    const [data] = interpret([imported], Object.fromEntries(values.map((v, i) => [`x${i}`, v])));
    return {
      expected: { shape: y!.shape, data: Array.from(y!.data as Float32Array) },
      shape: imported.shape,
      data: data!,
    };
  } finally {
    await model.close();
  }
}

describe("MaxPool is what the runtime makes of it", () => {
  it.each([
    ["adjoining blocks", [1, 2, 6, 6], { kernel_shape: [2, 2], strides: [2, 2] }],
    [
      "overlapping windows, the last one over the end",
      [2, 3, 8, 8],
      { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
    ],
    ["a border of negative numbers", [1, 1, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
    ["stride one", [1, 2, 4, 5], { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] }],
    ["unequal sides", [1, 1, 7, 9], { kernel_shape: [2, 3], strides: [3, 2], pads: [0, 1, 1, 0] }],
  ])("%s", async (_, shape, attributes) => {
    const { expected, ...ours } = await bothSides(oneNode("MaxPool", [shape], attributes), [shape]);
    expect(ours.shape).toEqual(expected.shape);
    expect(Array.from(ours.data)).toEqual(expected.data);
  });

  it("gives the gradient to the greatest element of each window", () => {
    const x = ops.input("x0", [1, 1, 2, 4]);
    const bytes = oneNode("MaxPool", [[1, 1, 2, 4]], { kernel_shape: [2, 2], strides: [2, 2] });
    const { outputs } = importOnnx(bytes, { given: { x0: x } });
    const [g] = gradient(ops.sumAll(outputs.y!), [x]);
    expect(Array.from(interpret([g!], { x0: [1, 5, 2, 3, 4, -1, 9, 8] })[0]!)).toEqual([0, 1, 0, 0, 0, 0, 1, 0]);
  });

  it("refuses what it would read wrongly", () => {
    const map = [1, 1, 4, 4];
    const pooled = (attributes: Record<string, AttributeValue>) => () =>
      importOnnx(oneNode("MaxPool", [map], { kernel_shape: [2, 2], ...attributes }));
    expect(pooled({ dilations: [2, 2] })).toThrow(/\(MaxPool\): pools by \[2,2\]/);
    expect(pooled({ pads: [2, 0, 0, 0] })).toThrow(/pads \[2,0,0,0\]/);
    expect(pooled({ kernel_shape: [9, 9] })).toThrow(/pools \[1,1,4,4\] by \[9,9\]/);
  });
});

describe("convolutions in groups are what the runtime makes of them", () => {
  it.each([
    ["two groups", [2, 4, 5, 5], [6, 2, 3, 3], 2],
    ["one group a channel", [1, 3, 4, 4], [3, 1, 3, 3], 3],
  ])("%s", async (_, map, kernel, group) => {
    const shapes = [map, kernel, [kernel[0]!]];
    const { expected, ...ours } = await bothSides(oneNode("Conv", shapes, { group, pads: [1, 1, 1, 1] }), shapes);
    expect(ours.shape).toEqual(expected.shape);
    ours.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.data[i]!, 4);
    });
  });
});
