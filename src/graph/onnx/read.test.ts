import fc from "fast-check";
import onnxProto from "onnx-proto";
import { describe, expect, it } from "vitest";
import { GanglionError } from "../../core/errors.ts";
import { Rng } from "../../core/rng.ts";
import { gradient } from "../gradient.ts";
import { interpret } from "../interpreter.ts";
import * as ops from "../ops.ts";
import { OnnxBuilder } from "./builder.ts";
import { importOnnx } from "./import.ts";
import { emitOnnx } from "./lower.ts";
import { readOnnx } from "./read.ts";

function smallModel(): Uint8Array {
  const x = ops.input("x", [2, 1, 4, 4]);
  const w = ops.input("w", [3, 1, 3, 3]);
  const y = ops.leakyRelu(ops.conv2d(x, w, { stride: 1, padding: 1 }), 0.2);
  const [dx] = gradient(ops.sumAll(ops.square(y)), [x]);
  const weights = { w: new Rng(1).fillNormal(new Float32Array(27)) };
  return emitOnnx({ y, dx: dx! }, { weights, name: "small", metadata: { classes: "a,b", licence: "CC0" } });
}

describe("readOnnx", () => {
  it("says what the file holds", () => {
    const model = readOnnx(smallModel());
    expect(model.name).toBe("small");
    expect(model.producer).toBe("ganglion");
    expect(model.opsets).toEqual({ "": 17, "com.microsoft": 1 });
    expect(model.metadata).toEqual({ classes: "a,b", licence: "CC0" });
    expect(model.inputs).toEqual([{ name: "x", shape: [2, 1, 4, 4], type: "float32" }]);
    expect(model.outputs).toEqual([
      { name: "y", shape: [2, 3, 4, 4], type: "float32" },
      { name: "dx", shape: [2, 1, 4, 4], type: "float32" },
    ]);
    const w = model.initializers.find((t) => t.name === "w");
    expect(w).toEqual({
      name: "w",
      shape: [3, 1, 3, 3],
      type: "float32",
      data: new Rng(1).fillNormal(new Float32Array(27)),
    });
    const conv = model.nodes.find((node) => node.op === "Conv");
    expect(conv?.inputs).toEqual(["x", "w"]);
    expect(conv?.attributes).toEqual({ kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] });
    const rectifier = model.nodes.find((node) => node.op === "LeakyRelu");
    expect(rectifier?.attributes.alpha).toBeCloseTo(0.2, 7);
  });

  it("keeps the names of free extents and of foreign operators, and float64 as it is", () => {
    const b = new OnnxBuilder({ type: "float64" });
    b.input("x", ["batch", 2]);
    b.output("y", ["batch", 2], b.node("com.microsoft.Gelu", ["x"], { approximate: "none" }));
    b.initializer("pi", [Math.PI], [1]);
    const model = readOnnx(b.build("g"));
    expect(model.inputs).toEqual([{ name: "x", shape: ["batch", 2], type: "float64" }]);
    expect(model.nodes.map((node) => node.op)).toEqual(["com.microsoft.Gelu"]);
    expect(model.nodes[0]!.attributes).toEqual({ approximate: "none" });
    expect(model.initializers[0]!.data).toEqual(Float64Array.of(Math.PI));
  });

  it("reads numbers that other programs keep outside raw_data", () => {
    const { onnx } = onnxProto;
    const initializer = [
      { name: "f", dims: [2], dataType: 1, floatData: [0.5, -2] },
      { name: "d", dims: [1], dataType: 11, doubleData: [0.1] },
      { name: "i", dims: [2], dataType: 7, int64Data: [-1, 7] },
      { name: "b", dims: [2], dataType: 9, int32Data: [0, 1] },
    ];
    const bytes = onnx.ModelProto.encode(onnx.ModelProto.create({ irVersion: 8, graph: { initializer } })).finish();
    expect(readOnnx(bytes).initializers.map((t) => [t.type, t.data])).toEqual([
      ["float32", Float32Array.of(0.5, -2)],
      ["float64", Float64Array.of(0.1)],
      ["int64", BigInt64Array.of(-1n, 7n)],
      ["bool", Uint8Array.of(0, 1)],
    ]);
  });

  it("leaves out an input that an initializer fills", () => {
    const b = new OnnxBuilder();
    b.input("w", [1]);
    b.initializer("w", [3], [1]);
    b.output("y", [1], b.node("Neg", ["w"]));
    expect(readOnnx(b.build("g")).inputs).toEqual([]);
  });

  it.each([
    ["no bytes", () => new Uint8Array(), /no graph/],
    ["text", () => new TextEncoder().encode("not a model"), /cannot be decoded|no graph/],
    ["groups nested a million deep", () => new Uint8Array(1_000_000).fill(0x7b), /cannot be decoded/],
    ["a file cut short", () => smallModel().slice(0, 400), /cannot be decoded/],
    [
      "a tensor of another length",
      () => {
        const b = new OnnxBuilder();
        b.initializer("w", [1, 2, 3], [2, 2]);
        return b.build("g");
      },
      /tensor w of shape \[2,2\] holds 3 numbers/,
    ],
    [
      "weights in another file",
      () => {
        const { onnx } = onnxProto;
        const initializer = [{ name: "w", dims: [1], dataType: 1, dataLocation: 1 }];
        return onnx.ModelProto.encode(onnx.ModelProto.create({ graph: { initializer } })).finish();
      },
      /tensor w lies in another file; save the model as one file/,
    ],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => readOnnx(bytes())).toThrow(message);
    expect(() => readOnnx(bytes())).toThrow(GanglionError);
  });

  it("meets damaged bytes with its own error and nothing else (3000 mutated models)", () => {
    const whole = smallModel();
    const mutation = fc.record({
      at: fc.nat(whole.length - 1),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 6 }),
      kind: fc.constantFrom("overwrite", "insert", "remove", "cut"),
    });
    let refused = 0;
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        let bytes = whole;
        for (const { at, bytes: given, kind } of mutations) {
          const [head, tail] = [bytes.slice(0, at), bytes.slice(at)];
          const kept = { overwrite: tail.slice(given.length), insert: tail, remove: tail.slice(given.length), cut: [] };
          const written = kind === "overwrite" || kind === "insert" ? given : [];
          bytes = Uint8Array.from([...head, ...written, ...kept[kind]]);
        }
        try {
          importOnnx(bytes);
        } catch (error) {
          refused++;
          if (!(error instanceof GanglionError) || error.code !== "graph") throw error;
        }
      }),
      { numRuns: 3000, seed: 4, endOnFailure: true },
    );
    // Most mutations damage the structure; a few only change a weight or a name.
    expect(refused).toBeGreaterThan(1000);
  });
});

describe("a model read back", () => {
  it("keeps the value of the model that was written", () => {
    const { inputs, outputs } = importOnnx(smallModel());
    expect(inputs.x!.shape).toEqual([2, 1, 4, 4]);
    expect(outputs.dx!.shape).toEqual([2, 1, 4, 4]);
    const [y] = interpret([outputs.y!], { x: new Float64Array(32) });
    expect(y).toEqual(new Float64Array(96));
  });
});
