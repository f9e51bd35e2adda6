import { afterAll, describe, expect, it } from "vitest";
import { GanglionError } from "../core/errors.ts";
import { Rng } from "../core/rng.ts";
import { channelBlock } from "./channel-block.ts";
import { type CompileOptions, compile, type Program, prepare } from "./compile.ts";
import { gradient } from "./gradient.ts";
import { interpret } from "./interpreter.ts";
import { emitOnnx } from "./onnx/lower.ts";
import { readOnnx } from "./onnx/read.ts";
import * as ops from "./ops.ts";
import { openModel } from "./runtime.ts";
import { sizeOf, type Tensor } from "./tensor.ts";
import { relativeError } from "./testing/checks.ts";

const open: Program[] = [];
async function program(outputs: Record<string, Tensor>, options?: CompileOptions): Promise<Program> {
  const made = await compile(outputs, options);
  open.push(made);
  return made;
}
afterAll(() => Promise.all(open.map((p) => p.close())));

const normal = (seed: number, length: number) => new Rng(seed).fillNormal(new Float32Array(length));

describe("compile", () => {
  const x = ops.input("x", [2, 3]);
  const w = ops.input("w", [3, 4]);

  it("says what the program reads and writes", async () => {
    const p = await program({ y: ops.matmul(x, w), loss: ops.sumAll(ops.matmul(x, w)) });
    expect(p.inputs).toEqual({ x: [2, 3], w: [3, 4] });
    expect(p.outputs).toEqual({ y: [2, 4], loss: [] });
    expect(p.nodes).toBe(5);
  });

  it("does not ask for what no output needs", async () => {
    const p = await program({ y: ops.add(ops.mul(x, 2), ops.mul(ops.sumAll(w), 0)) });
    expect(p.inputs).toEqual({ x: [2, 3] });
    expect(await p.run({ x: Float32Array.of(1, 2, 3, 4, 5, 6) })).toEqual({ y: Float32Array.of(2, 4, 6, 8, 10, 12) });
  });

  it("gives an output that is an input or a constant, and one value under two names", async () => {
    const p = await program({ same: x, again: x, five: ops.constant(5), zeros: ops.mul(x, 0) });
    const fed = normal(1, 6);
    const results = await p.run({ x: fed });
    expect(results.same).toEqual(fed);
    expect(results.again).toEqual(fed);
    expect(results.five).toEqual(Float32Array.of(5));
    expect(Array.from(results.zeros!, Math.abs)).toEqual(new Array(6).fill(0));
  });

  it("names the input that is missing or of another size", async () => {
    const p = await program({ y: ops.matmul(x, w) });
    const good = { x: normal(1, 6), w: normal(2, 12) };
    await expect(p.run({ x: good.x })).rejects.toThrow("run: w of shape [3,4] got nothing");
    await expect(p.run({ ...good, x: normal(1, 5) })).rejects.toThrow("run: x of shape [2,3] got 5 numbers");
    await expect(p.run(good, { y: new Float32Array(7) })).rejects.toThrow("run: y of shape [2,4] got 7 numbers");
    await expect(p.run({ ...good, x: new Float64Array(6) })).rejects.toThrow(GanglionError);
    expect((await p.run(good)).y!.length).toBe(8);
  });

  it("writes into the arrays that are given, run after run", async () => {
    const p = await program({ y: ops.mul(x, 2), z: ops.neg(x) });
    const y = new Float32Array(6);
    for (const seed of [1, 2]) {
      const fed = normal(seed, 6);
      const results = await p.run({ x: fed }, { y });
      expect(results.y).toBe(y);
      expect(y).toEqual(fed.map((v) => 2 * v));
      expect(results.z).toEqual(fed.map((v) => -v));
    }
  });

  it("may write an output over the input that it was computed from", async () => {
    // A training step keeps its parameters in place this way.
    const p = await program({ next: ops.add(ops.tanh(x), ops.sumAll(x)) });
    const state = normal(3, 6);
    const expected = interpret([ops.add(ops.tanh(x), ops.sumAll(x))], { x: state })[0]!;
    await p.run({ x: state }, { next: state });
    expect(relativeError(expected, state)).toBeLessThan(1e-6);
  });

  it("computes in float64 where that is asked for", async () => {
    const y = ops.sumAll(ops.mul(x, ops.add(ops.exp(x), 1e-9)));
    const p = await program({ y }, { type: "float64" });
    const fed = new Rng(4).fillNormal(new Float64Array(6));
    expect(relativeError(interpret([y], { x: fed })[0]!, (await p.run({ x: fed })).y!)).toBeLessThan(1e-15);
  });

  it("refuses a graph with a bad node before it reaches the runtime", async () => {
    await expect(compile({ y: ops.add(x, Number.NaN) })).rejects.toThrow(
      "internal: bad node %1 : [] = constant() {data=[NaN]}: holds a number that is not finite",
    );
    await expect(compile({ y: ops.add(x, ops.input("x", [2, 1])) })).rejects.toThrow("takes the name x");
  });

  it("keeps names apart: an output may not have an input's, and no name meets one made inside", async () => {
    await expect(compile({ x: ops.neg(x) })).rejects.toThrow("output x has the name of an input; rename one");
    await expect(compile({ "%t0": x })).rejects.toThrow('"%t0" names an input or output; begin it with a letter');
    const p = await program({ c1: ops.add(ops.neg(ops.input("t0", [1])), 3) });
    expect(await p.run({ t0: Float32Array.of(1) })).toEqual({ c1: Float32Array.of(2) });
  });

  it("says so when bytes are no model", async () => {
    await expect(openModel(new Uint8Array(100))).rejects.toThrow(GanglionError);
    await expect(openModel(new Uint8Array(100))).rejects.toThrow("ONNX Runtime cannot load the model");
  });
});

describe("an emitted model with a free batch", () => {
  it("takes batches of any size and gives each sample its own result", async () => {
    const x = ops.input("x", [2, 4]);
    const w = ops.input("w", [3, 1, 3, 3]);
    const map = ops.conv2d(ops.reshape(x, [2, 1, 2, 2]), w, { stride: 1, padding: 1 });
    const y = ops.reduceSum(ops.upsample(ops.leakyRelu(map, 0.2)), [2, 3], false);
    const weights = { w: normal(7, 27) };
    const model = await openModel(emitOnnx({ y }, { weights, freeBatch: "batch" }));
    try {
      expect(model.inputs).toEqual([{ name: "x", shape: [null, 4], type: "float32" }]);
      const fed = normal(8, 20);
      const five = (await model.run({ x: { data: fed, shape: [5, 4] } })).y!;
      expect(five.shape).toEqual([5, 3]);
      for (const start of [0, 2]) {
        const two = interpret([y], { x: fed.subarray(4 * start, 4 * start + 8), ...weights })[0]!;
        expect(relativeError(two, five.data.subarray(3 * start, 3 * start + 6))).toBeLessThan(1e-6);
      }
    } finally {
      await model.close();
    }
  });
});

describe("channelBlock", () => {
  it("is a size that the runtime has, or none, and is found once", async () => {
    expect([8, 16, undefined]).toContain(await channelBlock());
    expect(channelBlock()).toBe(channelBlock());
  });

  it("changes no result but in the last bits, and is never in an exported model", async () => {
    const x = ops.input("x", [2, 32, 6, 6]);
    const w = ops.input("w", [16, 32, 3, 3]);
    const y = ops.conv2d(x, w, { stride: 1, padding: 1 });
    const feeds = { x: normal(9, sizeOf(x.shape)), w: normal(10, sizeOf(w.shape)) };
    const [plain, blocked] = [await program({ y }, { blockedLayout: false }), await program({ y })];
    expect(relativeError((await plain.run(feeds)).y!, (await blocked.run(feeds)).y!)).toBeLessThan(2e-6);
    expect(readOnnx(emitOnnx({ y })).nodes.map((node) => node.op)).toEqual(["Conv"]);
    const nodes = readOnnx(emitOnnx({ y }, { channelBlock: 16 })).nodes.map((node) => node.op);
    expect(nodes).toContain("com.microsoft.nchwc.Conv");
  });
});

describe("prepare", () => {
  it("keeps names and shapes and drops repeated work", () => {
    const x = ops.input("x", [4]);
    const prepared = prepare({ a: ops.exp(x), b: ops.exp(x) });
    expect(prepared.a).toBe(prepared.b);
    expect(prepared.a!.shape).toEqual([4]);
  });
});

describe("the runtime is deterministic", () => {
  const image = ops.input("image", [8, 16, 16, 16]);
  const w = ops.input("w", [24, 16, 3, 3]);
  const map = ops.leakyRelu(ops.conv2d(image, w, { stride: 1, padding: 1 }), 0.2);
  const loss = ops.meanAll(ops.square(map));
  const [dw, dx] = gradient(loss, [w, image]) as [Tensor, Tensor];
  const feeds = { image: normal(5, sizeOf(image.shape)), w: normal(6, sizeOf(w.shape)) };
  const bits = (results: Record<string, Float32Array | Float64Array>) =>
    Object.values(results).map((data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"));

  it.each([1, 2])("the same bits from run to run and from load to load, %i threads", async (threads) => {
    const outputs = { loss, dw, dx };
    const first = await program(outputs, { threads });
    const expected = bits(await first.run(feeds));
    for (let i = 0; i < 3; i++) expect(bits(await first.run(feeds))).toEqual(expected);
    const second = await program(outputs, { threads });
    expect(bits(await second.run(feeds))).toEqual(expected);
  });
});
