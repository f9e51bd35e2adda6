import { join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { readInside } from "../../core/inside-folder.ts";
import { placed } from "../../core/quoted.ts";
import {
  type Architecture,
  decodeSafetensors,
  encodeSafetensors,
  fromHalf,
  joinParameter,
  modelFamily,
  type Network,
  networkLayouts,
  type StoredTensor,
  splitFlat,
  toHalf,
} from "../../model/index.ts";
import { trainingFamily } from "../known-families.ts";
import { type Start, weightsHash } from "./start.ts";
import { readStartFile, type StartFile } from "./start-file.ts";

const REMEDY = "use the folder as it was made, or install the package again";

/** Weights rounded to half precision, as a start keeps them. */
export const roundedWeights = (flat: Float32Array): Float32Array => fromHalf(toHalf(flat));

/** Bytes of a start's weights, in half precision. @param discriminator Null leaves it out. */
export function encodeStartWeights(
  a: Architecture,
  average: Float32Array,
  discriminator: Float32Array | null,
): Uint8Array {
  const tensors: Record<string, StoredTensor> = {};
  const add = (network: Network, flat: Float32Array) => {
    const layout = networkLayouts(a)[network];
    const parts = splitFlat(layout, flat);
    for (const { name, shape } of layout.parameters)
      tensors[`${network}/${name}`] = { shape, data: toHalf(parts[name]!) };
  };
  add("generator", average);
  if (discriminator !== null) add("discriminator", discriminator);
  return encodeSafetensors(tensors);
}

function damaged(path: string, what: string): GanglionError {
  return new GanglionError("run", `--from ${placed(path)}: ${what}; ${REMEDY}`);
}

/** Shapes of the networks that a `start.json` describes. @throws GanglionError `run` */
function startArchitecture(file: StartFile, path: string): { architecture: Architecture; networks: object } {
  const { model, resolution, channels, data } = file.origins[0]!;
  const { networksSchema, design } = trainingFamily({ model: modelFamily(model, path).name });
  const networks = networksSchema.safeParse(file.networks);
  if (!networks.success) throw damaged(path, "its start.json describes other networks than this version has");
  const dataset = { classes: data.classes };
  return { networks: networks.data, architecture: design({ networks: networks.data, resolution, channels, dataset }) };
}

/**
 * A start in a folder of its own, as the package ships them; its weights are checked against their hash.
 * @param path As it was given.
 * @throws GanglionError `run`, `checkpoint` or `files` when it is damaged
 */
export async function openPackedStart(folder: string, path: string): Promise<Start> {
  const file = await readStartFile(folder);
  const { architecture, networks } = startArchitecture(file, path);
  const bytes = await readInside(folder, file.weights.file);
  if (sha256(bytes) !== file.weights.sha256) throw damaged(path, `${file.weights.file} is not as it was made`);
  const { tensors } = decodeSafetensors(bytes, join(folder, file.weights.file));
  const read = (network: Network): Float32Array => {
    const layout = networkLayouts(architecture)[network];
    const flat = new Float32Array(layout.length);
    for (const parameter of layout.parameters) {
      const tensor = tensors[`${network}/${parameter.name}`];
      if (!(tensor?.data instanceof Uint16Array) || `${tensor.shape}` !== `${parameter.shape}`)
        throw damaged(path, `its weights are of other networks than its start.json describes`);
      joinParameter(parameter, fromHalf(tensor.data), flat);
    }
    return flat;
  };
  const average = read("generator");
  const { preset, origins, discriminator } = file;
  if (weightsHash(average) !== origins[0]!.weights) throw damaged(path, "its start.json names other weights");
  return {
    path,
    architecture,
    classNames: origins[0]!.data.classes,
    preset,
    networks,
    generator: Float32Array.from(average),
    average,
    discriminator: discriminator ? read("discriminator") : null,
    origins,
  };
}
