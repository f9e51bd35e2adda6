import { maskBoxes } from "../../data/maps/lesion-boxes.ts";
import {
  type Box,
  fillBoxes,
  fillEllipses,
  fillMap,
  MAP_CHANNELS,
  type MapKind,
  type Tone,
} from "../../data/maps/semantic-map.ts";
import type { RawImage } from "../../data/types.ts";
import type { MapDescription } from "../../model/map-description.ts";

/** A map that is to be filled. */
export interface MapRequest {
  /** Class index. */
  readonly condition: number;
  readonly tone: Tone;
  /** Lesion boxes in shares of the image; at least one. */
  readonly boxes: readonly Box[];
  /** [S * S], 0 outside and 255 inside the lesion; not empty. */
  readonly region: Uint8Array;
  /** Seed of the image: its latent is drawn from it alone. */
  readonly seed: number;
  /** Where the map came from, in words: `maps.csv:3`, `skin, image 7, moved`. */
  readonly source: string;
  /** Further cells of `metadata.csv` by column. Defaults to none. */
  readonly columns?: Readonly<Record<string, string | number>>;
}

/** Region [size * size] that boxes ask for: themselves for maps of boxes, the ellipses in them for maps of shapes. */
export function regionOf(kind: MapKind, size: number, boxes: readonly Box[]): Uint8Array {
  const region = new Uint8Array(size * size);
  (kind === "box" ? fillBoxes : fillEllipses)(region, size, boxes);
  return region;
}

/** Boxes of a region, in shares. */
export const boxesOfRegion = (region: Uint8Array, size: number): Box[] => maskBoxes(region, size);

/** Maps [n, 3, S, S] of requests, as the generator takes them. */
export function mapsOf(requests: readonly MapRequest[], { classes, resolution }: MapDescription): Float32Array {
  const length = MAP_CHANNELS * resolution * resolution;
  const maps = new Float32Array(requests.length * length);
  requests.forEach(({ condition, tone, region }, i) => {
    fillMap(maps, i * length, { condition, conditions: classes.length, tone }, region);
  });
  return maps;
}

/** A region as a picture. */
export const regionImage = (region: Uint8Array, size: number): RawImage => ({
  width: size,
  height: size,
  channels: 1,
  data: region,
});

/** Corners in whole pixels: x_min, y_min, x_max, y_max, maximum exclusive. */
export type BoxCorners = [number, number, number, number];

/** Corners of the boxes that hold a pixel; what leaves the image is cut. */
export function cornersOf(boxes: readonly Box[], size: number): BoxCorners[] {
  const cut = (value: number) => Math.min(size, Math.max(0, value));
  return boxes
    .map((box) => boxPixels(box, size).map(cut) as BoxCorners)
    .filter(([left, top, right, bottom]) => left < right && top < bottom);
}

/** Corners of a box, also one that leaves the image. */
export function boxPixels({ xMin, yMin, xMax, yMax }: Box, size: number): BoxCorners {
  const round = (share: number) => Math.round(share * size);
  return [round(xMin), round(yMin), round(xMax), round(yMax)];
}
