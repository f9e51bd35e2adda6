import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rng } from "../../core/rng.ts";
import { compile } from "../compile.ts";
import { interpret } from "../interpreter.ts";
import * as ops from "../ops.ts";
import { sizeOf } from "../tensor.ts";
import { relativeError } from "../testing/checks.ts";
import type { FloatType } from "./builder.ts";
import { emitOnnx } from "./lower.ts";
import { readOnnx } from "./read.ts";

interface Layer {
  batch: number;
  channels: number;
  features: number;
  height: number;
  width: number;
  kernel: number;
  stride: number;
  padding: number;
  /** Order that the kernel's axes are stored in: axis i is axis order[i] of [O,C,KH,KW]. Defaults to that order. */
  order?: readonly number[];
}

/** Value and both gradients of one convolution, as three free-standing operations. */
async function expectConvolution(
  layer: Layer,
  type: FloatType,
  tolerance: number,
  blockedLayout = true,
): Promise<void> {
  const { batch, channels, features, height, width, kernel, stride, padding, order = [0, 1, 2, 3] } = layer;
  const geometry = { stride, padding };
  const x = ops.input("x", [batch, channels, height, width]);
  const shape = [features, channels, kernel, kernel];
  const stored = ops.input(
    "w",
    order.map((axis) => shape[axis]!),
  );
  const w = ops.transpose(
    stored,
    order.map((_, axis) => order.indexOf(axis)),
  );
  const y = ops.conv2d(x, w, geometry);
  const dy = ops.input("dy", y.shape);
  const outputs = {
    y,
    dx: ops.conv2dInputGradient(dy, w, geometry, [height, width]),
    dw: ops.transpose(ops.conv2dWeightGradient(x, dy, geometry, [kernel, kernel]), order),
  };
  const rng = new Rng(JSON.stringify(layer));
  const feeds = Object.fromEntries(
    // float32 numbers, so that both sides compute from the same ones.
    [x, stored, dy].map((t, i) => [["x", "w", "dy"][i]!, rng.fillNormal(new Float32Array(sizeOf(t.shape)))]),
  );
  const expected = interpret(Object.values(outputs), feeds);
  const program = await compile(outputs, { type, blockedLayout });
  try {
    const typed = Object.entries(feeds).map(([k, v]) => [k, type === "float32" ? v : Float64Array.from(v)]);
    const results = await program.run(Object.fromEntries(typed));
    Object.keys(outputs).forEach((name, i) => {
      expect(relativeError(expected[i]!, results[name]!), `${name} of ${JSON.stringify(layer)}`).toBeLessThan(
        tolerance,
      );
    });
  } finally {
    await program.close();
  }
}

/** Layers of the sizes that networks have; the interpreter's work is kept below ten million products. */
const layers: fc.Arbitrary<Layer> = fc
  .record({
    batch: fc.integer({ min: 1, max: 5 }),
    channels: fc.constantFrom(1, 3, 16, 24, 32, 33),
    features: fc.constantFrom(1, 3, 16, 24, 32, 33),
    height: fc.integer({ min: 4, max: 33 }),
    width: fc.integer({ min: 4, max: 33 }),
    kernel: fc.constantFrom(1, 3, 4, 5),
    stride: fc.constantFrom(1, 1, 2),
    padding: fc.nat(2),
    order: fc.constantFrom([0, 1, 2, 3], [3, 1, 2, 0], [2, 3, 0, 1]),
  })
  .filter(({ kernel, padding, stride, ...l }) => {
    const products = l.batch * l.channels * l.features * l.height * l.width * kernel * kernel;
    return padding < kernel && products / (stride * stride) < 1e7;
  });

describe("convolutions and their gradients under ONNX Runtime equal the interpreter's", () => {
  it("at the sizes of networks, in float32 (2e-5)", async () => {
    await fc.assert(
      fc.asyncProperty(layers, (layer) => expectConvolution(layer, "float32", 2e-5)),
      { numRuns: 40, seed: 1 },
    );
  });

  it("also without the runtime's blocked layout", async () => {
    await fc.assert(
      fc.asyncProperty(layers, (layer) => expectConvolution(layer, "float32", 2e-5, false)),
      { numRuns: 20, seed: 3 },
    );
  });

  it("and in float64 (1e-12)", async () => {
    await fc.assert(
      fc.asyncProperty(layers, (layer) => expectConvolution(layer, "float64", 1e-12)),
      { numRuns: 20, seed: 2 },
    );
  });

  const square = { batch: 3, channels: 16, features: 24, kernel: 3, stride: 1, padding: 1 };
  it.each([
    ["the smallest map", { ...square, height: 4, width: 4 }],
    ["the last of the small maps", { ...square, height: 16, width: 16 }],
    ["the first of the large maps", { ...square, height: 16, width: 17 }],
    ["maps that are unfolded in groups of images", { ...square, batch: 5, features: 16, height: 64, width: 64 }],
    ["images that are unfolded in groups", { ...square, batch: 3, channels: 3, features: 8, height: 128, width: 128 }],
    ["few channels into many", { ...square, channels: 1, features: 33, height: 33, width: 32 }],
    ["many channels into few", { ...square, channels: 33, features: 3, height: 16, width: 17 }],
    ["many into few on a small map", { ...square, channels: 33, features: 3, height: 5, width: 4 }],
    ["a wide kernel with a border of its own size", { ...square, kernel: 5, padding: 4, height: 6, width: 7 }],
    ["a kernel as large as the image", { ...square, kernel: 4, padding: 0, height: 4, width: 4 }],
    ["a stride that leaves a rest", { ...square, stride: 2, height: 9, width: 12 }],
    ["whole blocks of channels", { ...square, features: 32, height: 9, width: 7 }],
    [
      "whole blocks of a kernel stored in another order",
      { ...square, features: 32, height: 9, width: 7, order: [3, 1, 2, 0] },
    ],
    ["whole blocks with a stride", { ...square, features: 32, kernel: 4, stride: 2, height: 10, width: 8 }],
    ["whole blocks narrowed", { ...square, channels: 128, features: 16, batch: 1, height: 8, width: 9 }],
    ["a border wider than the kernel", { ...square, kernel: 1, padding: 2, height: 5, width: 5 }],
  ])("%s", async (_, layer) => {
    await expectConvolution(layer, "float32", 2e-5);
    await expectConvolution(layer, "float64", 1e-12);
  });
});

describe("a filter of each map", () => {
  const x = ops.input("x", [2, 32, 9, 7]);
  const [first, second] = ["first", "second"].map((name) => ops.input(name, [32, 32, 3, 3]));
  const taps = [0.5, -1, 2, 0.25];
  const before = ops.conv2d(x, first!, { stride: 1, padding: 1 });
  const y = ops.conv2d(ops.filter(before, taps, 2), second!, { stride: 2, padding: 0 });
  const outputs = { y, few: ops.filter(ops.slice(x, [0, 0, 0, 0], [2, 3, 9, 7]), taps, 1) };

  it("equals the interpreter's in whole blocks and in fewer maps (2e-5)", async () => {
    const rng = new Rng("filter");
    const feeds = Object.fromEntries(
      [x, first!, second!].map((t, i) => [
        ["x", "first", "second"][i]!,
        rng.fillNormal(new Float32Array(sizeOf(t.shape))),
      ]),
    );
    const expected = interpret(Object.values(outputs), feeds);
    const program = await compile(outputs);
    try {
      const results = await program.run(feeds);
      expect(relativeError(expected[0]!, results.y!)).toBeLessThan(2e-5);
      expect(relativeError(expected[1]!, results.few!)).toBeLessThan(2e-5);
    } finally {
      await program.close();
    }
  });

  it("takes and leaves the blocks of the convolutions around it", () => {
    const { nodes } = readOnnx(emitOnnx({ y }, { channelBlock: 16 }));
    const count = (op: string) => nodes.filter((node) => node.op === `com.microsoft.nchwc.${op}`).length;
    expect([count("Conv"), count("ReorderInput"), count("ReorderOutput")]).toEqual([3, 1, 1]);
  });
});
