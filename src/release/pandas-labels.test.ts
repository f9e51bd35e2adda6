import { expect, test } from "vitest";
import { readOtherwise } from "./pandas-labels.ts";

// That pandas reads such columns so is checked with it in test/python-readers.test.ts.
test.each([
  [["nevus", "melanoma"], []],
  [["1", "nevus"], []],
  [["1a", "2"], []],
  [["0", "1"], ["0, 1 as numbers"]],
  [["01", "1", "1.0", "2"], ["01, 1, 1.0, 2 as numbers, 01 and 1 and 1.0 as the same one"]],
  [["1e3", "-.5", "+7", "inf"], ["1e3, -.5, +7, inf as numbers"]],
  [
    ["NA", "1", "2"],
    ["NA as missing values", "1, 2 as numbers"],
  ],
  [["None", "nevus"], ["None as missing values"]],
  [["true", "False"], ["true, False as truth values"]],
  [["", "x"], []],
])("%j", (classes, clauses) => {
  expect(readOtherwise(classes)).toEqual(clauses);
});
