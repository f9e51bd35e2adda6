import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { GanglionError } from "../../core/errors.ts";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../dataset.ts";
import { encodePng } from "../image.ts";
import { noise, writeFiles } from "../testing/fixtures.ts";
import type { RawImage } from "../types.ts";
import { connectedComponents } from "./components.ts";
import { boxInSquare, maskBoxes, parseBoxCells } from "./lesion-boxes.ts";
import { drawOutlines, mapMontage, mapPicture } from "./map-montage.ts";
import { mapSourcesHash } from "./map-sources-hash.ts";
import { mapsHash, packMaps, toneHistogram } from "./pack-maps.ts";
import { fillMap } from "./semantic-map.ts";
import { estimateTone, lightnessAndYellow, toneOfAngle, typologyAngle } from "./skin-tone.ts";
import { isToneUnknown, parseTone } from "./tone-name.ts";

const folder = await temporaryFolder();

/** A square picture of one colour, with a function that recolours pixels. */
function picture(
  size: number,
  colour: readonly number[],
  at?: (x: number, y: number) => readonly number[] | null,
): RawImage {
  const data = new Uint8Array(3 * size * size);
  for (let i = 0; i < size * size; i++) data.set(at?.(i % size, Math.floor(i / size)) ?? colour, 3 * i);
  return { width: size, height: size, channels: 3, data };
}

const greyOf = (width: number, height: number, at: (x: number, y: number) => number): RawImage => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width))),
});

/** Colours whose angles lie in the middle of the six classes; checked against sharp's CIELAB below. */
const SKIN = [
  [238, 200, 186],
  [218, 175, 150],
  [205, 155, 126],
  [178, 126, 98],
  [134, 90, 68],
  [94, 62, 49],
];

describe("boxes", () => {
  test("parts of a mask touch by corners; specks give no box unless they are all there is", () => {
    const mask = new Uint8Array(400);
    for (const [x, y] of [
      [4, 2],
      [3, 3],
      [2, 4],
      [15, 15],
    ])
      mask[y! * 20 + x!] = 255;
    expect(connectedComponents(mask, 20, 20)).toMatchObject([
      { xMin: 2, yMin: 2, xMax: 5, yMax: 5, area: 3 },
      { xMin: 15, yMin: 15, xMax: 16, yMax: 16, area: 1 },
    ]);
    expect(maskBoxes(mask, 20)).toEqual([{ xMin: 0.1, yMin: 0.1, xMax: 0.25, yMax: 0.25 }]);
    const speck = new Uint8Array(400);
    speck[399] = 1;
    expect(maskBoxes(speck, 20)).toEqual([{ xMin: 0.95, yMin: 0.95, xMax: 1, yMax: 1 }]);
    expect(maskBoxes(new Uint8Array(400), 20)).toEqual([]);
  });

  test("a box lies in the centre square of its image, cut at the edge, or outside", () => {
    expect(boxInSquare({ xMin: 10, yMin: 0, xMax: 15, yMax: 5 }, 20, 10)).toEqual({
      xMin: 0.5,
      yMin: 0,
      xMax: 1,
      yMax: 0.5,
    });
    expect(boxInSquare({ xMin: 2, yMin: 4, xMax: 8, yMax: 8 }, 20, 10)).toEqual({
      xMin: 0,
      yMin: 0.4,
      xMax: 0.3,
      yMax: 0.8,
    });
    expect(boxInSquare({ xMin: 0, yMin: 0, xMax: 5, yMax: 5 }, 20, 10)).toBeNull();
  });

  test("cells hold one box or several; every wrong one is named", () => {
    const names = ["x_min", "y_min", "x_max", "y_max"];
    const read = (...cells: string[]) => parseBoxCells(cells, names, { width: 20, height: 10 });
    expect(read("1;5", "2;3", "4;8", "6;9").boxes).toEqual([
      { xMin: 1, yMin: 2, xMax: 4, yMax: 6 },
      { xMin: 5, yMin: 3, xMax: 8, yMax: 9 },
    ]);
    expect(read("1", "2", "20", "10")).toMatchObject({ wrong: [] });
    expect(read("1;x", "2;3", "4;", "6;9").wrong.map(({ message }) => message)).toEqual([
      'x_min is "1;x"; give one number of pixels, or several separated by ";"',
      'x_max is "4;"; give one number of pixels, or several separated by ";"',
    ]);
    expect(read("1;2", "2", "4", "6").wrong[0]!.message).toContain("hold 2, 1, 1, 1 numbers");
    expect(read("4;1", "2;2", "4;21", "6;3").wrong.map(({ code }) => code)).toEqual(["box-extent", "box-outside"]);
  });
});

describe("tones", () => {
  test.each([
    ["3", 3],
    ["3.0", 3],
    ["iv", 4],
    [" VI ", 6],
    ["FST III", 3],
    ["fst2", 2],
    ["type 3", 3],
    ["Fitzpatrick skin type V", 5],
    ["skin_type-1", 1],
    ["0", null],
    ["7", null],
    ["VII", null],
    ["2.5", null],
    ["-3", null],
    [".5", null],
    ["light", null],
    ["", null],
  ])("%j is tone %j", (text, tone) => expect(parseTone(text)).toBe(tone));

  test("cells that say nothing are told from wrong ones", () => {
    expect(["", " ", "NA", "-1", "unknown"].every(isToneUnknown)).toBe(true);
    expect(["VII", "0", "dark"].some(isToneUnknown)).toBe(false);
  });

  test("L* and b* equal those of libvips", async () => {
    const { data } = noise(1, 16, 16, 3);
    const lab = await sharp(data, { raw: { width: 16, height: 16, channels: 3 } })
      .toColourspace("lab")
      .raw({ depth: "float" })
      .toBuffer();
    for (let i = 0; i < 256; i++) {
      const [lightness, yellow] = lightnessAndYellow(data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!);
      // libvips reads its tables at 8 bits.
      expect(Math.abs(lightness - lab.readFloatLE(12 * i))).toBeLessThan(0.05);
      expect(Math.abs(yellow - lab.readFloatLE(12 * i + 8))).toBeLessThan(0.2);
    }
  });

  test("the angle is bounded where b* is zero or below", () => {
    expect(typologyAngle(70, 20)).toBeCloseTo(45, 10);
    expect(typologyAngle(30, 20)).toBeCloseTo(-45, 10);
    expect([typologyAngle(70, 0), typologyAngle(70, -5), typologyAngle(30, -5)]).toEqual([90, 90, -90]);
  });

  test("bins of the angle", () => {
    expect([90, 55.1, 55, 41.1, 41, 28, 10.1, 10, -29, -30, -90].map(toneOfAngle)).toEqual([
      1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6,
    ]);
  });

  const lesion = (x: number, y: number) => (x >= 20 && x < 44 && y >= 20 && y < 44 ? [90, 40, 30] : null);
  const region = greyOf(64, 64, (x, y) => (lesion(x, y) ? 255 : 0)).data;

  test.each(SKIN.map((colour, i) => [i + 1, colour] as const))(
    "skin of tone %i is found around a dark lesion",
    (tone, colour) => {
      expect(estimateTone(picture(64, colour, lesion), region)).toMatchObject({ tone, from: "skin" });
    },
  );

  test("black corners, hair and glare do not change it", () => {
    const dirty = picture(64, SKIN[1]!, (x, y) => {
      if ((x - 32) ** 2 + (y - 32) ** 2 > 34 ** 2) return [3, 2, 2];
      if ((x + y) % 9 === 0) return [40, 30, 25];
      return (x + 3 * y) % 23 === 0 ? [255, 255, 255] : lesion(x, y);
    });
    const clean = estimateTone(picture(64, SKIN[1]!, lesion), region);
    expect(estimateTone(dirty, region)).toEqual(clean);
  });

  test("hair and ink do not darken skin of uneven light, nor does the edge of a large lesion", () => {
    const uneven = (x: number) => SKIN[2]!.map((value) => value - 20 + Math.round((40 * x) / 63));
    const clean = estimateTone(picture(64, [], uneven), new Uint8Array(64 * 64));
    const hairy = picture(64, [], (x, y) => ((x + 2 * y) % 7 < 2 ? [45, 32, 28] : uneven(x)));
    const found = estimateTone(hairy, new Uint8Array(64 * 64));
    expect(Math.abs((found?.angle ?? 0) - (clean?.angle ?? 0))).toBeLessThan(1);
    const edge = (x: number, y: number, from: number) => x >= from && x < 64 - from && y >= from && y < 64 - from;
    const blurred = picture(64, SKIN[2]!, (x, y) => (edge(x, y, 3) ? [150, 105, 80] : null));
    const large = Uint8Array.from({ length: 64 * 64 }, (_, i) => (edge(i % 64, i >> 6, 8) ? 255 : 0));
    expect(estimateTone(blurred, large)?.angle).toBe(estimateTone(picture(64, SKIN[2]!), large)?.angle);
  });

  test("a lesion that fills the image leaves the border; grey and black images have no tone", () => {
    const all = new Uint8Array(64 * 64).fill(255);
    expect(estimateTone(picture(64, SKIN[3]!, lesion), all)).toMatchObject({ tone: 4, from: "border" });
    expect(estimateTone(picture(64, [120, 120, 120]), region)).toBeNull();
    expect(
      estimateTone(
        greyOf(64, 64, () => 9),
        region,
      ),
    ).toBeNull();
    expect(estimateTone(picture(64, [0, 12, 0]), region)).toBeNull();
  });
});

/** A set of four 40 x 32 images, with what the rows say. */
async function setOf(name: string, header: string, rows: readonly string[], extra: Record<string, Uint8Array> = {}) {
  const files: Record<string, string | Uint8Array> = { "metadata.csv": `file_name,label,${header}\n`, ...extra };
  for (const [i, row] of rows.entries()) {
    const { data } = picture(40, SKIN[i]!);
    files[`${i}.png`] = await encodePng({ width: 40, height: 32, channels: 3, data: data.slice(0, 3 * 40 * 32) });
    files["metadata.csv"] += `${i}.png,${"ab"[i % 2]},${row}\n`;
  }
  return readDataset(await writeFiles(join(folder, name), files));
}

const mask = (width: number, height: number, inside: (x: number, y: number) => boolean, value = 255) =>
  encodePng(greyOf(width, height, (x, y) => (inside(x, y) ? value : 0)));

describe("packed maps", () => {
  test("boxes and tones of columns, several boxes an image, empty maps counted", async () => {
    const rows = ["I,4,0,20,16", "FST V,4;30,0;16,20;36,16;32", "3,,,,", "6,0,0,3,3"];
    const dataset = await setOf("boxes", "tone,x_min,y_min,x_max,y_max", rows);
    const { maps, notes } = await packMaps(dataset, { kind: "box", resolution: 8 });
    expect(maps.boxes).toEqual([
      [{ xMin: 0, yMin: 0, xMax: 0.5, yMax: 0.5 }],
      [
        { xMin: 0, yMin: 0, xMax: 0.5, yMax: 0.5 },
        { xMin: 26 / 32, yMin: 0.5, xMax: 1, yMax: 1 },
      ],
      [],
      [],
    ]);
    expect([...maps.tones]).toEqual([1, 5, 3, 6]);
    expect(maps.tonesEstimated).toBe(false);
    expect(notes).toEqual(["2 of 4 images have no lesion: their maps are empty but for the tone"]);
    const inside = [...maps.regions.subarray(64, 128)].map((v, i) => (v ? [i % 8, i >> 3] : null)).filter(Boolean);
    expect(inside).toHaveLength(16 + 4);
    expect(inside.slice(-1)).toEqual([[7, 7]]);
  });

  test("boxes and shapes of masks, tones estimated and said, label masks read", async () => {
    const shape = (x: number, y: number) => x >= 12 && x < 20 && y >= 8 && y < 24;
    const dataset = await setOf("masks", "mask,tone", ["m0.png,", "m1.png,na", "m2.png,", ",VI"], {
      "m0.png": await mask(40, 32, shape),
      "m1.png": await mask(40, 32, (x, y) => shape(x, y) || (x > 30 && y > 20), 2),
      "m2.png": await mask(20, 16, (x, y) => x >= 6 && x < 10 && y >= 4 && y < 12),
    });
    const { maps, notes } = await packMaps(dataset, { kind: "mask", resolution: 32 });
    const box = { xMin: 0.25, yMin: 0.25, xMax: 0.5, yMax: 0.75 };
    expect(maps.boxes).toEqual([[box], [box, { xMin: 27 / 32, yMin: 21 / 32, xMax: 1, yMax: 1 }], [box], []]);
    expect([...maps.tones]).toEqual([1, 2, 3, 6]);
    expect(maps.tonesEstimated).toBe(true);
    expect(maps.regions.subarray(0, 1024)).toEqual(maps.regions.subarray(2048, 3072));
    expect(maps.regions.subarray(0, 1024).filter((v) => v === 255)).toHaveLength(8 * 16);
    expect(notes[0]).toMatch(/^skin tones of 3 of 4 images are estimated by ITA/);
    const again = await packMaps(dataset, { kind: "mask", resolution: 32 });
    expect(mapsHash(again.maps)).toBe(mapsHash(maps));
    const other = await packMaps(dataset, { kind: "box", resolution: 32 });
    expect(mapsHash(other.maps)).not.toBe(mapsHash(maps));
    expect(toneHistogram(maps.tones)).toEqual([1, 1, 1, 0, 0, 1]);
    const few = await packMaps(dataset, { kind: "mask", resolution: 32, indices: [3, 1] });
    expect([...few.maps.tones]).toEqual([6, 2]);
  });

  test("lesions that a map cannot show are told from images without one", async () => {
    const rows = ["m.png,,,,", ",4,4,20,16", ",,,,", ",4,4,4.1,4.1"];
    const shape = { "m.png": await mask(40, 32, (x) => x < 20) };
    const dataset = await setOf("lost", "mask,x_min,y_min,x_max,y_max", rows, shape);
    const said = async (kind: "box" | "mask") => (await packMaps(dataset, { kind, resolution: 8 })).notes.slice(-2);
    expect(await said("mask")).toEqual([
      "3 of 4 images have no lesion: their maps are empty but for the tone",
      "2 of these have boxes but no mask, and maps of shapes show masks alone: their lesions are left out",
    ]);
    expect(await said("box")).toEqual([
      "2 of 4 images have no lesion: their maps are empty but for the tone",
      "1 of these have boxes but none that holds a pixel of the map: their lesions are left out",
    ]);
  });

  test("all that is wrong is said at once, in the order of the images", async () => {
    const rows = ["VII,0,0,41,9", "dark,3,3,3,9", "2,1,1,2,2", "x,,,,"];
    const dataset = await setOf("wrong", "tone,x_min,y_min,x_max,y_max", rows);
    const error = (await packMaps(dataset, { kind: "box", resolution: 8 }).catch((e) => e)) as GanglionError;
    expect(error).toBeInstanceOf(GanglionError);
    expect(error.problems.map(({ path, code }) => `${path} ${code}`)).toEqual([
      "0.png box-outside",
      "0.png tone",
      "1.png box-extent",
      "1.png tone",
      "3.png tone",
    ]);
    expect(error.message).toContain('tone "VII" is no Fitzpatrick type; give 1 to 6 or I to VI');
  });

  test("a mask of another shape, and a set without masks or boxes, are refused", async () => {
    const dataset = await setOf("shape", "mask", ["m.png"], { "m.png": await mask(32, 32, () => true) });
    await expect(packMaps(dataset, { kind: "mask", resolution: 8 })).rejects.toThrow(
      /the mask m.png has 32 x 32 pixels and the image 40 x 32/,
    );
    // Masks at four times the size, whose last row is half a pixel of the image.
    const finer = await setOf("finer", "mask", ["m.png"], { "m.png": await mask(160, 126, () => true) });
    expect((await packMaps(finer, { kind: "mask", resolution: 8 })).maps.regions.every((v) => v === 255)).toBe(true);
    const bare = await setOf("bare", "tone", ["I", "II"]);
    await expect(packMaps(bare, { kind: "box", resolution: 8 })).rejects.toThrow(/no boxes and no masks.*add columns/);
    const boxes = await setOf("only-boxes", "x_min,y_min,x_max,y_max", ["1,1,2,2"]);
    await expect(packMaps(boxes, { kind: "mask", resolution: 8 })).rejects.toThrow(/no masks.*make maps of kind box/);
    const signal = AbortSignal.abort();
    await expect(packMaps(boxes, { kind: "box", resolution: 8, signal })).rejects.toThrow(/stopped/);
  });

  test("a Monk scale is not read as Fitzpatrick types; grey images get a constant that is said", async () => {
    const monk = await setOf("monk", "monk_skin_tone,x_min,y_min,x_max,y_max", ["6,8,8,16,16"]);
    const { maps, notes } = await packMaps(monk, { kind: "box", resolution: 8 });
    expect([...maps.tones]).toEqual([1]);
    expect(notes[0]).toMatch(/Monk scale and is not read/);
    const grey = await readDataset(
      await writeFiles(join(folder, "grey"), {
        "metadata.csv": "file_name,label,x_min,y_min,x_max,y_max\ng.png,a,1,1,3,3\n",
        "g.png": await encodePng(greyOf(8, 8, (x) => 30 * x)),
      }),
    );
    const found = await packMaps(grey, { kind: "box", resolution: 8 });
    expect([...found.maps.tones]).toEqual([3]);
    expect(found.maps.tonesEstimated).toBe(true);
    expect(found.notes[0]).toMatch(/1 of 1 images are grey or black and state no tone: they get tone III/);
  });
});

describe("pictures of maps", () => {
  test("channels are R the tone, G and B the condition", () => {
    const map = new Float32Array(12);
    fillMap(map, 0, { condition: 1, conditions: 3, tone: 3 }, [0, 255, 0, 0]);
    expect([...mapPicture(map, 2).data]).toEqual([128, 0, 0, 128, 255, 128, 128, 0, 0, 128, 0, 0]);
  });

  test("outlines lie on the edge of boxes and regions", () => {
    const boxes = [{ xMin: 0.25, yMin: 0.25, xMax: 0.75, yMax: 1 }];
    const { data } = drawOutlines(picture(8, [9, 9, 9]), boxes, null);
    const lit = [...Array(64).keys()].filter((i) => data[3 * i] === 255).map((i) => [i % 8, i >> 3]);
    expect(lit).toHaveLength(2 * 4 + 2 * 6 - 4);
    expect(lit[0]).toEqual([2, 2]);
    expect(lit.at(-1)).toEqual([5, 7]);
  });

  test("a montage has a row a tone and three pictures an image", async () => {
    const dataset = await setOf("montage", "tone,x_min,y_min,x_max,y_max", ["I,8,0,20,16", "V,8,0,20,16"]);
    const { width, height } = await mapMontage(dataset, { size: 28, columns: 2 });
    expect([width, height]).toEqual([6 * 28 + 5 * 2, 2 * (28 + 4) + 2]);
  });
});

describe("the hash of what maps are made of", () => {
  const square = (value: number) => encodePng(greyOf(8, 8, (x) => (x < value ? 255 : 0)));
  const hashOf = async (
    name: string,
    {
      mask = 3,
      box = "1,1,4,4",
      tone = "2",
      site = "arm",
    }: { mask?: number; box?: string; tone?: string; site?: string },
  ) => {
    const root = await writeFiles(join(folder, name), {
      "a.png": await encodePng(picture(8, SKIN[1]!)),
      "b.png": await encodePng(picture(8, SKIN[2]!)),
      "masks/a.png": await square(mask),
      "metadata.csv": [
        "file_name,label,mask_file_name,x_min,y_min,x_max,y_max,fitzpatrick,site",
        `a.png,mel,masks/a.png,,,,,3,${site}`,
        `b.png,nv,,${box},${tone},leg\n`,
      ].join("\n"),
    });
    return mapSourcesHash(await readDataset(root));
  };

  test("is the same for the same, and for other columns", async () => {
    expect(await hashOf("same", {})).toBe(await hashOf("again", {}));
    expect(await hashOf("same", {})).toBe(await hashOf("site", { site: "leg" }));
  });

  test.each([
    ["a mask", { mask: 5 }],
    ["a box", { box: "1,1,5,4" }],
    ["a tone", { tone: "4" }],
  ])("is another where %s was corrected", async (name, change) => {
    expect(await hashOf(name, change)).not.toBe(await hashOf("first", {}));
  });
});
