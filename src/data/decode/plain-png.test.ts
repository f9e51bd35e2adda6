import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { decodeImage } from "../image.ts";
import { barePlainPng, decodePlainPng } from "./plain-png.ts";

const rng = new Rng(5, "plain png");
const bytes = (count: number) => Uint8Array.from({ length: count }, () => rng.integer(256));

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** A PNG of random filtered rows, each by a filter that `filterOf` says. */
function png(
  width: number,
  height: number,
  colour: number,
  filterOf: (y: number) => number,
  {
    bits = 8,
    interlace = 0,
    extra = new Uint8Array(0),
    rows = height,
  }: { bits?: number; interlace?: number; extra?: Uint8Array; rows?: number } = {},
): Buffer {
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colour]!;
  const raw = Buffer.concat(
    Array.from({ length: rows }, (_, y) =>
      Buffer.concat([Uint8Array.of(filterOf(y)), bytes(width * channels * (bits / 8))]),
    ),
  );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([bits, colour, 0, 0, interlace], 8);
  const packed = deflateSync(raw);
  const cut = packed.length >> 1;
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    extra,
    chunk("IDAT", packed.subarray(0, cut)),
    chunk("IDAT", packed.subarray(cut)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

test.each([0, 2])("colour type %i is decoded as the image library does, by every filter", async (colour) => {
  for (const [width, height] of [
    [1, 1],
    [1, 7],
    [9, 1],
    [31, 17],
  ] as const) {
    for (const step of [0, 1, 2, 3, 4, 5]) {
      // One filter in all rows, or all of them in turn.
      const file = png(width, height, colour, (y) => (step < 5 ? step : (3 * y + 1) % 5));
      expect(decodePlainPng(file)).toEqual(await decodeImage(file));
    }
  }
});

test("what libraries write is decoded, also with text and physical size", async () => {
  const image = { raw: { width: 40, height: 30, channels: 3 } } as const;
  for (const adaptiveFiltering of [false, true]) {
    const file = await sharp(bytes(3600), image).withMetadata({ density: 300 }).png({ adaptiveFiltering }).toBuffer();
    const own = decodePlainPng(file);
    if (own !== null) expect(own).toEqual(await decodeImage(file));
    const plain = await sharp(bytes(3600), image).png({ adaptiveFiltering }).toBuffer();
    expect(decodePlainPng(plain)).toEqual(await decodeImage(plain));
  }
  const noted = png(5, 4, 2, () => 1, { extra: chunk("tEXt", Buffer.from("Comment\0hello")) });
  expect(decodePlainPng(noted)).toEqual(await decodeImage(noted));
});

test("any other PNG is left to the image library", async () => {
  const plain = () => 0;
  const others = {
    "16 bits": png(4, 4, 0, plain, { bits: 16 }),
    alpha: png(4, 4, 6, plain),
    palette: png(4, 4, 3, plain),
    interlaced: png(4, 4, 2, plain, { interlace: 1 }),
    transparent: png(4, 4, 2, plain, { extra: chunk("tRNS", Buffer.alloc(6)) }),
    gamma: png(4, 4, 2, plain, { extra: chunk("gAMA", Buffer.from([0, 0, 0xb1, 0x8f])) }),
    profile: png(4, 4, 2, plain, { extra: chunk("iCCP", Buffer.from("x\0\0")) }),
    turned: png(4, 4, 2, plain, { extra: chunk("eXIf", Buffer.alloc(8)) }),
    jpeg: await sharp({ create: { width: 4, height: 4, channels: 3, background: "red" } })
      .jpeg()
      .toBuffer(),
  };
  for (const [name, file] of Object.entries(others)) expect([name, decodePlainPng(file)]).toEqual([name, null]);
});

test("a damaged one is left to the image library, which says what is wrong", () => {
  const whole = png(20, 20, 2, (y) => y % 5);
  expect(decodePlainPng(whole)).not.toBeNull();
  for (let cut = 0; cut < whole.length; cut += 7) expect(decodePlainPng(whole.subarray(0, cut))).toBeNull();
  for (let at = 8; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at]! ^= 16;
    expect([at, decodePlainPng(changed)]).toEqual([at, null]);
  }
  expect(decodePlainPng(png(20, 20, 2, () => 5))).toBeNull();
  expect(decodePlainPng(png(20, 20, 2, () => 0, { rows: 19 }))).toBeNull();
  expect(decodePlainPng(png(20, 20, 2, () => 0, { rows: 21 }))).toBeNull();
});

test("a bare PNG has the pixels of the whole one and nothing else; of what is no plain one there is none", () => {
  const text = chunk("tEXt", Buffer.from("Comment\0patient 7", "latin1"));
  const whole = png(9, 5, 2, (y) => y % 5, { extra: text });
  const bare = barePlainPng(Buffer.concat([whole, Buffer.from("patient 8")]))!;
  expect([bare.width, bare.height]).toEqual([9, 5]);
  expect(decodePlainPng(bare.png)).toEqual(decodePlainPng(whole));
  expect(bare.png.length).toBe(whole.length - text.length);
  expect(Buffer.from(bare.png).includes("patient")).toBe(false);
  // Pixels that are cut short, though the check sums are right.
  expect(barePlainPng(png(9, 5, 2, () => 0, { rows: 4 }))).toBeNull();
  expect(barePlainPng(png(9, 5, 6, () => 0))).toBeNull();
  expect(barePlainPng(whole, 9 * 5 * 3 - 1)).toBeNull();
});
