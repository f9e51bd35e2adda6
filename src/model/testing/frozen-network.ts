import { Rng } from "../../core/rng.ts";
import { conv2d, emitOnnx, input, leakyRelu, reduceMean } from "../../graph/index.ts";

/**
 * An ONNX model such as `--frozen` takes: two 3x3 convolutions of stride 2 with rectifiers, then the mean over positions, for images
 * [1, 3, 8, 8], so that images of S pixels have layers of 5 maps at S / 2 and of 4 maps at S / 4.
 */
export function frozenNetwork(seed = 0): Uint8Array {
  const [a, b] = [input("a", [5, 3, 3, 3]), input("b", [4, 5, 3, 3])];
  const images = input("images", [1, 3, 8, 8]);
  const first = leakyRelu(conv2d(images, a, { stride: 2, padding: 1 }), 0);
  const second = leakyRelu(conv2d(first, b, { stride: 2, padding: 1 }), 0);
  const drawn = (name: string, n: number) =>
    new Rng("frozen", seed, name).fillNormal(new Float64Array(n)).map((x) => x / 3);
  return emitOnnx(
    { features: reduceMean(second, [2, 3], false) },
    { weights: { a: drawn("a", 135), b: drawn("b", 180) } },
  );
}
