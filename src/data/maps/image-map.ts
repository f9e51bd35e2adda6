import { GanglionError, type Problem } from "../../core/errors.ts";
import { readMask } from "../pixels.ts";
import { cropSquare, resizeSquare, resizeSquareNearest } from "../square.ts";
import type { Columns, Dataset, RawImage, Sample } from "../types.ts";
import { maskBoxes, statedBoxes } from "./lesion-boxes.ts";
import { type Box, fillBoxes, type MapKind, type Tone } from "./semantic-map.ts";
import { estimateTone } from "./skin-tone.ts";
import { isToneUnknown, parseTone, toneMessage } from "./tone-name.ts";

/** Tone of images that state none and show none: grey ones, for which the channel then says nothing. */
export const ASSUMED_TONE: Tone = 3;

/** Side in pixels at which a skin tone is estimated. */
const TONE_SIZE = 64;

/**
 * How an image's tone is known: by its column, by its column which says that it is an estimate ({@link TONE_ESTIMATED}),
 * from its skin, from its border, or not at all ({@link ASSUMED_TONE}).
 */
export type ToneSource = "stated" | "marked" | "skin" | "border" | "assumed";

/** Column beside a tone column: 1 where the tone is an estimate and not a finding. */
export const TONE_ESTIMATED = "tone_estimated";

/** What an image's map is made from. */
export interface ImageMap {
  /** Lesion boxes in shares of the centre square. */
  readonly boxes: readonly Box[];
  /** Centre square of the mask, 0 or 255; null where there is no mask. */
  readonly mask: RawImage | null;
  readonly tone: Tone;
  readonly toneSource: ToneSource;
  /** Typology angle in degrees where the tone is estimated. */
  readonly angle: number | null;
}

/** True where a dataset holds something that a map can be made from. */
export function hasRegions({ columns, samples }: Dataset): boolean {
  return columns.box !== undefined || samples.some(({ mask }) => mask !== undefined);
}

/** True where a sample states what a map of a kind shows: a mask, or for boxes one of both. It may still be empty. */
export function statesRegion({ mask, attributes }: Sample, { box }: Columns, kind: MapKind): boolean {
  if (mask !== undefined) return true;
  return kind === "box" && (box ?? []).some((column) => (attributes[column] ?? "").trim() !== "");
}

/** The column of Fitzpatrick types; a Monk scale (Monk 2019, ten tones) is another scale and read as none. */
export function toneColumn({ columns }: Dataset): string | undefined {
  return columns.tone !== undefined && !/monk/i.test(columns.tone) ? columns.tone : undefined;
}

async function squareMask(dataset: Dataset, index: number, image: RawImage, problems: Problem[]) {
  const mask = await readMask(dataset, index);
  if (mask === null) return null;
  const skew = Math.abs(mask.width * image.height - mask.height * image.width);
  // A side of either may have been rounded by a pixel.
  if (skew > Math.max(image.width, image.height, mask.width, mask.height)) {
    const message = `the mask ${dataset.samples[index]!.mask} has ${mask.width} x ${mask.height} pixels and the image ${image.width} x ${image.height}; masks must have the shape of their image`;
    problems.push({ code: "mask-size", path: dataset.samples[index]!.fileName, message });
    return null;
  }
  return cropSquare(mask);
}

/**
 * Finds what the map of image `index` is made from: boxes by the box columns, else by the parts of its mask; tone by the
 * tone column, else estimated outside the lesion (`docs/maps.md`).
 * @param image The decoded image, at its own size.
 * @throws GanglionError `dataset` that lists every cell and mask which cannot be used; `image`, `files` as `readMask`
 */
export async function readImageMap(dataset: Dataset, index: number, image: RawImage): Promise<ImageMap> {
  const problems: Problem[] = [];
  const sample = dataset.samples[index]!;
  const mask = await squareMask(dataset, index, image, problems);
  const stated = statedBoxes(sample, dataset.columns, image, problems);
  const boxes = stated ?? (mask === null ? [] : maskBoxes(mask.data, mask.width));
  const column = toneColumn(dataset);
  const cell = column === undefined ? "" : (sample.attributes[column] ?? "");
  const tone = isToneUnknown(cell) ? null : parseTone(cell);
  if (tone === null && !isToneUnknown(cell)) {
    problems.push({ code: "tone", path: sample.fileName, message: `column ${column}: ${toneMessage(cell)}` });
  }
  if (problems.length > 0) throw new GanglionError("dataset", problems[0]!.message, { problems });
  if (tone !== null) {
    const marked = /^(1|true|yes)$/i.test((sample.attributes[TONE_ESTIMATED] ?? "").trim());
    return { boxes, mask, tone, toneSource: marked ? "marked" : "stated", angle: null };
  }
  const size = Math.min(TONE_SIZE, image.width, image.height);
  const region = mask === null ? new Uint8Array(size * size) : resizeSquareNearest(mask, size).data;
  if (mask === null) fillBoxes(region, size, boxes);
  const found = estimateTone(await resizeSquare(image, size), region);
  if (found === null) return { boxes, mask, tone: ASSUMED_TONE, toneSource: "assumed", angle: null };
  return { boxes, mask, tone: found.tone, toneSource: found.from, angle: found.angle };
}

/** The lesion of a map, [size * size], 0 outside and 255 inside. @param kind What fills it */
export function regionOfMap(
  { boxes, mask }: Pick<ImageMap, "boxes" | "mask">,
  kind: MapKind,
  size: number,
): Uint8Array {
  if (kind === "mask") return mask === null ? new Uint8Array(size * size) : resizeSquareNearest(mask, size).data;
  const region = new Uint8Array(size * size);
  fillBoxes(region, size, boxes);
  return region;
}
