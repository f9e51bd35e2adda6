import { expect, test } from "vitest";
import { isSealed, sealJson } from "./sealed-json.ts";

test("a seal holds for the same content, in any order and after a file, and for no other", () => {
  const sealed = sealJson({ tests: [{ auc: 0.5, low: null }], n: 3, none: undefined });
  const read = JSON.parse(JSON.stringify(sealed));
  expect(isSealed(read)).toBe(true);
  expect(isSealed(Object.fromEntries(Object.entries(read).reverse()))).toBe(true);
  expect(isSealed({ ...read, n: 4 })).toBe(false);
  expect(isSealed({ ...read, tests: [{ auc: 0.4, low: null }] })).toBe(false);
  expect(isSealed({ ...read, more: 1 })).toBe(false);
  expect(isSealed({ n: 3 })).toBe(false);
  expect(isSealed(null)).toBe(false);
});
