import { GanglionError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { readNotLinked, writeNotLinked } from "../core/inside-folder.ts";
import { type Device, input, openModel } from "../graph/index.ts";
import { encodeGeneratorOf } from "./encode-generator.ts";
import { type Architecture, MAP_CHANNELS } from "./family.ts";
import { describedBy, generationBatch, toBytes } from "./generator-file.ts";
import { mapFamilyOf } from "./known-families.ts";
import { MAP_GENERATOR_FORMAT, type MapDescription, mapDescriptionSchema } from "./map-description.ts";
import type { MapGenerator } from "./map-generator.ts";

/**
 * Bytes of a self-describing `generator.onnx`: inputs `maps` [N, 3, S, S] in [0, 1] and, where there is a latent, `latent`
 * [N, latent] (standard normal), output `images` [N, channels, S, S] in [-1, 1], weights inside. Sealed: damage shows.
 * @param weights Flat generator weights, usually their moving average.
 */
export function encodeMapGenerator(a: Architecture, weights: Float32Array, description: MapDescription): Uint8Array {
  const family = mapFamilyOf(a);
  const batch = generationBatch(a.resolution);
  const maps = input("maps", [batch, MAP_CHANNELS, a.resolution, a.resolution]);
  const latent = a.latent === 0 ? null : input("latent", [batch, a.latent]);
  return encodeGeneratorOf({
    layout: family.layouts(a).generator,
    weights,
    draw: (named) => family.generate(a, named, maps, latent),
    format: MAP_GENERATOR_FORMAT,
    description,
    inputs: `maps [N, 3, height, width] in [0, 1]: R = tone / 6, G and B = the condition inside the lesion, else 0${latent === null ? "" : "; latent [N, latent] standard normal"}`,
  });
}

export async function writeMapGenerator(
  path: string,
  a: Architecture,
  weights: Float32Array,
  description: MapDescription,
): Promise<void> {
  await writeNotLinked(path, encodeMapGenerator(a, weights, description));
}

/**
 * Opens a `generator.onnx` that fills maps.
 * @throws GanglionError `files` when it cannot be read, `run` or `graph` when it is not such a generator or damaged
 */
export async function openMapGenerator(
  path: string,
  { threads = 2, device = "cpu" }: { threads?: number; device?: Device } = {},
): Promise<MapGenerator> {
  const bytes = await readNotLinked(path);
  const description = describedBy(bytes, path, MAP_GENERATOR_FORMAT, mapDescriptionSchema);
  const model = await openModel(bytes, { threads, device });
  const { latent, channels, resolution } = description;
  const pixels = resolution ** 2;
  const batch = generationBatch(resolution);
  const mapRows = new Float32Array(batch * MAP_CHANNELS * pixels);
  const latentRows = new Float32Array(batch * latent);
  return {
    description,
    hash: sha256(bytes),
    async draw(maps, latents) {
      const count = maps.length / (MAP_CHANNELS * pixels);
      if (!Number.isInteger(count) || latents.length !== count * latent) {
        throw new GanglionError(
          "internal",
          `internal: draw takes rows of ${MAP_CHANNELS * pixels} and ${latent} numbers, got ${maps.length} and ${latents.length}`,
        );
      }
      const out = new Uint8Array(count * channels * pixels);
      for (let start = 0; start < count; start += batch) {
        const some = Math.min(batch, count - start);
        mapRows.fill(0);
        mapRows.set(maps.subarray(start * MAP_CHANNELS * pixels, (start + some) * MAP_CHANNELS * pixels));
        latentRows.fill(0);
        latentRows.set(latents.subarray(start * latent, (start + some) * latent));
        const { images } = await model.run({
          maps: { data: mapRows, shape: [batch, MAP_CHANNELS, resolution, resolution] },
          ...(latent === 0 ? {} : { latent: { data: latentRows, shape: [batch, latent] } }),
        });
        const drawn = (images!.data as Float32Array).subarray(0, some * channels * pixels);
        out.set(toBytes(drawn), start * channels * pixels);
      }
      return out;
    },
    close: () => model.close(),
  };
}
