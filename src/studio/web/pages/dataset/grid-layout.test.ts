import { expect, test } from "vitest";
import { gridLayout, positionAfter, rowsInView } from "./grid-layout.ts";

test("as many columns as fit, and all rows", () => {
  expect(gridLayout(1192, 50_000)).toEqual({ columns: 10, rowHeight: 144, rows: 5000, height: 720_000 });
  expect(gridLayout(100, 3)).toMatchObject({ columns: 1, rows: 3 });
  expect(gridLayout(1192, 0)).toMatchObject({ rows: 0, height: 0 });
});

test("only rows in view and two around them are drawn", () => {
  const layout = gridLayout(1192, 50_000);
  expect(rowsInView(layout, 0, 600)).toEqual([0, 7]);
  expect(rowsInView(layout, 144_000, 600)).toEqual([998, 1007]);
  expect(rowsInView(layout, layout.height - 600, 600)).toEqual([4993, 5000]);
  expect(rowsInView(gridLayout(1192, 0), 0, 600)).toEqual([0, 0]);
});

test("keys lead through the grid and stop at its ends", () => {
  const from = (key: string, at: number) => positionAfter(key, at, 95, 10, 4);
  expect([from("ArrowRight", 94), from("ArrowLeft", 0), from("ArrowDown", 90), from("ArrowUp", 3)]).toEqual([
    94, 0, 94, 0,
  ]);
  expect([from("PageDown", 5), from("End", 5), from("Home", 50), from("x", 5)]).toEqual([45, 94, 0, null]);
});
