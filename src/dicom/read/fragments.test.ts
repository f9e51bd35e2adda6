import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { compressedFrames } from "./fragments.ts";
import { openImages } from "./open-images.ts";
import { parseDicom } from "./parse.ts";
import { decodeRle } from "./rle.ts";
import { openFrames } from "./stored-frame.ts";
import { type BuiltElement, buildDicom, greyElements } from "./testing/build-dicom.ts";

const RLE = "1.2.840.10008.1.2.5";

function item(bytes: readonly number[]): Buffer {
  const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, Buffer.from(bytes)]);
}

/** A file of compressed pixels: offset table and fragments as they are given. */
function encapsulated(
  frames: number,
  table: readonly number[],
  fragments: readonly (readonly number[])[],
  more: readonly BuiltElement[] = [],
  syntax = RLE,
): Uint8Array {
  const offsets = table.flatMap((n) => [n & 255, (n >> 8) & 255, 0, 0]);
  const end = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
  const content = Buffer.concat([item(offsets), ...fragments.map(item), end]);
  const further: BuiltElement[] = [[0x00280008, "IS", String(frames)], ...more];
  const bytes = Buffer.from(buildDicom(greyElements(1, 4, content, further), { syntax }));
  const at = bytes.lastIndexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42]));
  bytes.writeUInt32LE(0xffffffff, at + 8);
  return bytes;
}

describe("frames of fragments", () => {
  const frames = (n: number, table: readonly number[], fragments: readonly (readonly number[])[]) =>
    compressedFrames(parseDicom(encapsulated(n, table, fragments)), n).map((frame) => [...frame]);
  const jpeg = (n: number) => [0xff, 0xd8, 0xff, n];

  test("one frame has all of them, as many fragments as frames one each", () => {
    expect(
      frames(
        1,
        [],
        [
          [1, 2],
          [3, 4],
        ],
      ),
    ).toEqual([[1, 2, 3, 4]]);
    expect(
      frames(
        2,
        [],
        [
          [1, 2],
          [3, 4],
        ],
      ),
    ).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test("else the offset table says where a frame begins, or a codestream's first bytes do", () => {
    expect(
      frames(
        2,
        [0, 20],
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      ),
    ).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
    expect(frames(2, [], [jpeg(1), [2, 2], jpeg(3)])).toEqual([[...jpeg(1), 2, 2], jpeg(3)]);
    // A table that points nowhere is not believed.
    expect(frames(2, [0, 7], [jpeg(1), [2, 2], jpeg(3)])).toEqual([[...jpeg(1), 2, 2], jpeg(3)]);
  });

  test("fewer frames than stated is an error", () => {
    expect(() => frames(3, [], [jpeg(1), jpeg(2)])).toThrow(/3 frames are stated and 2 are there/);
    expect(() => frames(1, [], [])).toThrow(/no compressed pixels where they should be/);
  });
});

test("a JPEG that says RGB and is YCbCr by its own markers is read as YCbCr; one without its end is refused", async () => {
  const red = { create: { width: 4, height: 1, channels: 3 as const, background: "#ff0000" } };
  const bare = await sharp(red).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer();
  const jfif = [0xff, 0xe0, 0, 16, ...Buffer.from("JFIF\0"), 1, 1, 0, 0, 1, 0, 1, 0, 0];
  const jpeg = [0xff, 0xd8, ...jfif, ...bare.subarray(2)];
  const rgb: BuiltElement[] = [
    [0x00280002, "US", [3]],
    [0x00280004, "CS", "RGB"],
  ];
  const file = (bytes: number[]) => parseDicom(encapsulated(1, [], [bytes], rgb, "1.2.840.10008.1.2.4.50"), "a.dcm");
  expect([...(await openImages(file(jpeg)).render(0)).data.subarray(0, 3)]).toEqual([254, 0, 0]);
  await expect(openImages(file(jpeg.slice(0, -2))).render(0)).rejects.toThrow(/compressed frame is cut short/);
  const wider = jpeg.slice();
  const at = wider.findIndex((byte, i) => byte === 0xff && wider[i + 1] === 0xc0);
  wider[at + 7] = 0x7f;
  await expect(openImages(file(wider)).render(0)).rejects.toThrow(
    /frame is 32516 x 1 with 3 components, the file says 4 x 1/,
  );
});

describe("RLE", () => {
  const header = (...offsets: number[]) => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32LE(offsets.length, 0);
    for (const [i, offset] of offsets.entries()) bytes.writeUInt32LE(offset, 4 + 4 * i);
    return [...bytes];
  };

  test("literal and repeated runs, bytes of a sample most significant first, planes", () => {
    // PS3.5 annex G.3: 128 is skipped, n < 128 copies n + 1 bytes, n > 128 repeats one 257 - n times.
    const frame = Uint8Array.from([...header(64, 69), 0, 1, 128, 254, 2, 3, 5, 6, 7, 8]);
    expect([...decodeRle(frame, 4, 1, 2)]).toEqual([5, 1, 6, 2, 7, 2, 8, 2]);
    const planes = Uint8Array.from([...header(64, 66, 68), 255, 1, 255, 2, 255, 3]);
    expect([...decodeRle(planes, 2, 3, 1)]).toEqual([1, 1, 2, 2, 3, 3]);
  });

  test("short, misplaced and wrongly counted segments are errors, through the file too", async () => {
    const short = [...header(64), 254, 1];
    expect(() => decodeRle(Uint8Array.from(short), 4, 1, 1)).toThrow("RLE segment 1 holds 3 of 4 pixels");
    expect(() => decodeRle(Uint8Array.from([...header(99), 254, 1]), 4, 1, 1)).toThrow("lies outside the frame");
    expect(() => decodeRle(Uint8Array.from([...header(64, 66), 254, 1]), 4, 1, 1)).toThrow("2 RLE segments were found");
    expect(() => decodeRle(Uint8Array.from(short), 1e8, 1, 1)).toThrow("cannot hold 100000000 pixels");
    const file = openFrames(parseDicom(encapsulated(1, [], [short]), "a.dcm"));
    await expect(file.read(0)).rejects.toThrow(
      /^a\.dcm: frame \(RLE Lossless\) cannot be decoded \(RLE segment 1 holds 3 of 4 pixels\); restore/,
    );
    const whole = openFrames(parseDicom(encapsulated(1, [], [[...header(64), 253, 9]])));
    expect([...(await whole.read(0)).data]).toEqual([9, 9, 9, 9]);
  });
});
