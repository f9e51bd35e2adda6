import { GanglionError } from "../../core/errors.ts";
import { listed } from "../../core/quoted.ts";
import { Rng } from "../../core/rng.ts";
import { fillMap, MAP_CHANNELS } from "../../data/index.ts";
import { type ImageSource, imagesInMemory, readAll, shrunkImages } from "../../features/extractor.ts";
import type { MapGenerator } from "../../model/map-generator.ts";
import { type OutsideChange, type PairChange, pairChange, summariseChange } from "./outside.ts";

/** Maps and pairs of images drawn for the control. */
export const OUTSIDE_PAIRS = 200;

/** A map that was asked for. */
export interface AskedMap {
  /** Class name. */
  readonly condition: string;
  /** 1 to 6. */
  readonly tone: number;
  /** uint8 [S, S] at the generator's resolution, not zero inside. */
  readonly region: Uint8Array;
}

/** What is compared, and at which size. */
export interface PairOptions {
  readonly seed: number;
  /** Side in pixels at which images are compared; larger ones are area-averaged. */
  readonly side: number;
}

/** The nearest pixel of a region at another size. */
function regionAt(region: Uint8Array, from: number, to: number): Uint8Array {
  const at = (i: number) => Math.floor(((i + 0.5) * from) / to);
  return Uint8Array.from({ length: to * to }, (_, i) => region[at(Math.floor(i / to)) * from + at(i % to)]!);
}

/**
 * Draws each map as asked, with another condition, and with another latent.
 * @throws GanglionError `usage` when the generator does not know a condition, or knows one only
 */
export async function drawnChanges(
  generator: MapGenerator,
  maps: readonly AskedMap[],
  { seed, side }: PairOptions,
): Promise<{ condition: OutsideChange; seeds: OutsideChange | null }> {
  const { classes, resolution, channels, latent } = generator.description;
  const unknown = [...new Set(maps.map(({ condition }) => condition))].filter((name) => !classes.includes(name));
  if (unknown.length > 0 || classes.length < 2) {
    const found = unknown.length > 0 ? `does not know ${listed(unknown)}` : "knows one condition only";
    throw new GanglionError(
      "usage",
      `--run: the generator ${found} (its conditions: ${listed(classes)}); name the run that drew the synthetic set, or leave --run out`,
    );
  }
  const area = resolution ** 2;
  const draw = async (conditionOf: (map: AskedMap, i: number) => number, stream: string): Promise<ImageSource> => {
    const filled = new Float32Array(maps.length * MAP_CHANNELS * area);
    const latents = new Float32Array(maps.length * latent);
    maps.forEach((map, i) => {
      const content = { condition: conditionOf(map, i), conditions: classes.length, tone: map.tone };
      fillMap(filled, i * MAP_CHANNELS * area, content, map.region);
      new Rng(seed, "outside", stream, i).fillNormal(latents.subarray(i * latent, (i + 1) * latent));
    });
    return shrunkImages(imagesInMemory(await generator.draw(filled, latents), resolution, channels), side);
  };
  const own = (map: AskedMap) => classes.indexOf(map.condition);
  const other = (map: AskedMap, i: number) =>
    (own(map) + 1 + new Rng(seed, "outside", "condition", i).integer(classes.length - 1)) % classes.length;
  const first = await draw(own, "first");
  const changes = (second: ImageSource): OutsideChange => {
    const size = first.resolution;
    const [a, b] = [readAll(first), readAll(second)];
    const bytes = channels * size ** 2;
    const pairs = maps.flatMap(({ region }, i): PairChange[] => {
      const at = (of: Uint8Array) => of.subarray(i * bytes, (i + 1) * bytes);
      const change = pairChange(at(a), at(b), regionAt(region, resolution, size), size);
      return change === null ? [] : [change];
    });
    return summariseChange(pairs, new Rng(seed, "bootstrap", "outside"));
  };
  return {
    condition: changes(await draw(other, "first")),
    seeds: latent === 0 ? null : changes(await draw(own, "second")),
  };
}

/** Real images to pair, all of one size. */
export interface PairedImages {
  readonly images: ImageSource;
  /** Class index of each image. */
  readonly labels: ArrayLike<number>;
  /** 1 to 6; 0 where unknown. */
  readonly tones: ArrayLike<number>;
  /** uint8 [n, S, S], not zero inside. */
  readonly regions: Uint8Array;
}

/** Pairs of images of one tone and two conditions, by chance; null where there is none. Outside is outside of both. */
export function realChanges({ images, labels, tones, regions }: PairedImages, seed: number): OutsideChange | null {
  const { resolution, channels, count } = images;
  const area = resolution ** 2;
  const order = new Rng(seed, "outside", "real").shuffle(Array.from({ length: count }, (_, i) => i));
  const bytes = new Uint8Array(2 * channels * area);
  const pairs: PairChange[] = [];
  order.forEach((i, place) => {
    if (pairs.length === OUTSIDE_PAIRS || tones[i] === 0) return;
    const mates = order.filter((k) => tones[k] === tones[i] && labels[k] !== labels[i]);
    if (mates.length === 0) return;
    const k = mates[new Rng(seed, "outside", "mate", place).integer(mates.length)]!;
    images.readInto([i, k], bytes);
    const union = Uint8Array.from({ length: area }, (_, p) => regions[i * area + p]! | regions[k * area + p]!);
    const change = pairChange(bytes.subarray(0, channels * area), bytes.subarray(channels * area), union, resolution);
    if (change !== null) pairs.push(change);
  });
  return pairs.length === 0 ? null : summariseChange(pairs, new Rng(seed, "bootstrap", "outside", "real"));
}
