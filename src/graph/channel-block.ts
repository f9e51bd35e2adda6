import { exactConvolution } from "./exact-convolution.ts";
import { emitOnnx } from "./onnx/lower.ts";
import { openModel } from "./runtime.ts";

/** Block sizes that ONNX Runtime has: 16 with AVX-512, 8 with AVX2. */
const BLOCKS = [16, 8] as const;

let found: Promise<number | undefined> | undefined;

/**
 * How many channels ONNX Runtime keeps side by side in its blocked layout (NCHWc) on this processor, or undefined
 * where it has none. The runtime does not say, so a small convolution is tried in each; the answer is kept.
 */
export function channelBlock(): Promise<number | undefined> {
  found ??= tryBlocks();
  return found;
}

async function tryBlocks(): Promise<number | undefined> {
  const { y, feeds, expected } = exactConvolution();
  for (const block of BLOCKS) {
    try {
      const model = await openModel(emitOnnx({ y }, { channelBlock: block }));
      try {
        const values = y.inputs.map(({ attributes, shape }) => {
          const { name } = attributes as { name: string };
          return [name, { data: feeds[name]!, shape }] as const;
        });
        const { data } = (await model.run(Object.fromEntries(values))).y!;
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
