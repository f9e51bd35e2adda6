import { sha256 } from "../core/hash.ts";
import { clamp, emitOnnx, input, prepare, sealOnnx, type Tensor } from "../graph/index.ts";
import { type ParameterLayout, splitFlat, type Weights } from "./parameters.ts";

/** What {@link encodeGeneratorOf} makes a file of. */
export interface GeneratorContent {
  readonly layout: ParameterLayout;
  /** Flat weights, usually their moving average. */
  readonly weights: Float32Array;
  /** Images [N, channels, H, W] of named weights; clipped to [-1, 1] in the file. */
  draw(named: Weights): Tensor;
  readonly format: string;
  readonly description: object;
  /** Words on the inputs. */
  readonly inputs: string;
}

/** Bytes of a self-describing ONNX model of any generator, weights inside, its batch free. Sealed: damage shows. */
export function encodeGeneratorOf({
  layout,
  weights,
  draw,
  format,
  description,
  inputs,
}: GeneratorContent): Uint8Array {
  const named = Object.fromEntries(
    layout.parameters.map(({ name, shape }) => [name, input(`generator.${name}`, shape)]),
  );
  const images = clamp(draw(named), -1, 1);
  const values = Object.entries(splitFlat(layout, weights));
  const model = emitOnnx(prepare({ images }), {
    name: "generator",
    // With operators that every device and every runtime has.
    device: "webgpu",
    freeBatch: "N",
    weights: Object.fromEntries(values.map(([name, data]) => [`generator.${name}`, data])),
    metadata: {
      format,
      description: JSON.stringify(description),
      inputs,
      output: "images [N, channels, height, width], range [-1, 1], sRGB or grey",
      weights_sha256: sha256(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength)),
    },
  });
  return sealOnnx(model);
}
