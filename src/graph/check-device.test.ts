import { describe, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { checkDevice } from "./check-device.ts";
import { compile } from "./compile.ts";
import { gradient } from "./gradient.ts";
import { interpret } from "./interpreter.ts";
import { emitOnnx } from "./onnx/lower.ts";
import { type OnnxNode, readOnnx } from "./onnx/read.ts";
import { conv2d, input, meanAll, square } from "./ops.ts";
import type { Tensor } from "./tensor.ts";
import { relativeError } from "./testing/checks.ts";

test("the CPU answers, in float32; CUDA's provider is not installed here and says so", async () => {
  expect(await checkDevice("cpu")).toEqual({ usable: true, halfConvolutions: false });
  const cuda = await checkDevice("cuda");
  expect(cuda).toMatchObject({ usable: false, failure: expect.stringMatching(/cuda/i) });
});

describe("convolutions in float16", () => {
  const x = input("x", [2, 16, 6, 6]);
  const w = input("w", [16, 16, 3, 3]);
  const loss = meanAll(square(conv2d(x, w, { stride: 1, padding: 1 })));
  const [dx, dw] = gradient(loss, [x, w]) as [Tensor, Tensor];
  const rng = new Rng("half");
  const feeds = { x: rng.fillNormal(new Float32Array(1152)), w: rng.fillNormal(new Float32Array(2304)) };
  const outputs = { loss, dx, dw };
  const exact = interpret(Object.values(outputs), feeds);

  test("are written as casts around each convolution, and around nothing else", () => {
    const { nodes } = readOnnx(emitOnnx(outputs, { halfConvolutions: true }));
    const made = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
    const to = (node?: OnnxNode) => (node?.op === "Cast" ? node.attributes.to : undefined);
    const convolutions = nodes.filter(({ op }) => op === "Conv" || op === "ConvTranspose");
    expect(convolutions.length).toBe(2);
    for (const {
      inputs,
      outputs: [y],
    } of convolutions) {
      expect(inputs.map((name) => to(made.get(name)))).toEqual([10, 10]);
      const readers = nodes.filter((node) => node.inputs.includes(y!));
      expect(readers.map(to)).toEqual([1]);
    }
    const others = nodes.filter((node) => node.op !== "Cast" && !convolutions.includes(node));
    for (const { inputs } of others) expect(inputs.map((name) => to(made.get(name)))).not.toContain(10);
  });

  // The CPU has no float16 convolution and computes these in float32: this says that the casts belong where they are,
  // not how much precision a GPU keeps.
  test("have the values of the graph", async () => {
    const program = await compile(outputs, { halfConvolutions: true });
    const found = await program.run(feeds);
    await program.close();
    Object.keys(outputs).forEach((name, i) => {
      expect(relativeError(exact[i]!, found[name]!), name).toBeLessThan(2 ** -9);
    });
  });
});
