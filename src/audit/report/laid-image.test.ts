import { expect, test } from "vitest";
import { IDENTITY } from "../../likeness/similarity.ts";
import { laidImage } from "./laid-image.ts";

const side = 4;
/** Red grows to the right, green downwards, blue is even. */
const image = {
  width: side,
  height: side,
  channels: 3 as const,
  data: Uint8Array.from({ length: 3 * side * side }, (_, i) => {
    const p = Math.floor(i / 3);
    return [10 * (p % side), 20 * Math.floor(p / side), 200][i % 3]!;
  }),
};
const pixel = ({ data }: { data: Uint8Array }, x: number, y: number) => [
  ...data.subarray(3 * (y * side + x), 3 * (y * side + x) + 3),
];

test("an image is laid on another in all its colours, and is grey where it does not reach", () => {
  expect(laidImage(image, IDENTITY)).toEqual(image);
  expect(pixel(laidImage(image, { ...IDENTITY, mirrored: true }), 0, 1)).toEqual([30, 20, 200]);
  // A quarter turn counter-clockwise brings the right edge to the top.
  expect(pixel(laidImage(image, { ...IDENTITY, angle: Math.PI / 2 }), 1, 0)).toEqual([30, 20, 200]);
  const moved = laidImage(image, { ...IDENTITY, dx: 0.25 });
  expect([pixel(moved, 0, 2), pixel(moved, 1, 2)]).toEqual([
    [128, 128, 128],
    [0, 40, 200],
  ]);
});
