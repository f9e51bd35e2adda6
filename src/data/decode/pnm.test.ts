import { expect, test } from "vitest";
import { failure } from "../../core/testing/fixtures.ts";
import { decodeImage, decodeValues, readImageHeader } from "../image.ts";

const bytes = (head: string, ...samples: number[]) =>
  Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(samples)]);

test.each([
  ["P5, 8 bits", bytes("P5\n3 2\n255\n", 0, 50, 100, 150, 200, 255), [0, 50, 100, 150, 200, 255]],
  [
    "P5 with comments",
    bytes("P5 # by hand\n# more\n3\t2\n# 7\n255\n", 0, 50, 100, 150, 200, 255),
    [0, 50, 100, 150, 200, 255],
  ],
  ["P5 of 4 bits", bytes("P5\n3 2\n15\n", 0, 1, 2, 3, 14, 15), [0, 17, 34, 51, 238, 255]],
  ["P2", bytes("P2\n3 2\n255\n0 50 100\n150  200\n255\n"), [0, 50, 100, 150, 200, 255]],
])("%s", async (_, file, data) => {
  const image = await decodeImage(file);
  expect({ ...image, data: [...image.data] }).toEqual({ width: 3, height: 2, channels: 1, data });
});

test.each([
  ["P6", bytes("P6\n2 1\n255\n", 1, 2, 3, 250, 251, 252)],
  ["P3", bytes("P3\n2 1 255\n1 2 3 250 251 252")],
])("colours: %s", async (_, file) => {
  const image = await decodeImage(file);
  expect([image.channels, [...image.data]]).toEqual([3, [1, 2, 3, 250, 251, 252]]);
});

test("16 bits: the high byte first, scaled by the range of the set; values as they are for masks", async () => {
  const file = bytes("P5\n2 2\n65535\n", 0, 0, 0x10, 0, 0x20, 0, 0x3f, 0xff);
  expect(await readImageHeader(file)).toMatchObject({ format: "pnm", width: 2, height: 2, grey: true, bits: 16 });
  const greyRange = async () => ({ center: 8191.5, width: 16383 });
  expect([...(await decodeImage(file, { greyRange })).data]).toEqual([0, 64, 128, 255]);
  expect([...(await decodeValues(file, "m.pgm")).values]).toEqual([0, 0x1000, 0x2000, 0x3fff]);
});

test.each([
  [bytes("P5\n3 2\n255\n", 0, 50), /ends before its last pixel/],
  [bytes("P2\n3 2\n255\n0 50"), /ends before its last pixel/],
  [bytes("P5\n3"), /damaged or ends within its header/],
  [bytes("P5\n0 2\n255\n"), /0 x 2 pixels/],
  [bytes("P5\n1 1\n70000\n", 0, 0), /highest value .* is 70000/],
])("what is damaged says so: %#", async (file, message) => {
  const error = await failure(decodeImage(file, { name: "a.pgm" }));
  expect([error.code, error.message]).toEqual(["image", expect.stringMatching(message)]);
});
