import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { emitOnnx } from "./onnx/lower.ts";
import * as ops from "./ops.ts";
import { openModel } from "./runtime.ts";

const threadsOfProcess = () => readdirSync("/proc/self/task");
/** Nanoseconds that threads of this process were on a core. */
const onCore = (threads: readonly string[]) =>
  threads.reduce((sum, id) => sum + Number(readFileSync(`/proc/self/task/${id}/schedstat`, "utf8").split(" ")[0]), 0);

// Linux alone says what each thread has had. Times of one run are compared with each other, so load moves neither.
it.runIf(process.platform === "linux")("leaves the cores of threads that have nothing to do to others", async () => {
  // Transpositions of this kind take one thread milliseconds, in which the other has no work; the products take both.
  const shape = [4, 50_000, 10];
  let y = ops.input("x", shape);
  for (let k = 0; k < 20; k++) {
    y = ops.transpose(ops.mul(ops.transpose(y, [2, 1, 0]), 1.001), [2, 1, 0]);
  }
  const bytes = emitOnnx({ y }, {});
  const feeds = { x: { data: new Float32Array(2_000_000).fill(1), shape } };
  // The threads of Node are there before the session's are looked for.
  const first = await openModel(bytes);
  for (let run = 0; run < 4; run++) await first.run(feeds);
  await first.close();
  const shares = [];
  for (let turn = 0; turn < 9; turn++) {
    const before = new Set(threadsOfProcess());
    const model = await openModel(bytes, { threads: 2 });
    await model.run(feeds);
    const helpers = threadsOfProcess().filter((id) => !before.has(id));
    expect(helpers).toHaveLength(1);
    const started = { helper: onCore(helpers), all: process.cpuUsage() };
    for (let run = 0; run < 5; run++) await model.run(feeds);
    const helper = onCore(helpers) - started.helper;
    const { user, system } = process.cpuUsage(started.all);
    await model.close();
    shares.push(helper / (1000 * (user + system) - helper));
  }
  // The median is 0.3 with and without two busy neighbours; 0.7 to 1 with the runtime's own duration of spinning.
  shares.sort((a, b) => a - b);
  expect(shares[4]).toBeLessThan(0.55);
});
