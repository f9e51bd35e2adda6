import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { dicomTool, missingDicomTools, parsePnm } from "../testing/dicom-tools.ts";
import { type GreyOptions, openImages } from "./open-images.ts";
import { parseDicom } from "./parse.ts";
import { type BuiltElement, buildDicom, greyElements } from "./testing/build-dicom.ts";

async function rendered(bytes: Uint8Array, options: GreyOptions = {}, frame = 0): Promise<number[]> {
  return [...(await openImages(parseDicom(bytes)).render(frame, options)).data];
}

const grey = (pixels: readonly number[], ...further: BuiltElement[]) =>
  buildDicom(greyElements(1, pixels.length, pixels, further));
const ct: BuiltElement[] = [
  [0x00281052, "DS", "-1024"],
  [0x00281053, "DS", "2"],
];

test("a window in units of the modality, by option, by tag, by name, and by each of the three functions", async () => {
  const pixels = [0, 492, 512, 532, 2000];
  // -1024, -40, 0, 40, 2976 in units of the modality.
  expect(await rendered(grey(pixels, ...ct), { window: { center: 0, width: 160 } })).toEqual([0, 64, 128, 191, 255]);
  const two: BuiltElement[] = [
    ...ct,
    [0x00281050, "DS", "0\\40"],
    [0x00281051, "DS", "81\\2"],
    [0x00281055, "LO", "SOFT\\SHARP"],
  ];
  // LINEAR: 255 ((x + 0.5) / 80 + 0.5).
  expect(await rendered(grey(pixels, ...two))).toEqual([0, 2, 129, 255, 255]);
  expect(await rendered(grey(pixels, ...two), { window: { name: "sharp" } })).toEqual([0, 0, 0, 255, 255]);
  await expect(rendered(grey(pixels, ...two), { window: { name: "lung" } })).rejects.toThrow(
    /no window "lung"; the file has the windows "SOFT", "SHARP"/,
  );
  expect(await rendered(grey(pixels, ...two, [0x00281056, "CS", "LINEAR_EXACT"]))).toEqual([0, 2, 128, 253, 255]);
  expect(await rendered(grey(pixels, ...two, [0x00281056, "CS", "SIGMOID"]))).toEqual([0, 31, 128, 224, 255]);
});

test("without a word on how to show grey: all of 8 bits, else a range; MONOCHROME1 is inverted", async () => {
  expect(await rendered(buildDicom(greyElements(1, 4, Uint8Array.of(0, 10, 20, 255))))).toEqual([0, 10, 20, 255]);
  expect(await rendered(grey([100, 160, 200]))).toEqual([0, 153, 255]);
  expect(await rendered(grey([100, 160, 200]), { range: [0, 255] })).toEqual([100, 160, 200]);
  expect(await rendered(grey([100, 160, 200], [0x00280004, "CS", "MONOCHROME1"]))).toEqual([255, 102, 0]);
  const padded = grey([65535, 100, 200], [0x00280120, "US", [65535]]);
  expect(await openImages(parseDicom(padded)).valueRange(0)).toEqual([100, 200]);
});

test("bits stored below bits allocated, shifted, signed: what lies around them does not count", async () => {
  // 10 bits from bit 11 downwards, signed: -512, -1, 0, 511; bits above and below are set.
  const raw = [-512, -1, 0, 511].map((v) => (((v & 0x3ff) << 2) | 0xf003) & 0xffff);
  const bits: BuiltElement[] = [
    [0x00280101, "US", [10]],
    [0x00280102, "US", [11]],
    [0x00280103, "US", [1]],
  ];
  expect(await openImages(parseDicom(grey(raw, ...bits))).valueRange(0)).toEqual([-512, 511]);
});

test("VOI LUT and modality LUT, values beyond their ends", async () => {
  const lut = (first: number, entries: readonly number[], bits: number): readonly BuiltElement[] => [
    [0x00283002, "US", [entries.length, first, bits]],
    [0x00283006, "OW", entries],
  ];
  const voi: BuiltElement = [0x00283010, "SQ", [lut(10, [0, 1000, 4095], 12)]];
  expect(await rendered(grey([0, 10, 11, 12, 99], voi))).toEqual([0, 0, 62, 255, 255]);
  const modality: BuiltElement = [0x00283000, "SQ", [lut(0, [100, 60, 0], 16)]];
  expect(await rendered(grey([0, 1, 2, 9], modality), { window: { center: 50, width: 100 } })).toEqual([
    255, 153, 0, 0,
  ]);
});

const colour = (bytes: number[], ...further: BuiltElement[]) =>
  buildDicom(greyElements(1, 2, Uint8Array.from(bytes), [[0x00280002, "US", [3]], ...further]));

test("RGB by pixel and by plane, YBR_FULL, YBR_FULL_422", async () => {
  const rgb: BuiltElement = [0x00280004, "CS", "RGB"];
  expect(await rendered(colour([1, 2, 3, 4, 5, 6], rgb))).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await rendered(colour([1, 4, 2, 5, 3, 6], rgb, [0x00280006, "US", [1]]))).toEqual([1, 2, 3, 4, 5, 6]);
  // Pure red and blue of JFIF: (76, 85, 255) and (29, 255, 107), rounded.
  const ybr = await rendered(colour([76, 85, 255, 29, 255, 107], [0x00280004, "CS", "YBR_FULL"]));
  expect(ybr).toEqual([254, 0, 0, 0, 0, 254]);
  const half = colour([50, 60, 128, 128], [0x00280004, "CS", "YBR_FULL_422"]);
  expect(await rendered(half)).toEqual([50, 50, 50, 60, 60, 60]);
});

const palette = (data: [number, readonly number[]][], first = 3): BuiltElement[] => [
  [0x00280004, "CS", "PALETTE COLOR"],
  ...[0, 1, 2].map((i): BuiltElement => [0x00281101 + i, "US", [4, first, 16]]),
  ...data.map(([tag, entries]): BuiltElement => [tag, "OW", entries]),
];

test("a palette, plain and in segments", async () => {
  const shades = [0, 0x4000, 0x8000, 0xff00];
  const plain = palette([
    [0x00281201, shades],
    [0x00281202, [0xff00, 0, 0, 0]],
    [0x00281203, [0, 0, 0xff00, 0]],
  ]);
  const pixels = Uint8Array.of(0, 3, 4, 5, 6, 200);
  const expected = [0, 255, 0, 0, 255, 0, 64, 0, 0, 128, 0, 255, 255, 0, 0, 255, 0, 0];
  expect(await rendered(buildDicom(greyElements(1, 6, pixels, plain)))).toEqual(expected);
  const segmented = palette([
    [0x00281221, [0, 1, 0, 1, 3, 0x6000]],
    [0x00281222, [0, 2, 1 << 8, 2 << 8, 2, 1, 0, 0]],
    [0x00281223, [0, 4, 0, 0, 0, 0]],
  ]);
  const found = await rendered(buildDicom(greyElements(1, 4, Uint8Array.of(3, 4, 5, 6), segmented)));
  expect(found).toEqual([0, 1, 0, 32, 2, 0, 64, 1, 0, 96, 2, 0]);
  const short = palette([[0x00281201, [1]]]);
  await expect(rendered(buildDicom(greyElements(1, 6, pixels, short)))).rejects.toThrow(
    /palette is missing or cut short/,
  );
});

test("frames of an enhanced object have their own rescale and window", async () => {
  const group = (slope: string): readonly BuiltElement[] => [
    [
      0x00289132,
      "SQ",
      [
        [
          [0x00281050, "DS", "50"],
          [0x00281051, "DS", "101"],
        ],
      ],
    ],
    [
      0x00289145,
      "SQ",
      [
        [
          [0x00281052, "DS", "0"],
          [0x00281053, "DS", slope],
        ],
      ],
    ],
  ];
  const bytes = buildDicom(
    greyElements(
      1,
      2,
      [10, 50, 10, 50],
      [
        [0x00280008, "IS", "2"],
        [0x52009230, "SQ", [group("1"), group("2")]],
      ],
    ),
  );
  const one = await rendered(bytes);
  const two = await rendered(bytes, {}, 1);
  expect(one).toEqual([27, 129]);
  expect(two).toEqual([52, 255]);
});

const folder = await temporaryFolder();
test.skipIf(missingDicomTools("pictures are not compared with those of DCMTK"))(
  "DCMTK draws the same pictures, within one grey level",
  async () => {
    const ramp = Array.from({ length: 64 }, (_, i) => (i * 997) % 4096);
    const twelve: BuiltElement[] = [
      [0x00280101, "US", [12]],
      [0x00280102, "US", [11]],
    ];
    const window: BuiltElement[] = [
      [0x00281050, "DS", "1500"],
      [0x00281051, "DS", "2000"],
    ];
    const lut: BuiltElement = [
      0x00283010,
      "SQ",
      [
        [
          [0x00283002, "US", [4096, 0, 16]],
          [0x00283006, "OW", Array.from({ length: 4096 }, (_, i) => Math.round(i ** 2 / 256))],
        ],
      ],
    ];
    const tables = [0, 1, 2].map((i): BuiltElement => [0x00281101 + i, "US", [256, 0, 16]]);
    const shades = [0, 1, 2].map(
      (c): BuiltElement => [0x00281201 + c, "OW", Array.from({ length: 256 }, (_, i) => ((i * (c + 3)) % 256) * 257)],
    );
    const cases: [string, Uint8Array, string[]][] = [
      ["window", buildDicom(greyElements(8, 8, ramp, [...twelve, ...window])), ["+Wi", "1"]],
      [
        "inverse",
        buildDicom(greyElements(8, 8, ramp, [...twelve, ...window, [0x00280004, "CS", "MONOCHROME1"]])),
        ["+Wi", "1"],
      ],
      ["rescale", buildDicom(greyElements(8, 8, ramp, [...twelve, ...ct])), ["+Wm"]],
      [
        "sigmoid",
        buildDicom(greyElements(8, 8, ramp, [...twelve, ...window, [0x00281056, "CS", "SIGMOID"]])),
        ["+Wi", "1", "+Wfs"],
      ],
      ["lut", buildDicom(greyElements(8, 8, ramp, [...twelve, lut])), ["+Wl", "1"]],
      [
        "palette",
        buildDicom(
          greyElements(
            8,
            8,
            Uint8Array.from(ramp, (v) => v >> 4),
            [[0x00280004, "CS", "PALETTE COLOR"], ...tables, ...shades],
          ),
        ),
        [],
      ],
      [
        "big",
        buildDicom(greyElements(8, 8, ramp, [...twelve, ...window]), { syntax: "1.2.840.10008.1.2.2" }),
        ["+Wi", "1"],
      ],
    ];
    for (const [name, bytes, words] of cases) {
      const path = join(folder, `${name}.dcm`);
      await writeFile(path, bytes);
      const { code, said } = await dicomTool("dcmj2pnm", "+op", ...words, path, `${path}.pnm`);
      expect(code, said).toBe(0);
      const theirs = parsePnm(await readFile(`${path}.pnm`));
      const ours = await openImages(parseDicom(bytes)).render(0);
      expect(theirs.data).toHaveLength(ours.data.length);
      const worst = ours.data.reduce((most, v, i) => Math.max(most, Math.abs(v - theirs.data[i]!)), 0);
      expect([name, worst]).toEqual([name, Math.min(worst, 1)]);
    }
  },
);
