import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { failure } from "../../core/testing/fixtures.ts";
import { decodeImage } from "../image.ts";
import { noise } from "../testing/fixtures.ts";
import type { RawImage } from "../types.ts";

interface Built {
  readonly bits: number;
  readonly compression?: number;
  /** BGR0 entries. */
  readonly palette?: readonly (readonly [number, number, number])[];
  readonly masks?: readonly number[];
  readonly topDown?: boolean;
  readonly core?: boolean;
}

/** A BMP of rows as they lie in the file, each padded to words of 32 bits. */
function bmp(width: number, height: number, rows: readonly (readonly number[])[], built: Built): Buffer {
  const { bits, compression = 0, palette = [], masks = [], topDown = false, core = false } = built;
  const head = Buffer.alloc(core ? 12 : 40);
  head.writeUInt32LE(head.length, 0);
  if (core) {
    head.writeUInt16LE(width, 4);
    head.writeUInt16LE(height, 6);
    head.writeUInt16LE(1, 8);
    head.writeUInt16LE(bits, 10);
  } else {
    head.writeInt32LE(width, 4);
    head.writeInt32LE(topDown ? -height : height, 8);
    head.writeUInt16LE(1, 12);
    head.writeUInt16LE(bits, 14);
    head.writeUInt32LE(compression, 16);
    head.writeUInt32LE(palette.length, 32);
  }
  const further = Buffer.concat([
    ...masks.map((mask) => {
      const word = Buffer.alloc(4);
      word.writeUInt32LE(mask);
      return word;
    }),
    ...palette.map(([r, g, b]) => Buffer.from(core ? [b, g, r] : [b, g, r, 0])),
  ]);
  const pixels = Buffer.concat(
    rows.map((row) => Buffer.from([...row, ...new Array((4 - (row.length % 4)) % 4).fill(0)])),
  );
  const file = Buffer.alloc(14);
  file.write("BM");
  file.writeUInt32LE(14 + head.length + further.length + pixels.length, 2);
  file.writeUInt32LE(14 + head.length + further.length, 10);
  return Buffer.concat([file, head, further, pixels]);
}

const GREYS = [0, 80, 160, 255].map((v) => [v, v, v] as const);
const COLOURS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [9, 8, 7],
] as const;

describe("BMP", () => {
  const image = noise(1, 5, 3, 3);
  const bgr = (y: number, x: number, further: readonly number[] = []) => {
    const at = 3 * (y * 5 + x);
    return [image.data[at + 2]!, image.data[at + 1]!, image.data[at]!, ...further];
  };
  const rowsOf = (order: readonly number[], further: readonly number[] = []) =>
    order.map((y) => [0, 1, 2, 3, 4].flatMap((x) => bgr(y, x, further)));

  test.each([
    ["24 bits, from the bottom", bmp(5, 3, rowsOf([2, 1, 0]), { bits: 24 })],
    ["24 bits, from the top", bmp(5, 3, rowsOf([0, 1, 2]), { bits: 24, topDown: true })],
    ["24 bits of OS/2", bmp(5, 3, rowsOf([2, 1, 0]), { bits: 24, core: true })],
    ["32 bits, the fourth byte unused", bmp(5, 3, rowsOf([2, 1, 0], [0]), { bits: 32 })],
    [
      "32 bits with masks",
      bmp(5, 3, rowsOf([2, 1, 0], [0]), { bits: 32, compression: 3, masks: [0xff0000, 0xff00, 0xff] }),
    ],
    [
      "32 bits, opaque",
      bmp(5, 3, rowsOf([2, 1, 0], [255]), { bits: 32, compression: 6, masks: [0xff0000, 0xff00, 0xff, 0xff000000] }),
    ],
    [
      "32 bits, alpha zero everywhere",
      bmp(5, 3, rowsOf([2, 1, 0], [0]), { bits: 32, compression: 6, masks: [0xff0000, 0xff00, 0xff, 0xff000000] }),
    ],
  ])("of %s has the colours that it was made of", async (_, bytes) => {
    expect(await decodeImage(bytes)).toEqual(image);
  });

  const indices = [
    [0, 1, 2, 3, 0],
    [3, 2, 1, 0, 3],
  ];
  const packed = (row: readonly number[], bits: number) => {
    const out = new Array(Math.ceil((row.length * bits) / 8)).fill(0);
    row.forEach((value, x) => {
      out[(x * bits) >> 3] |= value << (8 - bits - ((x * bits) & 7));
    });
    return out as number[];
  };
  const coloured = (palette: readonly (readonly number[])[], channels: 1 | 3): RawImage => ({
    width: 5,
    height: 2,
    channels,
    data: Uint8Array.from(indices.flat().flatMap((i) => palette[i]!.slice(0, channels))),
  });

  test.each([4, 8] as const)("of %i bits has the colours of its palette, grey where all are", async (bits) => {
    const rows = [indices[1]!, indices[0]!].map((row) => packed(row, bits));
    expect(await decodeImage(bmp(5, 2, rows, { bits, palette: COLOURS }))).toEqual(coloured(COLOURS, 3));
    expect(await decodeImage(bmp(5, 2, rows, { bits, palette: GREYS }))).toEqual(coloured(GREYS, 1));
    expect(await decodeImage(bmp(5, 2, rows.toReversed(), { bits, palette: GREYS, topDown: true }))).toEqual(
      coloured(GREYS, 1),
    );
  });

  test("of 1 bit, with a palette in either order", async () => {
    const row = packed([1, 0, 0, 1, 1, 0, 1, 0, 1], 1);
    const values = (on: number, off: number) => [1, 0, 0, 1, 1, 0, 1, 0, 1].map((bit) => (bit === 1 ? on : off));
    const [black, white] = [[0, 0, 0] as const, [255, 255, 255] as const];
    const plain = await decodeImage(bmp(9, 1, [row], { bits: 1, palette: [black, white] }));
    expect([plain.channels, ...plain.data]).toEqual([1, ...values(255, 0)]);
    const turned = await decodeImage(bmp(9, 1, [row], { bits: 1, palette: [white, black] }));
    expect([...turned.data]).toEqual(values(0, 255));
  });

  test("of 16 bits, of 5 each and by masks of 5, 6 and 5", async () => {
    const word = (value: number) => [value & 255, value >> 8];
    const five = bmp(2, 1, [[...word(0x7c00), ...word(0x0010)]], { bits: 16 });
    expect([...(await decodeImage(five)).data]).toEqual([255, 0, 0, 0, 0, 132]);
    const masks = bmp(1, 1, [word(0x07e0)], { bits: 16, compression: 3, masks: [0xf800, 0x07e0, 0x001f] });
    expect([...(await decodeImage(masks)).data]).toEqual([0, 255, 0]);
  });

  test("run-length coded, with pixels as they are, skips and ends of rows", async () => {
    // Row at the bottom: five times 2. Above: 0 1 2 as they are, then the end of the picture.
    const runs = [5, 2, 0, 0, 0, 3, 0, 1, 2, 0, 2, 3, 0, 1];
    const made = await decodeImage(bmp(5, 2, [runs], { bits: 8, compression: 1, palette: GREYS }));
    expect([...made.data]).toEqual([0, 80, 160, 255, 255, 160, 160, 160, 160, 160]);
    const four = [5, 0x12, 0, 0, 0, 2, 0, 0, 0, 3, 0x01, 0x20, 0, 1];
    const nibbles = await decodeImage(bmp(5, 2, [four], { bits: 4, compression: 2, palette: GREYS }));
    expect([...nibbles.data.subarray(5)]).toEqual([80, 160, 80, 160, 80]);
  });

  test("1000 damaged files of each depth end in an image or in one error", async () => {
    const rng = new Rng(3, "bmp");
    const wholes = [
      bmp(5, 3, rowsOf([2, 1, 0]), { bits: 24 }),
      bmp(5, 2, indices, { bits: 8, palette: COLOURS }),
      bmp(5, 2, [[5, 2, 0, 0, 0, 3, 0, 1, 2, 0, 2, 3, 0, 1]], { bits: 8, compression: 1, palette: GREYS }),
    ];
    for (let n = 0; n < 1000; n++) {
      const whole = wholes[n % wholes.length]!;
      const bytes = Buffer.from(whole.subarray(0, rng.integer(4) === 0 ? rng.integer(whole.length) : whole.length));
      for (let k = 0; k < 3 && bytes.length > 0; k++) bytes[rng.integer(Math.min(60, bytes.length))] = rng.integer(256);
      // A size of many million pixels is read rightly, and slowly.
      if (bytes.length > 26 && bytes.readUInt32LE(18) * bytes.readUInt32LE(22) > 1e6) continue;
      const error = await decodeImage(bytes, { name: "x.bmp" }).then(
        () => null,
        (cause) => cause,
      );
      if (error !== null) expect([n, error.code, error.message.startsWith("x.bmp: ")]).toEqual([n, "image", true]);
    }
  });

  test("cut short, of strange depths, or too large is refused", async () => {
    const whole = bmp(5, 3, rowsOf([2, 1, 0]), { bits: 24 });
    for (const cut of [3, 20, 45]) {
      const error = await failure(decodeImage(whole.subarray(0, whole.length - cut)));
      expect(error.problems[0]!.code).toBe("damaged-image");
    }
    expect((await failure(decodeImage(bmp(5, 1, [[0]], { bits: 2 })))).message).toContain("2 bits a pixel");
    expect((await failure(decodeImage(bmp(60_000, 60_000, [[0]], { bits: 24 })))).message).toContain("100 million");
  });
});
