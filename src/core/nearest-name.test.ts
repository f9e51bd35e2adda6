import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";

const CLASSES = ["nevus", "melanoma", "keratosis"];

test("a misspelt name is known again, in any case", () => {
  expect(nearestName("NEVIS", CLASSES)).toBe("nevus");
  expect(nearestName("melanomma", CLASSES)).toBe("melanoma");
});

test("a name far from all is not guessed", () => {
  expect(nearestName("basal cell carcinoma", CLASSES)).toBeUndefined();
  expect(nearestName("x", ["ab"])).toBeUndefined();
  expect(nearestName("nevus", [])).toBeUndefined();
});
