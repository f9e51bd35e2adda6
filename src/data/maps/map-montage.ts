import { Rng } from "../../core/rng.ts";
import { withChannels } from "../image.ts";
import { montage } from "../montage.ts";
import { mapLimited } from "../parallel.ts";
import { readImage } from "../pixels.ts";
import { resizeSquare, resizeSquareNearest } from "../square.ts";
import type { Dataset, RawImage } from "../types.ts";
import { type ImageMap, readImageMap } from "./image-map.ts";
import { type Box, fillBoxes, fillMap, MAP_CHANNELS, type MapKind, TONES } from "./semantic-map.ts";

export interface MapMontageOptions {
  /** What fills the lesion in the maps. Defaults to `mask` where the dataset has masks, else `box`. */
  readonly kind?: MapKind;
  /** Images a row. Defaults to 4. */
  readonly columns?: number;
  /** Width and height of each picture in pixels. Defaults to 128. */
  readonly size?: number;
  /** Seed of the draw. Defaults to 0. */
  readonly seed?: number;
}

/** Images drawn to look for images of each tone among; a rare tone may be missed. */
const POOL = 400;

/** A map as a picture, `CHW` in [0, 1] => `HWC` bytes. */
export function mapPicture(map: Float32Array, size: number): RawImage {
  const pixels = size * size;
  const data = new Uint8Array(pixels * MAP_CHANNELS);
  for (let c = 0; c < MAP_CHANNELS; c++) {
    for (let i = 0; i < pixels; i++) data[i * MAP_CHANNELS + c] = Math.round(255 * map[c * pixels + i]!);
  }
  return { width: size, height: size, channels: 3, data };
}

/** Draws the outlines of boxes, and of a mask's region, into a picture of the same square. */
export function drawOutlines(image: RawImage, boxes: readonly Box[], mask: RawImage | null): RawImage {
  const { width: size } = image;
  const { data, ...rest } = withChannels(image, 3);
  const out = Uint8Array.from(data);
  const paint = (x: number, y: number, colour: readonly number[]) => out.set(colour, 3 * (y * size + x));
  if (mask !== null) {
    const { data: region } = resizeSquareNearest(mask, size);
    const inside = (x: number, y: number) => x >= 0 && y >= 0 && x < size && y < size && region[y * size + x] !== 0;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const edge = inside(x, y) && !(inside(x - 1, y) && inside(x + 1, y) && inside(x, y - 1) && inside(x, y + 1));
        if (edge) paint(x, y, MASK_COLOUR);
      }
    }
  }
  for (const { xMin, yMin, xMax, yMax } of boxes) {
    const place = (share: number) => Math.min(size - 1, Math.round(share * size));
    const [left, top, right, bottom] = [place(xMin), place(yMin), place(xMax - 1 / size), place(yMax - 1 / size)];
    for (let x = left; x <= right; x++) for (const y of [top, bottom]) paint(x, y, BOX_COLOUR);
    for (let y = top; y <= bottom; y++) for (const x of [left, right]) paint(x, y, BOX_COLOUR);
  }
  return { ...rest, data: out };
}

const MASK_COLOUR = [0, 255, 255];
const BOX_COLOUR = [255, 255, 0];

/** A row of tone swatches below a picture: the image's own is bright, filled where stated and hollow where estimated. */
function toneStrip(image: RawImage, map: ImageMap): RawImage {
  const { width: size } = image;
  const high = Math.max(4, Math.round(size / 14));
  const data = new Uint8Array(3 * size * (size + high));
  data.set(image.data);
  const wide = Math.floor(size / TONES.length);
  for (const tone of TONES) {
    const own = tone === map.tone;
    for (let y = 0; y < high; y++) {
      for (let x = 1; x < wide; x++) {
        const border = y === 0 || y === high - 1 || x === 1 || x === wide - 1;
        const bright = own && (map.toneSource === "stated" || border);
        const at = 3 * ((size + y) * size + (tone - 1) * wide + x);
        data.fill(bright ? 255 : 72, at, at + 3);
      }
    }
  }
  return { width: size, height: size + high, channels: 3, data };
}

/**
 * Maps beside their images: for each image the picture, the picture with its box (yellow) and mask (cyan), and the map as
 * RGB. One row a tone, from I down, drawn at random from 400 images at most; below the outlined picture six swatches, the tone's own bright: filled
 * where it is stated, hollow where it is estimated.
 * @throws GanglionError as `readImageMap`
 */
export async function mapMontage(dataset: Dataset, options: MapMontageOptions = {}): Promise<RawImage> {
  const { columns = 4, size = 128, seed = 0 } = options;
  const kind = options.kind ?? (dataset.samples.some(({ mask }) => mask !== undefined) ? "mask" : "box");
  const order = new Rng(seed, "map-montage").shuffle(dataset.samples.map((_, i) => i)).slice(0, POOL);
  const read = async (index: number) => {
    const image = await readImage(dataset, index);
    return { index, image, map: await readImageMap(dataset, index, image) };
  };
  const found = await mapLimited(order, 4, async (index) => (await read(index)).map.tone);
  const rows = TONES.map((tone) => order.filter((_, place) => found[place] === tone).slice(0, columns)).filter(
    (row) => row.length > 0,
  );
  const blank: RawImage = { width: size, height: size, channels: 3, data: new Uint8Array(3 * size * size).fill(255) };
  const cells = rows.flatMap((row) => Array.from({ length: columns }, (_, k) => row[k] ?? null));
  const pictures = await mapLimited(cells, 4, async (index) => {
    if (index === null) return [blank, blank, blank];
    const { image, map } = await read(index);
    const picture = withChannels(await resizeSquare(image, size), 3);
    const outlined = toneStrip(drawOutlines(picture, map.boxes, map.mask), map);
    const region = new Uint8Array(size * size);
    if (kind === "box") fillBoxes(region, size, map.boxes);
    else if (map.mask !== null) region.set(resizeSquareNearest(map.mask, size).data);
    const filled = new Float32Array(MAP_CHANNELS * size * size);
    const condition = dataset.classes.indexOf(dataset.samples[index]!.label);
    fillMap(filled, 0, { condition, conditions: dataset.classes.length, tone: map.tone }, region);
    return [picture, outlined, mapPicture(filled, size)];
  });
  return montage(pictures.flat(), 3 * columns);
}
