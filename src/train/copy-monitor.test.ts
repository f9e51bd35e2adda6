import { expect, test } from "vitest";
import { copyWarning } from "./copy-monitor.ts";

const at = (found: number, imagesSeen = 3000) => ({ found, of: 64, imagesSeen });

test("a run that begins to copy is warned of once, and again when twice as much is copied", () => {
  expect(copyWarning(at(0), null)).toBeNull();
  // One in 64 may be chance.
  expect(copyWarning(at(1), null)).toBeNull();
  expect(copyWarning(at(2), null)).toMatch(/^2 of 64 images drawn at 3,000 images seen repeat training images/);
  expect(copyWarning(at(3, 5000), at(2))).toBeNull();
  expect(copyWarning(at(4, 7000), at(2))).toMatch(/^4 of 64 images drawn at 7,000/);
});
