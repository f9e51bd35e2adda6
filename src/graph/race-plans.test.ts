import { describe, expect, test } from "vitest";
import { compile, prepare } from "./compile.ts";
import { gradient } from "./gradient.ts";
import { interpret } from "./interpreter.ts";
import { CONVOLUTION_FORMS, type ConvolutionPlans, convolutionKey } from "./onnx/convolution-plans.ts";
import { emitOnnx } from "./onnx/lower.ts";
import { conv2d, input, meanAll, square } from "./ops.ts";
import { racePlans } from "./race-plans.ts";
import { relativeError } from "./testing/checks.ts";

const shapes = { image: [2, 16, 6, 6], kernel: [32, 16, 3, 3] };
const geometry = { stride: 1, padding: 1 };
const image = input("image", shapes.image);
const kernel = input("kernel", shapes.kernel);
const loss = meanAll(square(conv2d(image, kernel, geometry)));
const [toImage, toKernel] = gradient(loss, [image, kernel]);
const outputs = prepare({ loss, toImage: toImage!, toKernel: toKernel! });
const keys = (["conv2d", "conv2dInputGradient", "conv2dWeightGradient"] as const).map((op) =>
  convolutionKey(op, shapes.image, shapes.kernel, geometry),
);

describe("plans of convolutions", () => {
  test("name each convolution of a graph once, and are among the forms it can take", async () => {
    const timed: string[] = [];
    const plans = await racePlans(outputs, { threads: 1, onTimed: (done, total) => timed.push(`${done}/${total}`) });
    expect(Object.keys(plans).sort()).toEqual([...keys].sort());
    expect(["usual", "gather", "blocked", "spread"]).toContain(plans[keys[0]!]);
    expect(CONVOLUTION_FORMS).toContain(plans[keys[2]!]);
    expect(timed).toEqual(["0/3", "1/3", "2/3", "3/3"]);
  });

  test("that are known are not timed again", async () => {
    const known: ConvolutionPlans = { [keys[0]!]: "spread", [keys[1]!]: "gather", [keys[2]!]: "image/batch" };
    const onTimed = () => expect.unreachable();
    expect(await racePlans(outputs, { threads: 1, known, onTimed })).toEqual(known);
  });

  test.each(CONVOLUTION_FORMS)("%s changes the form, never the value", async (form) => {
    const rng = (seed: number, length: number) => Float32Array.from({ length }, (_, i) => Math.sin(seed + i * i));
    const feeds = { image: rng(1, 1152), kernel: rng(2, 4608) };
    const expected = interpret(Object.values(outputs), feeds);
    const program = await compile(outputs, { plans: Object.fromEntries(keys.map((key) => [key, form])) });
    const found = await program.run(feeds);
    await program.close();
    Object.keys(outputs).forEach((name, i) => {
      expect(relativeError(expected[i]!, found[name]!), name).toBeLessThan(1e-5);
    });
  });

  test("reach the model that is written, and one that does not fit a convolution is left aside", () => {
    const [forward] = keys;
    const bytes = (plans: ConvolutionPlans) => Buffer.from(emitOnnx(outputs, { plans })).toString("latin1");
    expect(bytes({ [forward!]: "spread" })).not.toBe(bytes({}));
    expect(bytes({ [forward!]: "dilated" })).toBe(bytes({}));
  });
});
