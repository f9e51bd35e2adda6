import { Rng } from "../core/rng.ts";
import { interpret } from "./interpreter.ts";
import { emitOnnx } from "./onnx/lower.ts";
import { conv2d, input } from "./ops.ts";
import { openModel } from "./runtime.ts";
import { sizeOf } from "./tensor.ts";

/** Block sizes that ONNX Runtime has: 16 with AVX-512, 8 with AVX2. */
const BLOCKS = [16, 8] as const;

let found: Promise<number | undefined> | undefined;

/**
 * How many channels ONNX Runtime keeps side by side in its blocked layout (NCHWc) on this processor, or undefined
 * where it has none. The runtime does not say, so a small convolution is tried in each; the answer is kept.
 */
export function channelBlock(): Promise<number | undefined> {
  found ??= probe();
  return found;
}

async function probe(): Promise<number | undefined> {
  const x = input("x", [1, 16, 3, 4]);
  const w = input("w", [16, 16, 3, 3]);
  const y = conv2d(x, w, { stride: 1, padding: 1 });
  const rng = new Rng("channel block");
  // Small whole numbers: the right sum is exact.
  const whole = (length: number) => Float32Array.from({ length }, () => rng.integer(9) - 4);
  const feeds = { x: whole(sizeOf(x.shape)), w: whole(sizeOf(w.shape)) };
  const [expected] = interpret([y], feeds);
  for (const block of BLOCKS) {
    try {
      const model = await openModel(emitOnnx({ y }, { channelBlock: block }));
      try {
        const values = { x: { data: feeds.x, shape: x.shape }, w: { data: feeds.w, shape: w.shape } };
        const { data } = (await model.run(values)).y;
        if (expected.every((value, i) => value === data[i])) return block;
      } finally {
        await model.close();
      }
    } catch {
      // A runtime without the layout cannot load the model: convolutions stay plain.
    }
  }
  return undefined;
}
