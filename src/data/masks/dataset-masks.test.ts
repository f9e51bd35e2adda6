// Masks as programs store them: which values are inside is found, said, or asked for.
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../dataset.ts";
import { importDataset } from "../import.ts";
import { readMask } from "../pixels.ts";
import { pngOf, writeFiles } from "../testing/fixtures.ts";
import type { MaskValue } from "./mask-values.ts";
import { storedPng } from "./testing/stored-png.ts";

const folder = await temporaryFolder();
const SIZE = 16;
const image = await pngOf(1, SIZE, SIZE);
let made = 0;

/** Values of a square mask: `background`, with a rectangle of each label from left to right. */
function drawn(labels: readonly number[], background = 0, size = SIZE): number[] {
  const out = new Array<number>(size * size).fill(background);
  labels.forEach((label, i) => {
    for (let y = 4; y < 10; y++) for (let x = 1 + 5 * i; x < 5 + 5 * i; x++) out[y * size + x] = label;
  });
  return out;
}

/** Pixels of one rectangle. */
const ONE = 24;
const empty = new Array<number>(SIZE * SIZE).fill(0);

/** Reads images with these masks; a mask is given once or several times for each image. */
async function read(
  masks: readonly Uint8Array[],
  maskValues?: readonly MaskValue[],
  ending = "png",
  size?: Uint8Array,
) {
  const root = join(folder, String(made++));
  const files = masks.flatMap((mask, i): [string, Uint8Array][] => [
    [`images/${i}.png`, size ?? image],
    [`masks/${i}.${ending}`, mask],
  ]);
  await writeFiles(root, Object.fromEntries(files));
  return readDataset(root, { maskValues });
}

type Read = Awaited<ReturnType<typeof read>>;

/** Pixels inside of each mask; each is 0 or 255. */
async function inside(set: Read): Promise<number[]> {
  const masks = await Promise.all(set.samples.map((_, i) => readMask(set, i)));
  return masks.map((mask) => {
    expect([...new Set(mask!.data)].every((value) => value === 0 || value === 255)).toBe(true);
    return mask!.data.filter((value) => value === 255).length;
  });
}

const maskNotes = (set: Read) =>
  set.notes.filter((note) => !/are masks of images|no metadata|labels?\b.*folder/.test(note)).join("\n");

test.each([
  [1, 8, 1],
  [255, 8, 1],
  [1, 16, 1],
  [65535, 16, 1],
  [256, 16, 1],
  [1, 1, 1],
  [3, 2, 1],
] as const)("one value %i in %i bits; empty masks stay empty", async (value, bits, n) => {
  const set = await read([storedPng(drawn([value]), SIZE, bits), storedPng(empty, SIZE, bits)]);
  expect(await inside(set)).toEqual([n * ONE, 0]);
});

test("0 and 1 in 16 bits is said and imported as 0 and 255", async () => {
  const set = await read([storedPng(drawn([1]), SIZE, 16)]);
  expect(maskNotes(set)).toContain("the masks hold the one value 1");
  const out = join(folder, "out16");
  await importDataset(set, out);
  const copy = await readDataset(out);
  expect(copy.maskRule).toEqual({ kind: "listed", values: [255], others: [0] });
  expect((await readMask(copy, 0))!.data.filter((value) => value === 255)).toHaveLength(ONE);
});

test("several labels all count and are listed; some can be chosen", async () => {
  const masks = [storedPng(drawn([85, 170, 255]), SIZE, 8), storedPng(drawn([85]), SIZE, 8), storedPng(empty, SIZE, 8)];
  const all = await read(masks);
  expect(await inside(all)).toEqual([3 * ONE, ONE, 0]);
  expect(maskNotes(all)).toMatch(/3 labels \(85, 170, 255\).*--mask-values 85/);
  expect(await inside(await read(masks, [85, 255]))).toEqual([2 * ONE, ONE, 0]);
  const small = [storedPng(drawn([1, 2, 3]), SIZE, 16)];
  expect(await inside(await read(small))).toEqual([3 * ONE]);
  expect(await inside(await read(small, [2]))).toEqual([ONE]);
});

test("values that no mask holds are named", async () => {
  const set = await read([storedPng(drawn([1, 2]), SIZE, 8)], [7]);
  expect(maskNotes(set)).toMatch(/none of the 1 mask that was looked at holds 7.*they hold 0, 1, 2/);
});

test("palettes: positions are the values, whatever their colours; black is outside", async () => {
  const voc = [0, 0x800000, 0x008000, 0x808000];
  const set = await read([storedPng(drawn([1, 3]), SIZE, 8, voc), storedPng(empty, SIZE, 8, voc)]);
  expect(await inside(set)).toEqual([2 * ONE, 0]);
  expect(maskNotes(set)).toContain("1 (#800000), 3 (#808000)");
  expect(await inside(await read([storedPng(drawn([1, 3]), SIZE, 2, voc)], [3]))).toEqual([ONE]);
  expect(await inside(await read([storedPng(drawn([1, 3]), SIZE, 8, voc)], ["#800000"]))).toEqual([ONE]);
  // Dark and equally bright colours, of which a grey picture would lose some.
  expect(await inside(await read([storedPng(drawn([1, 2]), SIZE, 8, [0, 0x000040, 0x100000])]))).toEqual([2 * ONE]);
  // Black is not at the first position.
  expect(await inside(await read([storedPng(drawn([0], 1), SIZE, 8, [0xff0000, 0])]))).toEqual([ONE]);
  // A palette without black: the first position is outside.
  expect(await inside(await read([storedPng(drawn([1]), SIZE, 8, [0xffffff, 0xff0000])]))).toEqual([ONE]);
  // A palette of greys may be named by grey or by position.
  const greys = [0, 0x808080, 0xffffff];
  for (const value of [1, 128]) {
    expect(await inside(await read([storedPng(drawn([1, 2]), SIZE, 8, greys)], [value]))).toEqual([ONE]);
  }
});

/** A picture of colours, in a format of sharp. */
function coloured(values: readonly number[], size = SIZE) {
  const data = Uint8Array.from(values.flatMap((value) => [value >> 16, (value >> 8) & 255, value & 255]));
  return sharp(data, { raw: { width: size, height: size, channels: 3 } });
}

test("colours: all but black is inside; a colour can be chosen; numbers are asked back", async () => {
  const png = new Uint8Array(
    await coloured(drawn([0xff0000, 0x00ff00, 0x000040]))
      .png()
      .toBuffer(),
  );
  const set = await read([png]);
  expect(await inside(set)).toEqual([3 * ONE]);
  expect(maskNotes(set)).toContain("#000040, #00ff00, #ff0000");
  expect(await inside(await read([png], ["#00ff00"]))).toEqual([ONE]);
  const numbers = await read([png], [1]);
  expect(maskNotes(numbers)).toMatch(/the masks hold colours.*and 1 is none.*colours as #rrggbb/);
  expect((await failure(importDataset(numbers, join(folder, "colours")))).message).toContain("colours as #rrggbb");
  const grey = new Uint8Array(
    await coloured(drawn([0xffffff]))
      .png()
      .toBuffer(),
  );
  expect(await inside(await read([grey, storedPng(empty, SIZE, 8)], [255]))).toEqual([ONE, 0]);
});

test("transparent pixels are outside", async () => {
  const data = Uint8Array.from(drawn([1]).flatMap((value) => [255, 255, 255, 255 * value]));
  const png = await sharp(data, { raw: { width: SIZE, height: SIZE, channels: 4 } })
    .png()
    .toBuffer();
  expect(await inside(await read([new Uint8Array(png)]))).toEqual([ONE]);
});

/** A disc in the middle of a large picture. */
const LARGE = 96;
const large = await pngOf(1, LARGE, LARGE);
const disc = (value: number, radius = 30) =>
  Array.from({ length: LARGE * LARGE }, (_, i) =>
    Math.hypot((i % LARGE) - LARGE / 2, Math.floor(i / LARGE) - LARGE / 2) < radius ? value : 0,
  );
const core = disc(1, 15);
const area = disc(1).reduce((a, b) => a + b, 0);
const near = (n: number, of: number) => expect(Math.abs(n - of) / of).toBeLessThan(0.04);

test.each([[0xffffff], [0x646464], [0xff0000], [0x00ff00]])(
  "JPEG of %i: noise is outside, empty masks stay empty",
  async (colour) => {
    const jpeg = async (values: number[]) =>
      new Uint8Array(await coloured(values, LARGE).jpeg({ quality: 60 }).toBuffer());
    const noise = disc(0).map((_, i) => (i % 7 === 0 ? 0x030303 : 0));
    const set = await read([await jpeg(disc(colour)), await jpeg(noise)], undefined, "jpg", large);
    const [found, none] = await inside(set);
    near(found!, area);
    expect(none).toBe(0);
    expect(maskNotes(set)).toMatch(/the masks are JPEG, with values about .* count as lesion/);
  },
);

test("JPEG of several labels: all count, one can be chosen by number or colour", async () => {
  const two = disc(0x7f7f7f).map((value, i) => (core[i] === 1 ? 0xffffff : value));
  const small = core.reduce((a, b) => a + b, 0);
  const jpeg = new Uint8Array(await coloured(two, LARGE).jpeg({ quality: 80 }).toBuffer());
  const set = await read([jpeg], undefined, "jpg", large);
  near((await inside(set))[0]!, area);
  expect(maskNotes(set)).toMatch(/choose some of them with --mask-values/);
  const inner = (await inside(await read([jpeg], [255], "jpg", large)))[0]!;
  expect(Math.abs(inner - small) / small).toBeLessThan(0.08);
  const colours = disc(0xff0000).map((value, i) => (core[i] === 1 ? 0x0000ff : value));
  const rgb = new Uint8Array(await coloured(colours, LARGE).jpeg({ quality: 90 }).toBuffer());
  const blue = (await inside(await read([rgb], ["#0000ff"], "jpg", large)))[0]!;
  expect(Math.abs(blue - small) / small).toBeLessThan(0.12);
});

test("labels 0 and 1 as JPEG are lost, which is said", async () => {
  const jpeg = new Uint8Array(await coloured(disc(0x010101), LARGE).jpeg().toBuffer());
  const set = await read([jpeg], undefined, "jpg", large);
  expect(await inside(set)).toEqual([0]);
  expect(maskNotes(set)).toContain("labels such as 1 and 2 do not survive JPEG");
});

test("soft edges: from half of the label", async () => {
  const soft = await sharp(Uint8Array.from(disc(255)), { raw: { width: LARGE, height: LARGE, channels: 1 } })
    .blur(3)
    .toColourspace("b-w")
    .png()
    .toBuffer();
  const set = await read([new Uint8Array(soft)], undefined, "png", large);
  near((await inside(set))[0]!, area);
  expect(maskNotes(set)).toContain("soft edges");
});

test("many labels of instances all count", async () => {
  const cells = Array.from({ length: LARGE * LARGE }, (_, i) => {
    const [x, y] = [i % LARGE, Math.floor(i / LARGE)];
    return x % 12 < 8 && y % 12 < 8 ? 1 + Math.floor(x / 12) + 8 * Math.floor(y / 12) : 0;
  });
  const count = cells.filter((value) => value > 0).length;
  for (const bits of [8, 16] as const) {
    expect(await inside(await read([storedPng(cells, LARGE, bits)], undefined, "png", large))).toEqual([count]);
  }
});

test("inverted masks and masks without 0 are not guessed: import refuses and names the flag", async () => {
  const inverted = [storedPng(drawn([0], 255), SIZE, 8), storedPng(drawn([0, 0], 255), SIZE, 8)];
  const set = await read(inverted);
  expect(maskNotes(set)).toMatch(
    /the border of the masks is 255.*inverted: --mask-values 0, or as they are: --mask-values 255/,
  );
  expect((await failure(importDataset(set, join(folder, "inverted")))).message).toContain("--mask-values 0");
  expect(await inside(await read(inverted, [0]))).toEqual([ONE, 2 * ONE]);
  expect(await inside(await read(inverted, [255]))).toEqual([SIZE * SIZE - ONE, SIZE * SIZE - 2 * ONE]);
  const trimap = await read([storedPng(drawn([1, 3], 2), SIZE, 8)]);
  expect(maskNotes(trimap)).toMatch(/hold the values 1, 2, 3 and none of them is 0/);
  expect(await inside(await read([storedPng(drawn([1, 3], 2), SIZE, 8)], [1]))).toEqual([ONE]);
});

test("255 beside small labels is left out and said; in masks of its own it is a label", async () => {
  const set = await read([storedPng(drawn([1, 2, 255]), SIZE, 8)]);
  expect(await inside(set)).toEqual([2 * ONE]);
  expect(maskNotes(set)).toMatch(/"ignored".*--mask-values/);
  expect(await inside(await read([storedPng(drawn([1]), SIZE, 8), storedPng(drawn([255]), SIZE, 8)]))).toEqual([
    ONE,
    ONE,
  ]);
});

test("several masks of an image are joined, each by the rule", async () => {
  const root = join(folder, String(made++));
  await writeFiles(root, {
    "a/1.png": image,
    "a/1_mask.png": storedPng(drawn([1]), SIZE, 16),
    "a/1_mask_1.png": storedPng(drawn([0, 2]), SIZE, 16),
    "b/2.png": image,
    "b/2_mask.png": storedPng(empty, SIZE, 16),
  });
  expect(await inside(await readDataset(root))).toEqual([2 * ONE, 0]);
  expect(await inside(await readDataset(root, { maskValues: [2] }))).toEqual([ONE, 0]);
});

test("dataset.json may list the values", async () => {
  const root = join(folder, String(made++));
  await writeFiles(root, {
    "images/1.png": image,
    "masks/1.png": storedPng(drawn([1, 2]), SIZE, 8),
    "dataset.json": '{"maskValues":[2]}',
  });
  expect(await inside(await readDataset(root))).toEqual([ONE]);
  await writeFiles(root, { "dataset.json": '{"maskValues":["red"]}' });
  expect((await failure(readDataset(root))).message).toContain("#rrggbb");
});
