import { expect, test } from "vitest";
import { Likeness } from "../likeness/likeness.ts";
import { StructureHasher } from "../likeness/structure-hash.ts";
import { phantomPlan } from "../phantom/plan.ts";
import { renderPhantom } from "../phantom/render.ts";
import { luminanceThumbnail } from "./perceptual-hash.ts";
import { PART_WORDS } from "./prints/picture-print.ts";
import { type ComparedPictures, findRepeats } from "./repeats.ts";
import type { RawImage } from "./types.ts";

const pictures = phantomPlan(150, 8)
  .filter((spec, i, all) => all.findIndex(({ patient }) => patient === spec.patient) === i)
  .slice(0, 60)
  .map((spec) => renderPhantom(spec, 128).image);
const thumbnail = (image: RawImage) => luminanceThumbnail(image, 32);

const AREA = 32 * 32;
const hasher = new StructureHasher();
/** Pictures that are only thumbnails; an empty one takes no part. */
function compared(thumbnails: readonly Float32Array[]): ComparedPictures {
  const words = new Uint32Array(PART_WORDS * thumbnails.length);
  const structured = thumbnails.map((plane, i) => (plane.length > 0 ? hasher.hash(plane, words, PART_WORDS * i) : 0));
  const inMemory = new Float32Array(new SharedArrayBuffer(4 * AREA * thumbnails.length));
  for (const [i, plane] of thumbnails.entries())
    if (plane.length > 0) inMemory.set(new Likeness(plane, 32).half.structure, AREA * i);
  return {
    length: thumbnails.length,
    structures: { stride: AREA, from: 0, length: AREA, inMemory, path: null },
    structured: (i) => structured[i]!,
    part: (i, position) => [words[PART_WORDS * i + 2 * position]!, words[PART_WORDS * i + 2 * position + 1]!],
    thumbnail: (i) => thumbnails[i]!,
  };
}

/** The part of an image from (left, top) on; mirrored where wanted. */
function part(image: RawImage, left: number, top: number, side: number, mirrored = false): RawImage {
  const { width, channels } = image;
  const data = new Uint8Array(side * side * channels);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = ((top + y) * width + left + (mirrored ? side - 1 - x : x)) * channels;
      for (let c = 0; c < channels; c++) data[(y * side + x) * channels + c] = image.data[from + c]!;
    }
  }
  return { width: side, height: side, channels, data };
}

test("different lesions repeat none", async () => {
  expect(await findRepeats(compared(pictures.map(thumbnail)))).toEqual([]);
});

test("cropped and mirrored pictures are found with their originals, and no others", { timeout: 120_000 }, async () => {
  const changes: [string, number, (image: RawImage, i: number) => RawImage][] = [
    ["cropped by 5 %", 0.9, (image, i) => part(image, i % 7, (i * 3) % 7, 122)],
    ["cropped by 10 %", 0.5, (image, i) => part(image, i % 13, (i * 5) % 13, 115)],
    ["mirrored", 0.9, (image) => part(image, 0, 0, 128, true)],
  ];
  for (const [name, least, change] of changes) {
    const found = await findRepeats(compared([...pictures, ...pictures.map(change)].map(thumbnail)));
    const right = found.filter(({ first, second }) => second === first + pictures.length);
    expect([name, found.length - right.length]).toEqual([name, 0]);
    expect(right.length / pictures.length, name).toBeGreaterThanOrEqual(least);
    if (name === "mirrored") expect(right[0]!.transform).toBe("mirrored");
  }
});

test("flat pictures, one picture and none repeat nothing", async () => {
  const flat = new Float32Array(1024).fill(80);
  expect(await findRepeats(compared([flat, flat, new Float32Array(0)]))).toEqual([]);
  expect(await findRepeats(compared([thumbnail(pictures[0]!)]))).toEqual([]);
  expect(await findRepeats(compared([]))).toEqual([]);
});
