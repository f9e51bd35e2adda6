import { Rng } from "../core/rng.ts";
import { fillMap, montage, type PackedMaps, type PackedStore, type RawImage } from "../data/index.ts";
import { compile, input, type Program } from "../graph/index.ts";
import {
  type Architecture,
  enlarged,
  generationBatch,
  MAP_CHANNELS,
  mapFamilyOf,
  reduced,
  toBytes,
  viewWeights,
} from "../model/index.ts";
import { GRID_COLUMNS, unpackImages } from "./grid.ts";
import type { RunConfig } from "./run-config.ts";
import type { TrainingMaps } from "./training-maps.ts";
import type { TrainingSampler } from "./training-sampler.ts";

/** Classes of a grid at most; each takes three rows. */
const GRID_CLASSES = 7;

/** Images of a store with their maps, by index. */
interface MappedImages {
  readonly store: PackedStore;
  readonly maps: PackedMaps;
}

/**
 * Draws from maps: grids have a row of maps, one of generated and one of real images a class.
 * @param a Of the networks that draw, which may be smaller than the run's.
 */
export async function openMapSampler(
  config: RunConfig,
  a: Architecture,
  { training, shown }: TrainingMaps,
  trained: PackedStore,
): Promise<TrainingSampler> {
  const { seed, threads, device, resolution: size } = config;
  const family = mapFamilyOf(a);
  const layout = family.layouts(a).generator;
  const batch = generationBatch(size);
  const mapInput = input("maps", [batch, MAP_CHANNELS, size, size]);
  const z = a.latent === 0 ? null : input("z", [batch, a.latent]);
  const weights = viewWeights(layout, input("weights", [layout.length]));
  const images = enlarged(family.generate(a, weights, reduced(mapInput, a.resolution), z), size);
  const program: Program = await compile({ images }, { device, threads, arena: false });
  const mapNumbers = MAP_CHANNELS * size ** 2;
  const pixels = a.channels * size ** 2;

  const mapsOf = (source: MappedImages, indices: readonly number[]): Float32Array => {
    const out = new Float32Array(indices.length * mapNumbers);
    indices.forEach((index, i) => {
      const content = {
        condition: source.store.labels[index]!,
        conditions: a.classes,
        tone: source.maps.tones[index]!,
      };
      const region = source.maps.regions.subarray(index * size ** 2, (index + 1) * size ** 2);
      fillMap(out, i * mapNumbers, content, region);
    });
    return out;
  };
  const draw = async (weights: Float32Array, maps: Float32Array, stream: string): Promise<Uint8Array> => {
    const total = maps.length / mapNumbers;
    const out = new Uint8Array(total * pixels);
    for (let start = 0; start < total; start += batch) {
      const count = Math.min(batch, total - start);
      const rows = new Float32Array(batch * mapNumbers);
      rows.set(maps.subarray(start * mapNumbers, (start + count) * mapNumbers));
      const latents = new Float32Array(batch * a.latent);
      for (let i = 0; i < batch; i++) {
        new Rng(seed, stream, start + i).fillNormal(latents.subarray(i * a.latent, (i + 1) * a.latent));
      }
      const results = await program.run({ weights, maps: rows, ...(z === null ? {} : { z: latents }) });
      out.set(toBytes(results.images!.subarray(0, count * pixels)), start * pixels);
    }
    return out;
  };

  const chosen = gridIndices(shown.store, a.classes);
  const shownMaps = mapsOf(shown, chosen);
  const mapPictures = unpackImages(
    Uint8Array.from(shownMaps, (value) => Math.round(255 * value)),
    MAP_CHANNELS,
    size,
  );
  const realBytes = new Uint8Array(chosen.length * pixels);
  shown.store.readInto(chosen, realBytes);
  const realPictures = unpackImages(realBytes, a.channels, size);
  return {
    realGrid: () => montage(interleave([mapPictures, realPictures]), GRID_COLUMNS),
    async grid(weights) {
      const drawn = unpackImages(await draw(weights, shownMaps, "grid"), a.channels, size);
      return montage(interleave([mapPictures, drawn, realPictures]), GRID_COLUMNS);
    },
    draw(weights, labels, stream) {
      // Maps of the class's own training images, in an order of their own.
      const order = new Rng(seed, `${stream}-maps`).shuffle(Array.from({ length: trained.count }, (_, i) => i));
      const own = trained.classes.map((_, label) => order.filter((i) => trained.labels[i] === label));
      const taken = own.map(() => 0);
      const chosen = Array.from(labels, (label) => own[label]![taken[label]!++ % own[label]!.length]!);
      return draw(weights, mapsOf({ store: trained, maps: training }, chosen), stream);
    },
    close: () => program.close(),
  };
}

/** The first images of each class, a row each; a class with fewer repeats them. */
function gridIndices({ labels }: PackedStore, classes: number): number[] {
  return Array.from({ length: Math.min(classes, GRID_CLASSES) }, (_, label) => {
    const own = Array.from(labels.keys()).filter((i) => labels[i] === label);
    return own.length === 0 ? [] : repeated(own, GRID_COLUMNS);
  }).flat();
}

/** The first `count` of a list that begins anew where it ends. */
const repeated = (list: readonly number[], count: number): number[] =>
  Array.from({ length: count }, (_, i) => list[i % list.length]!);

/** Rows of several lists of images in turn. */
function interleave(lists: readonly (readonly RawImage[])[]): RawImage[] {
  const rows = lists[0]!.length / GRID_COLUMNS;
  return Array.from({ length: rows }, (_, row) =>
    lists.flatMap((list) => list.slice(row * GRID_COLUMNS, (row + 1) * GRID_COLUMNS)),
  ).flat();
}
