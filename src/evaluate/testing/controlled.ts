import { Rng } from "../../core/rng.ts";
import { type OutputRow, type RawImage, writeDataset } from "../../data/index.ts";

const SIDE = 24;
/** Colours of the lesions of each condition, and of the skins of each tone that is used. */
export const LESIONS: Readonly<Record<string, readonly number[]>> = { blue: [60, 60, 150], dark: [70, 45, 40] };
const SKINS: Readonly<Record<number, readonly number[]>> = {
  1: [245, 225, 215],
  3: [215, 170, 135],
  5: [140, 100, 75],
};
export const TONES_USED = [1, 3, 5];

/** What an image of the tests shows. */
export interface Shown {
  readonly condition: string;
  readonly tone: number;
  /** Box of the lesion in pixels, maximum exclusive. */
  readonly box: readonly [number, number, number, number];
}

/** What image i shows. */
function shownAt(i: number, seed: number): Shown {
  const rng = new Rng(seed, "controlled", i);
  const [x, y] = [2 + rng.integer(8), 2 + rng.integer(8)];
  const [width, height] = [7 + rng.integer(6), 7 + rng.integer(6)];
  return {
    condition: Object.keys(LESIONS)[i % 2]!,
    tone: TONES_USED[i % 3]!,
    box: [x, y, Math.min(SIDE, x + width), Math.min(SIDE, y + height)],
  };
}

const inside = ([left, top, right, bottom]: Shown["box"], x: number, y: number) =>
  x >= left && x < right && y >= top && y < bottom;

/** A filled box of the condition's colour on skin of the tone, with a little noise. */
function drawShown({ condition, tone, box }: Shown, rng: Rng): RawImage {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const colour = inside(box, i % SIDE, Math.floor(i / SIDE)) ? LESIONS[condition]! : SKINS[tone]!;
    for (let c = 0; c < 3; c++) data[3 * i + c] = colour[c]! + rng.integer(9) - 4;
  }
  return { width: SIDE, height: SIDE, channels: 3, data };
}

function maskOf({ box }: Shown): RawImage {
  const data = Uint8Array.from({ length: SIDE * SIDE }, (_, i) =>
    inside(box, i % SIDE, Math.floor(i / SIDE)) ? 255 : 0,
  );
  return { width: SIDE, height: SIDE, channels: 1, data };
}

/**
 * Writes a set with labels, tones, boxes and masks.
 * @param drawn What the image shows where that is not what its row says. Defaults to what the row says.
 * @param estimated 1 marks its tones as estimates.
 */
export async function writeControlled(
  folder: string,
  count: number,
  seed: number,
  drawn: (shown: Shown, i: number) => Shown = (shown) => shown,
  estimated: 0 | 1 = 0,
): Promise<string> {
  const rows = Array.from({ length: count }, (_, i): OutputRow => {
    const asked = shownAt(i, seed);
    const [x_min, y_min, x_max, y_max] = asked.box;
    return {
      fileName: `images/${i}.png`,
      image: drawShown(drawn(asked, i), new Rng(seed, "noise", i)),
      mask: { fileName: `masks/${i}.png`, image: maskOf(asked) },
      columns: { label: asked.condition, tone: asked.tone, tone_estimated: estimated, x_min, y_min, x_max, y_max },
    };
  });
  const box = ["x_min", "y_min", "x_max", "y_max"] as const;
  await writeDataset(folder, { rows, description: { label: "label", tone: "tone", mask: "mask_file_name", box } });
  return folder;
}
