import { Rng } from "../core/rng.ts";
import { interpret } from "./interpreter.ts";
import { conv2d, input } from "./ops.ts";
import { sizeOf, type Tensor } from "./tensor.ts";

/** A small convolution of whole numbers, whose right sums are exact in float32: what can this machine compute? */
export function exactConvolution(): { y: Tensor; feeds: Record<string, Float32Array>; expected: Float64Array } {
  const x = input("x", [1, 16, 3, 4]);
  const w = input("w", [16, 16, 3, 3]);
  const y = conv2d(x, w, { stride: 1, padding: 1 });
  const rng = new Rng("exact convolution");
  const whole = (length: number) => Float32Array.from({ length }, () => rng.integer(9) - 4);
  const feeds = { x: whole(sizeOf(x.shape)), w: whole(sizeOf(w.shape)) };
  return { y, feeds, expected: interpret([y], feeds)[0]! };
}
