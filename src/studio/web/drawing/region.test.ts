import { describe, expect, test } from "vitest";
import { fillBoxes } from "../../../data/maps/semantic-map.ts";
import { erased, newDrawing, painted } from "./drawing.ts";
import { stroke } from "./paint.ts";
import { partBoxes, rasterise, regionOf } from "./region.ts";
import type { Shape } from "./shape.ts";

const SIZE = 16;
const blank = () => new Uint8Array(SIZE * SIZE);
const count = (region: Uint8Array) => region.filter((value) => value === 255).length;
const shape = (part: Partial<Shape>): Shape => ({
  id: 1,
  kind: "box",
  x: 0.5,
  y: 0.5,
  width: 0.5,
  height: 0.25,
  angle: 0,
  ...part,
});
const drawn = (part: Partial<Shape>) => {
  const region = blank();
  rasterise(region, SIZE, shape(part));
  return region;
};

describe("pixels of a shape", () => {
  test.each([
    [0.25, 0.375, 0.75, 0.625],
    [0.1, 0.2, 0.47, 0.93],
    [0, 0, 1, 1],
    [0.6, 0.05, 0.99, 0.3],
  ])("an upright box from %f, %f to %f, %f has those of a box of the dataset", (xMin, yMin, xMax, yMax) => {
    const wanted = blank();
    fillBoxes(wanted, SIZE, [{ xMin, yMin, xMax, yMax }]);
    const part = { x: (xMin + xMax) / 2, y: (yMin + yMax) / 2, width: xMax - xMin, height: yMax - yMin };
    expect(drawn(part)).toEqual(wanted);
  });

  test("a box turned by a quarter is the upright box of swapped sides", () => {
    expect(drawn({ angle: Math.PI / 2, width: 0.5, height: 0.26 })).toEqual(drawn({ width: 0.26, height: 0.5 }));
  });

  test("a turned box keeps its area", () => {
    const region = new Uint8Array(128 * 128);
    rasterise(region, 128, shape({ angle: 0.6 }));
    expect(Math.abs(count(region) / (128 * 128) - 0.125)).toBeLessThan(0.002);
  });

  test("an ellipse has pi quarters of its box's area and is cut at the edges", () => {
    const region = new Uint8Array(128 * 128);
    rasterise(region, 128, shape({ kind: "ellipse", angle: 0.6 }));
    expect(Math.abs(count(region) / (128 * 128) - (0.125 * Math.PI) / 4)).toBeLessThan(0.002);
    const cut = new Uint8Array(128 * 128);
    rasterise(cut, 128, shape({ kind: "ellipse", x: 0 }));
    expect(Math.abs(count(cut) / (128 * 128) - (0.125 * Math.PI) / 8)).toBeLessThan(0.002);
  });
});

describe("the region of a drawing", () => {
  const two = [shape({ x: 0.25, y: 0.25, width: 0.2, height: 0.2 }), shape({ id: 2, x: 0.75, y: 0.75, angle: 0.5 })];

  test("for a generator of masks it is the outlines, its boxes are those of the parts", () => {
    const { pixels, boxes } = regionOf("mask", SIZE, two, blank());
    const both = drawn(two[0]!).map((value, i) => value | drawn(two[1]!)[i]!);
    expect(pixels).toEqual(both);
    expect(boxes).toHaveLength(2);
    expect(boxes[0]).toEqual({ xMin: 2 / 16, yMin: 2 / 16, xMax: 6 / 16, yMax: 6 / 16 });
  });

  test("for a generator of boxes it is upright boxes on pixel edges", () => {
    const { pixels, boxes } = regionOf("box", SIZE, two, blank());
    const wanted = blank();
    fillBoxes(wanted, SIZE, boxes);
    expect(pixels).toEqual(wanted);
    for (const side of boxes.flatMap((box) => Object.values(box))) expect((side * SIZE) % 1).toBe(0);
    expect(count(pixels)).toBeGreaterThan(count(regionOf("mask", SIZE, two, blank()).pixels));
  });

  test("nothing drawn is no box", () => {
    expect(regionOf("mask", SIZE, [], blank()).boxes).toEqual([]);
    expect(regionOf("box", SIZE, [], blank()).boxes).toEqual([]);
  });

  test("parts that touch at a corner are one", () => {
    const region = blank();
    region[0] = 255;
    region[SIZE + 1] = 255;
    region[5] = 255;
    expect(partBoxes(region, SIZE)).toEqual([
      { xMin: 0, yMin: 0, xMax: 2 / SIZE, yMax: 2 / SIZE },
      { xMin: 5 / SIZE, yMin: 0, xMax: 6 / SIZE, yMax: 1 / SIZE },
    ]);
  });
});

describe("paint", () => {
  test("a thin brush leaves no gap, and what was there stays", () => {
    const before = blank();
    before[255] = 255;
    const ends = [
      [0.03, 0.5],
      [0.97, 0.5],
    ] as const;
    const after = stroke(before, SIZE, ends, 0.01, 255);
    const row = Array.from(after.subarray(8 * SIZE, 9 * SIZE));
    // The line runs between two rows of pixel centres: a radius of half a pixel reaches both.
    expect(
      stroke(before, SIZE, ends, 0.5 / SIZE, 255)
        .subarray(8 * SIZE, 9 * SIZE)
        .every((v) => v === 255),
    ).toBe(true);
    expect([row[0], row[15], after[255], before[8 * SIZE]]).toEqual([255, 255, 255, 0]);
  });

  test("the eraser takes a part of a shape, which becomes paint, and leaves others alone", () => {
    const drawing = { ...newDrawing(SIZE), shapes: [shape({ y: 0.25 }), shape({ id: 2, y: 0.8, height: 0.2 })] };
    const after = erased(drawing, SIZE, [[0.5, 0.25]], 0.1);
    expect(after.shapes.map(({ id }) => id)).toEqual([2]);
    expect(count(after.paint)).toBeLessThan(count(drawn({ y: 0.25 })));
    expect(count(after.paint)).toBeGreaterThan(0);
    expect(after.paint[4 * SIZE + 8]).toBe(0);
    const elsewhere = erased(drawing, SIZE, [[0.05, 0.5]], 0.02);
    expect(elsewhere.shapes).toEqual(drawing.shapes);
    expect(count(painted(drawing, SIZE, [[0.5, 0.5]], 0.1).paint)).toBeGreaterThan(0);
  });
});
