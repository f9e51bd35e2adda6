import type { PictureBatch } from "../threads/picture-batch.ts";
import { lowCosines } from "./cosines.ts";
import { gridTraces, levels } from "./levels.ts";
import { localPatterns } from "./local-patterns.ts";
import { cellMeans, halved, type Planes, planesOf } from "./planes.ts";
import { type Octave, pyramid } from "./pyramid.ts";
import { autocorrelation, correlation, energyLayout, gradients, marginal, persistence, spectrum } from "./subbands.ts";

/** A picture taken apart. */
interface Picture {
  readonly planes: Planes;
  readonly luma: readonly Octave[];
  /** From half the resolution down, as colour is seen and stored. */
  readonly blue: readonly Octave[];
  readonly red: readonly Octave[];
}

/** Cells along a side of the thumbnail. */
const THUMBNAIL = 8;
/** Octaves whose layout and patterns are described; coarser ones have too few pixels. */
const DETAILED = 3;

const thumbnail = (planes: Planes[keyof Planes], least: number, most: number): number[] =>
  lowCosines(cellMeans(planes, Math.min(THUMBNAIL, planes.side)), least, most);

/** What is computed of a picture, by group. */
const GROUPS: Readonly<Record<string, (picture: Picture) => number[]>> = {
  levels: ({ planes: { luma, blue, red } }) => [...levels(luma, 0), ...levels(blue, -0.5), ...levels(red, -0.5)],
  composition: ({ planes: { luma, blue, red } }) => [
    ...thumbnail(luma, 0, 5),
    ...thumbnail(blue, 0, 3),
    ...thumbnail(red, 0, 3),
  ],
  spectrum: ({ luma, blue, red }) => [...spectrum(luma), ...spectrum(blue), ...spectrum(red)],
  marginals: ({ luma }) => luma.flatMap(marginal),
  correlations: ({ luma, blue, red }) => [
    ...luma.flatMap(autocorrelation),
    ...luma.slice(1).map((coarse, k) => persistence(luma[k]!, coarse)),
    ...luma.slice(1, 1 + blue.length).flatMap(({ band }, k) => {
      const [cb, cr] = [blue[k]!.band.data, red[k]!.band.data];
      return [correlation(band.data, cb), correlation(band.data, cr), correlation(cb, cr)];
    }),
  ],
  gradients: ({ luma }) => luma.slice(0, DETAILED).flatMap(gradients),
  detail: ({ luma }) => luma.slice(0, DETAILED).flatMap(energyLayout),
  patterns: ({ luma }) => luma.slice(0, DETAILED).flatMap(({ plane }) => localPatterns(plane)),
  grid: ({ planes: { luma } }) => gridTraces(luma),
};

/** Takes picture `index` of a batch apart. */
function pictureOf(batch: PictureBatch, index: number): Picture {
  const planes = planesOf(batch, index);
  return {
    planes,
    luma: pyramid(planes.luma),
    blue: pyramid(halved(planes.blue)),
    red: pyramid(halved(planes.red)),
  };
}

/** Features of each picture of a batch, group after group, one row a picture, all finite. */
export function multiscaleFeatures(batch: PictureBatch): Float64Array {
  const rows = Array.from({ length: batch.count }, (_, k) => {
    const picture = pictureOf(batch, k);
    return Object.values(GROUPS).flatMap((group) => group(picture));
  });
  return Float64Array.from(rows.flat());
}

/** How many features of each group a picture of this side has, in their order. */
export function multiscaleGroups(resolution: number): [group: string, features: number][] {
  const picture = pictureOf({ count: 1, resolution, channels: 1, pixels: new Uint8Array(resolution ** 2) }, 0);
  return Object.entries(GROUPS).map(([name, group]) => [name, group(picture).length]);
}
