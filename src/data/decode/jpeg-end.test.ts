import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { failure } from "../../core/testing/fixtures.ts";
import { decodeImage, encodePng } from "../image.ts";
import { noise } from "../testing/fixtures.ts";

const jpegOf = (progressive: boolean, channels: 1 | 3) =>
  sharp(noise(1, 70, 50, channels).data, { raw: { width: 70, height: 50, channels } })
    .jpeg({ progressive })
    .toBuffer();

/** Places of markers of one kind. */
const markers = (bytes: Uint8Array, marker: number): number[] =>
  [...bytes.keys()].filter((i) => bytes[i] === 0xff && bytes[i + 1] === marker);

describe.each([
  ["baseline grey", false, 1],
  ["baseline colour", false, 3],
  ["progressive", true, 3],
] as const)("a JPEG without its end marker: %s", async (_, progressive, channels) => {
  const whole = await jpegOf(progressive, channels);
  const expected = await decodeImage(whole);

  test.each([1, 2])("is read where only %i bytes of the marker are gone", async (cut) => {
    expect(await decodeImage(whole.subarray(0, whole.length - cut))).toEqual(expected);
  });

  test("is refused where data of the last scan are gone", async () => {
    for (const cut of [8, 100, whole.length >> 1]) {
      const error = await failure(decodeImage(whole.subarray(0, whole.length - cut)));
      expect([cut, error.problems[0]!.code]).toEqual([cut, "damaged-image"]);
    }
  });
});

test("a progressive JPEG that ends before one of its scans is refused: it would be a coarser picture", async () => {
  const whole = await jpegOf(true, 3);
  const scans = markers(whole, 0xda);
  expect(scans.length).toBeGreaterThan(3);
  for (const at of scans.slice(1)) {
    // Tables of the next scan lie before it; the data of the scan before end at the first marker of them.
    const cut = markers(whole, 0xc4).findLast((table) => table < at) ?? at;
    const error = await failure(decodeImage(whole.subarray(0, cut)));
    expect(error.problems[0]!.code).toBe("damaged-image");
  }
});

test("a PNG without its end is read, one that lacks rows is not", async () => {
  const image = noise(2, 40, 40, 3);
  const png = await encodePng(image);
  expect(await decodeImage(png.subarray(0, png.length - 12))).toEqual(image);
  expect((await failure(decodeImage(png.subarray(0, png.length - 60)))).problems[0]!.code).toBe("damaged-image");
});
