import { describe, expect, test } from "vitest";
import { channelBlock } from "./channel-block.ts";
import { compile, prepare } from "./compile.ts";
import { gradient } from "./gradient.ts";
import { interpret } from "./interpreter.ts";
import { emitOnnx } from "./onnx/lower.ts";
import { readOnnx } from "./onnx/read.ts";
import { add, conv2d, input, leakyRelu, meanAll, square } from "./ops.ts";
import { type Tensor, topologicalOrder } from "./tensor.ts";
import { relativeError } from "./testing/checks.ts";

const SLOPE = 0.2;
const geometry = { stride: 1, padding: 1 };
const x = input("x", [2, 16, 5, 5]);
const [first, second] = ["first", "second"].map((name) => input(name, [16, 16, 3, 3]));
const bias = input("bias", [16]);

/** A residual block, as networks are made of, and its gradients. */
const inner = conv2d(leakyRelu(x, SLOPE), first!, geometry, bias);
const y = add(x, conv2d(leakyRelu(inner, SLOPE), second!, geometry));
const loss = meanAll(square(y));
const [dx, dFirst, dSecond, dBias] = gradient(loss, [x, first!, second!, bias]) as [Tensor, Tensor, Tensor, Tensor];
const outputs = { y, dx, dFirst, dSecond, dBias };
const wave = (seed: number, length: number) => Float32Array.from({ length }, (_, i) => Math.sin(seed + i * i));
const feeds = { x: wave(1, 800), first: wave(2, 2304), second: wave(3, 2304), bias: wave(4, 16) };

describe("a rectifier behind a convolution", () => {
  test("is all that its slope is read from", () => {
    const slopes = topologicalOrder(Object.values(prepare(outputs))).filter((node) => node.op === "leakySlope");
    expect(slopes.length).toBe(2);
    for (const { inputs } of slopes) expect(inputs[0]!.op).toBe("leakyRelu");
  });

  test("is part of the blocked convolution where nothing else reads that, and the next takes its blocks as they are", async () => {
    const block = (await channelBlock()) ?? 16;
    const { nodes } = readOnnx(emitOnnx(prepare({ y, dFirst, dSecond }), { channelBlock: block }));
    const count = (op: string) => nodes.filter((node) => node.op === op).length;
    const convolutions = nodes.filter(({ op }) => op === "com.microsoft.nchwc.Conv");
    expect(convolutions.filter(({ attributes }) => attributes.activation === "LeakyRelu").length).toBe(1);
    // Of the first convolution, the second and the gradient to the data between them.
    expect(convolutions.length).toBe(3);
    expect(count("com.microsoft.nchwc.ReorderInput")).toBe(2);
    expect(count("LeakyRelu")).toBe(1);
    // Where the sum before the rectifier is asked for too, it is computed once and rectified apart.
    const both = readOnnx(emitOnnx(prepare({ y, inner }), { channelBlock: block })).nodes;
    expect(both.filter(({ op }) => op === "com.microsoft.nchwc.Conv").length).toBe(2);
    expect(both.filter(({ op }) => op === "LeakyRelu").length).toBe(2);
  });

  test("changes no value", async () => {
    const expected = interpret(Object.values(outputs), feeds);
    const program = await compile(outputs);
    const found = await program.run(feeds);
    await program.close();
    Object.keys(outputs).forEach((name, i) => {
      expect(relativeError(expected[i]!, found[name]!), name).toBeLessThan(1e-5);
    });
  });
});
