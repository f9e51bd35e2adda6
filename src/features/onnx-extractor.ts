import { basename } from "node:path";
import { GanglionError, readBytes, sha256, silent } from "../core/index.ts";
import { type Model, openModel, type Port } from "../graph/index.ts";
import type { FeatureExtractor, FeatureMatrix } from "./extractor.ts";
import { greyToRgb, resizeBilinear } from "./resize.ts";

/** Images that go through the model at once. */
const BATCH = 16;

export interface OnnxExtractorOptions {
  /** Threads inside one operator. Defaults to 1. */
  threads?: number;
}

const shapeText = (port: Port): string => `${port.name} [${port.shape.map((n) => n ?? "?").join(",")}] ${port.type}`;

/** The image side that the model takes, null where it takes any. @throws GanglionError `usage` */
function inputSide(model: Model, path: string): { port: Port; side: number | null; batch: number | null } {
  const refuse = (rule: string): GanglionError =>
    new GanglionError(
      "usage",
      `--features onnx:${path}: ${rule}; its inputs are ${model.inputs.map(shapeText).join("; ") || "none"}. Export a model with one float32 input [N,3,H,H] (RGB, 0..1)`,
    );
  if (model.inputs.length !== 1) throw refuse(`one image input is wanted, the model has ${model.inputs.length}`);
  const port = model.inputs[0]!;
  if (port.type !== "float32") throw refuse("the input must be float32");
  if (port.shape.length !== 4) throw refuse("the input must have four axes, NCHW");
  const [batch, channels, height, width] = port.shape;
  if (channels !== null && channels !== 3) throw refuse("the second axis must be 3 channels");
  if (height !== width) throw refuse("the input must be square");
  return { port, side: height!, batch: batch! };
}

/** @throws GanglionError `usage` when no output is plain features */
function featureOutput(model: Model, path: string): Port {
  const port = model.outputs.find(({ name }) => name === "features") ?? model.outputs[0];
  const flat = port !== undefined && port.shape.length >= 2 && port.shape.slice(2).every((n) => n === 1);
  if (flat && (port.type === "float32" || port.type === "float64")) return port;
  throw new GanglionError(
    "usage",
    `--features onnx:${path}: a float output [N,D] (or [N,D,1,1]) named "features", or the first output, is wanted; the outputs are ${model.outputs.map(shapeText).join("; ")}. Cut the model after its pooling layer`,
  );
}

/**
 * Any ONNX model with an image input and a feature output. Contract (docs/metrics.md): input float32 `[N,3,H,H]`, RGB in
 * 0..1, nothing subtracted or divided outside the model; grey images are repeated to three channels; images of another
 * size are resized bilinearly with half-pixel centres and no antialiasing. The output named `features`, else the first,
 * is `[N,D]` or `[N,D,1,1]`.
 * @throws GanglionError `files` when the file cannot be read, `graph` when it is no model, `usage` when it breaks the contract
 */
export async function openOnnxExtractor(path: string, options: OnnxExtractorOptions = {}): Promise<FeatureExtractor> {
  const bytes = await readBytes(path);
  const model = await openModel(bytes, { threads: options.threads ?? 1 });
  try {
    const { port, side, batch } = inputSide(model, path);
    const output = featureOutput(model, path);
    const perRun = batch ?? BATCH;

    const run = async (pixels: Float32Array, size: number): Promise<Float32Array | Float64Array> => {
      const result = (await model.run({ [port.name]: { data: pixels, shape: [perRun, 3, size, size] } }))[output.name]!;
      return result.data;
    };
    const trialSide = side ?? 64;
    const dimension = (await run(new Float32Array(perRun * 3 * trialSide * trialSide), trialSide)).length / perRun;
    const sizeText = side === null ? "images at their own size" : `images at ${side} x ${side} px`;

    return {
      name: `onnx:${basename(path)}`,
      dimension,
      sha256: sha256(bytes),
      description: `Output "${output.name}" (${dimension} numbers) of the ONNX model ${basename(path)} (SHA-256 ${sha256(bytes).slice(0, 12)}), on ${sizeText}, RGB in 0..1, bilinear resize with half-pixel centres and no antialiasing.`,

      async extract(images, onProgress = silent): Promise<FeatureMatrix> {
        const size = side ?? images.resolution;
        const area = images.resolution * images.resolution;
        const data = new Float64Array(images.count * dimension);
        const pixels = new Float32Array(perRun * 3 * size * size);
        for (let start = 0; start < images.count; start += perRun) {
          const n = Math.min(perRun, images.count - start);
          const raw = new Uint8Array(n * images.channels * area);
          images.readInto(
            Int32Array.from({ length: n }, (_, i) => start + i),
            raw,
          );
          resizeBilinear(greyToRgb(raw, images.channels, area), n * 3, images.resolution, size, pixels);
          const features = await run(pixels, size);
          for (let i = 0; i < n * dimension; i++) data[start * dimension + i] = features[i]!;
          onProgress({ stage: `features ${basename(path)}`, done: start + n, total: images.count, unit: "images" });
        }
        const bad = data.findIndex((value) => !Number.isFinite(value));
        if (bad >= 0) {
          throw new GanglionError(
            "graph",
            `--features onnx:${path}: feature ${bad % dimension} of image ${Math.floor(bad / dimension)} is ${data[bad]}; features must be finite. Check the input range the model was exported for (RGB, 0..1)`,
          );
        }
        return { n: images.count, d: dimension, data };
      },
      close: () => model.close(),
    };
  } catch (error) {
    await model.close();
    throw error;
  }
}
