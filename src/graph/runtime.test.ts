import { expect, it } from "vitest";
import { emitOnnx } from "./onnx/lower.ts";
import * as ops from "./ops.ts";
import { openModel } from "./runtime.ts";

it("leaves the cores of threads that have nothing to do to others", async () => {
  // Transpositions of this kind take one thread milliseconds, in which the other has no work; the products take both.
  const shape = [4, 50_000, 10];
  let y = ops.input("x", shape);
  for (let k = 0; k < 20; k++) {
    y = ops.transpose(ops.mul(ops.transpose(y, [2, 1, 0]), 1.001), [2, 1, 0]);
  }
  const bytes = emitOnnx({ y }, {});
  const feeds = { x: { data: new Float32Array(2_000_000).fill(1), shape } };
  const processorTime = async (threads: number) => {
    const model = await openModel(bytes, { threads });
    await model.run(feeds);
    const before = process.cpuUsage();
    for (let run = 0; run < 5; run++) await model.run(feeds);
    const { user, system } = process.cpuUsage(before);
    await model.close();
    return user + system;
  };
  const ratios = [];
  for (let turn = 0; turn < 3; turn++) ratios.push((await processorTime(2)) / (await processorTime(1)));
  // 1.05 here; 1.7 with the runtime's own duration of spinning.
  expect(Math.min(...ratios)).toBeLessThan(1.3);
});
