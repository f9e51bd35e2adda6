import { GanglionError } from "../../core/errors.ts";
import { placed } from "../../core/quoted.ts";
import {
  type Architecture,
  DEFAULT_FAMILY,
  type GeneratorFile,
  joinParameter,
  noiseFamilyOf,
  type Origin,
  PRESETS,
  type Preset,
  presetResolution,
  readGeneratorFile,
} from "../../model/index.ts";
import { trainingFamily } from "../known-families.ts";
import type { Start } from "./start.ts";
import { licenseOf } from "./start-license.ts";

/** Widths that a file may have: those of a preset of this version or of an earlier one, as they are, else grown or cut. */
function* sizesOf(model: string, resolution: number): Generator<{ preset: Preset; networks: object }> {
  const { presets, earlierNetworks = [], resized } = trainingFamily({ model });
  // Of presets with equal widths the one that is made for the resolution.
  const named = PRESETS.toSorted(
    (a, b) => Number(presetResolution(b) === resolution) - Number(presetResolution(a) === resolution),
  );
  const sizes = [...named.map((preset) => ({ preset, networks: presets[preset].networks })), ...earlierNetworks];
  yield* sizes;
  if (resized === undefined) return;
  for (const { preset, networks } of sizes) {
    for (const from of new Set([...PRESETS.map(presetResolution), resolution])) {
      yield { preset, networks: resized(networks, from) };
    }
  }
}

/** The networks whose generator has the weights of a file; null where none of the presets does. */
function designOf(file: GeneratorFile): { preset: Preset; networks: object; architecture: Architecture } | null {
  const { model = DEFAULT_FAMILY, resolution, channels, classes } = file.description;
  for (const { preset, networks } of sizesOf(model, resolution)) {
    const architecture = trainingFamily({ model }).design({ networks, resolution, channels, dataset: { classes } });
    const { parameters } = noiseFamilyOf(architecture).layouts(architecture).generator;
    const fits = ({ name, shape }: (typeof parameters)[number]) => `${file.weights.get(name)?.shape}` === `${shape}`;
    if (parameters.length === file.weights.size && parameters.every(fits)) return { preset, networks, architecture };
  }
  return null;
}

/**
 * A `generator.onnx` to begin from: its averaged weights are those of G, and D is new.
 * @throws GanglionError `run` or `graph` when it is no generator from noise or damaged, `usage` for networks of no preset
 */
export async function openGeneratorStart(path: string, stated: string | undefined): Promise<Start> {
  const file = await readGeneratorFile(path);
  const { description, weights, weightsHash } = file;
  const license = licenseOf(path, description.license, stated);
  const design = designOf(file);
  if (design === null) {
    const message = `--from ${placed(path)}: its networks are those of no preset, so that it does not say which discriminator fits; give the folder of its run`;
    throw new GanglionError("usage", message);
  }
  const { architecture } = design;
  const layout = noiseFamilyOf(architecture).layouts(architecture).generator;
  const average = new Float32Array(layout.length);
  for (const parameter of layout.parameters) joinParameter(parameter, weights.get(parameter.name)!.data, average);
  const { model = DEFAULT_FAMILY, classes, resolution, channels, imagesSeen, startedFrom = [] } = description;
  const data = { title: null, hash: null, images: null, classes: [...classes] };
  const own: Origin = { name: null, weights: weightsHash, model, resolution, channels, imagesSeen, license, data };
  return {
    path,
    ...design,
    classNames: classes,
    generator: Float32Array.from(average),
    average,
    discriminator: null,
    origins: [own, ...startedFrom],
  };
}
