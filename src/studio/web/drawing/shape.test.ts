import { describe, expect, test } from "vitest";
import { wordsOf } from "../texts/texts.ts";
import { keyMove } from "./key-moves.ts";
import { boundsOf, contains, describeShape, fromOwnAxes, resizedTo, type Shape, toOwnAxes, turnedTo } from "./shape.ts";

const box: Shape = { id: 1, kind: "box", x: 0.5, y: 0.4, width: 0.4, height: 0.2, angle: 0 };
const ellipse: Shape = { ...box, kind: "ellipse" };
const quarter = Math.PI / 2;

test("own axes and the image's are each other's inverse", () => {
  const shape = { ...box, angle: 0.7 };
  const [u, v] = toOwnAxes(shape, 0.31, 0.87);
  const [x, y] = fromOwnAxes(shape, u, v);
  expect(x).toBeCloseTo(0.31, 12);
  expect(y).toBeCloseTo(0.87, 12);
});

describe("what is inside", () => {
  test("a box: half open, so that of two that touch a point belongs to one", () => {
    const exact = { ...box, y: 0.5, width: 0.5, height: 0.25 };
    expect(contains(exact, 0.25, 0.5)).toBe(true);
    expect(contains(exact, 0.75, 0.5)).toBe(false);
    expect(contains(exact, 0.5, 0.375)).toBe(true);
    expect(contains(exact, 0.5, 0.625)).toBe(false);
  });
  test("an ellipse: not the corners of its box", () => {
    expect(contains(ellipse, 0.69, 0.4)).toBe(true);
    expect(contains(ellipse, 0.68, 0.49)).toBe(false);
    expect(contains(box, 0.68, 0.49)).toBe(true);
  });
  test("turned by a quarter, width is height", () => {
    const upright = { ...box, angle: quarter };
    expect(contains(upright, 0.5, 0.58)).toBe(true);
    expect(contains(upright, 0.68, 0.4)).toBe(false);
  });
});

describe("the box around it", () => {
  const sides = (shape: Shape) => Object.values(boundsOf(shape));
  const near = (found: number[], wanted: number[]) => {
    for (const [i, side] of found.entries()) expect(side).toBeCloseTo(wanted[i]!, 9);
  };
  test("of an upright box is the box", () => near(sides(box), [0.3, 0.3, 0.7, 0.5]));
  test("of a turned box holds its corners", () => {
    const half = (0.2 + 0.1) * Math.SQRT1_2;
    near(sides({ ...box, angle: Math.PI / 4 }), [0.5 - half, 0.4 - half, 0.5 + half, 0.4 + half]);
  });
  test("of a turned ellipse touches it: smaller than the box's", () => {
    const half = Math.hypot(0.2, 0.1) * Math.SQRT1_2;
    near(sides({ ...ellipse, angle: Math.PI / 4 }), [0.5 - half, 0.4 - half, 0.5 + half, 0.4 + half]);
  });
  test("is cut at the edges of the image", () => near(sides({ ...box, x: 0 }), [0, 0.3, 0.2, 0.5]));
});

describe("changes", () => {
  test("a corner follows the pointer and the opposite one stays, also when turned", () => {
    const turned = { ...box, angle: 0.5 };
    const fixed = fromOwnAxes(turned, -0.2, -0.1);
    const after = resizedTo(turned, 1, 1, 0.9, 0.8);
    const [x, y] = fromOwnAxes(after, -after.width / 2, -after.height / 2);
    expect([x, y].map((n) => n.toFixed(9))).toEqual(fixed.map((n) => n.toFixed(9)));
    const [cx, cy] = fromOwnAxes(after, after.width / 2, after.height / 2);
    expect([cx.toFixed(9), cy.toFixed(9)]).toEqual(["0.900000000", "0.800000000"]);
  });
  test("a shape never becomes smaller than a finger can hold", () => {
    expect(resizedTo(box, 1, 1, 0.1, 0.1)).toMatchObject({ width: 0.04, height: 0.04 });
  });
  test("the upper side looks at the pointer", () => {
    expect(turnedTo(box, 0.9, 0.4).angle).toBeCloseTo(quarter, 9);
    expect(turnedTo(box, 0.5, 0.1).angle).toBeCloseTo(0, 9);
  });
  test("keys move, resize and turn; others do nothing", () => {
    expect(keyMove("ArrowLeft", false)!(box).x).toBeCloseTo(0.49, 9);
    expect(keyMove("ArrowDown", true)!(box).y).toBeCloseTo(0.45, 9);
    expect(keyMove("+", true)!(box).width).toBeCloseTo(0.42, 9);
    expect(keyMove("-", false)!(keyMove("+", false)!(box)).width).toBeCloseTo(0.4, 9);
    expect(keyMove("[", false)!(box).angle).toBeCloseTo(-Math.PI / 36, 9);
    expect(keyMove("a", false)).toBeNull();
  });
  test("is said in words", () => {
    expect(describeShape({ ...ellipse, angle: quarter }, wordsOf("en").t)).toBe(
      "Ellipse at 50 % across, 40 % down, 40 % by 20 %, turned 90°",
    );
  });
});
