import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import {
  add,
  ancestorsOf,
  concat,
  importOnnx,
  input,
  mul,
  type OnnxSummary,
  readOnnx,
  type Tensor,
} from "../graph/index.ts";

/** A layer of a frozen network whose values heads judge: maps [N, maps, extent, extent]. */
export const featureTapSchema = z.object({
  /** Name of the value in the file. */
  name: z.string(),
  maps: z.int().positive(),
  extent: z.int().positive(),
});
export type FeatureTap = Readonly<z.infer<typeof featureTapSchema>>;

/** A network whose weights stay as they are, by its file. */
export const frozenNetworkSchema = z.object({
  /** Path of the ONNX model. */
  file: z.string(),
  sha256: z.string(),
  taps: z.array(featureTapSchema).min(1),
});
export type FrozenNetwork = Readonly<z.infer<typeof frozenNetworkSchema>>;

/** Pixels of the image for each position of a tap, at least: layers nearer to the image are the business of D itself. */
const LEAST_PIXELS = 4;
/** Positions along a side of a tap, at least. */
const LEAST_EXTENT = 2;

/** What is wrong with a network, and what is wanted. */
const refusal = (name: string, rule: string, cause?: unknown) =>
  new GanglionError(
    "usage",
    `${name}: ${rule}; name an ONNX model of one input [N,3,H,H] (RGB, 0..1) of convolutions, pools and rectifiers`,
    { cause },
  );

/** The network on images [N, channels, S, S] in [-1, 1], as far as the values wanted. */
function valuesOf(model: OnnxSummary, images: Tensor, wanted: readonly string[]) {
  const colour = images.shape[1] === 3 ? images : concat([images, images, images], 1);
  const given = { [model.inputs[0]!.name]: add(mul(colour, 0.5), 0.5) };
  return importOnnx(model, { given, wanted }).values;
}

/**
 * The layers of a network that heads judge: the last one of each resolution that its features come from, from a quarter of the image's
 * resolution down (several layers, as in Sauer et al. 2021, arXiv 2111.01007, section 3.2). What follows a layer that cannot be
 * imported, such as the classifier behind the features, is not looked at.
 * @param bytes ONNX model, see docs/recipes.md.
 * @param name How messages name it.
 * @throws GanglionError `usage` for a model that cannot be read or differentiated, or that has no such layer
 */
export function featureTaps(bytes: Uint8Array, name: string, resolution: number, channels: 1 | 3): FeatureTap[] {
  const model = summaryOf(bytes, name);
  const images = input("images", [1, channels, resolution, resolution]);
  const output = model.outputs.find((port) => port.name === "features") ?? model.outputs[0]!;
  const used = ancestorsOf(model.nodes, [output.name]);
  const made = model.nodes.flatMap(({ outputs }) => outputs).filter((value) => used.has(value));
  const { values, refused } = imported(model, images, made);
  const taps = new Map<number, FeatureTap>();
  for (const value of made) {
    const shape = values.get(value)?.shape ?? [];
    const [, maps, height, width] = shape;
    if (shape.length !== 4 || height !== width) continue;
    if (width! < LEAST_EXTENT || width! * LEAST_PIXELS > resolution) continue;
    taps.set(width!, { name: value, maps: maps!, extent: width! });
  }
  if (taps.size > 0) return [...taps.values()];
  const range = `${LEAST_EXTENT} to ${Math.floor(resolution / LEAST_PIXELS)} positions a side for images of ${resolution} px`;
  throw refusal(
    name,
    refused === null ? `no layer has ${range}` : `no layer can be judged (${refused.message})`,
    refused,
  );
}

/** As many of the values, in their order, as can be imported. */
function imported(model: OnnxSummary, images: Tensor, made: readonly string[]) {
  let refused: GanglionError | null = null;
  for (let count = made.length; count > 0; count--) {
    try {
      return { values: valuesOf(model, images, made.slice(0, count)), refused };
    } catch (cause) {
      if (!(cause instanceof GanglionError)) throw cause;
      refused = cause;
    }
  }
  return { values: new Map<string, Tensor>(), refused };
}

function summaryOf(bytes: Uint8Array, name: string): OnnxSummary {
  let model: OnnxSummary;
  try {
    model = readOnnx(bytes);
  } catch (cause) {
    throw refusal(name, (cause as Error).message, cause);
  }
  if (model.inputs.length !== 1) throw refusal(name, `has ${model.inputs.length} inputs`);
  if (model.outputs.length === 0) throw refusal(name, "has no output");
  return model;
}

/** A function that gives the values of taps for images [N, channels, S, S] in [-1, 1], in their order; the model is read once. */
export function tappedFeatures(bytes: Uint8Array, taps: readonly FeatureTap[]): (images: Tensor) => Tensor[] {
  const model = readOnnx(bytes);
  const names = taps.map((tap) => tap.name);
  return (images) => {
    const values = valuesOf(model, images, names);
    return names.map((name) => values.get(name)!);
  };
}
