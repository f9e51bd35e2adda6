import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeJson } from "../../core/files.ts";
import type { MapKind } from "../../data/maps/semantic-map.ts";
import { add, constant, emitOnnx, input, mul, prepare, reduceSum, reshape, sealOnnx, sub } from "../../graph/index.ts";
import { generationBatch } from "../../model/generator-file.ts";
import { MAP_GENERATOR_FORMAT, type MapDescription } from "../../model/map-description.ts";

export interface MapTestRunOptions extends Partial<MapDescription> {
  /** What `config.json` says of the data; no such file where this is null. Defaults to a dataset that is not there. */
  readonly dataset?: { readonly path: string; readonly label: string | null; readonly where: readonly string[] } | null;
}

export const describe = (changes: Partial<MapDescription> = {}): MapDescription => ({
  model: "dermgan",
  classes: ["melanoma", "nevus"],
  resolution: 16,
  channels: 3,
  latent: 0,
  mapKind: "box" satisfies MapKind,
  tonesEstimated: false,
  toneCounts: [5, 5, 5, 5, 5, 0],
  imagesSeen: 100,
  seed: 1,
  license: "CC0-1.0",
  ...changes,
});

/** Writes a run whose generator paints the map as it is, a little lighter or darker by the sum of the latent. */
export async function writeMapTestRun(folder: string, options: MapTestRunOptions = {}): Promise<MapDescription> {
  const { dataset = { path: join(folder, "gone"), label: null, where: [] }, ...changes } = options;
  const description = describe(changes);
  const { resolution, latent } = description;
  const batch = generationBatch(resolution);
  const maps = input("maps", [batch, 3, resolution, resolution]);
  let images = sub(mul(maps, constant(2)), constant(1));
  if (latent > 0) {
    const sum = reduceSum(input("latent", [batch, latent]), [1]);
    images = add(images, mul(reshape(sum, [batch, 1, 1, 1]), constant(0.05)));
  }
  const model = emitOnnx(prepare({ images }), {
    name: "generator",
    device: "webgpu",
    freeBatch: "N",
    weights: {},
    metadata: { format: MAP_GENERATOR_FORMAT, description: JSON.stringify(description) },
  });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "generator.onnx"), sealOnnx(model));
  if (dataset !== null) await writeJson(join(folder, "config.json"), { model: "dermgan", dataset });
  return description;
}
