import { expect, test } from "vitest";
import { placeInUpload } from "./place-in-upload.ts";

test.each([
  ["a.png", "a.png"],
  ["skin/melanoma/Bild 1 (Kopie).png", "skin/melanoma/Bild 1 (Kopie).png"],
  // Decomposed, as macOS packs it.
  ["u\u0308ber/图.png", "über/图.png"],
])("%j goes to %j", (name, path) => {
  expect(placeInUpload(name)).toEqual({ path });
});

test.each([".DS_Store", "a/.git/config", "__MACOSX/a/._b.png", "a/Thumbs.db", "a/._b.png", "Desktop.ini"])(
  "%s is left out",
  (name) => {
    expect(placeInUpload(name)).toEqual({ leftOut: true });
  },
);

test.each([
  "../a.png",
  "a/../../b.png",
  "a/..",
  "/etc/passwd",
  "C:/a.png",
  "c:a.png",
  "..\\a.png",
  "a\\b.png",
  "a\0.png",
  "a\n.png",
  "a//b.png",
  "./a.png",
  "a/",
  "",
  `${"a".repeat(256)}.png`,
  "图".repeat(90),
  Array.from({ length: 30 }, () => "a").join("/"),
  Array.from({ length: 20 }, () => "a".repeat(100)).join("/"),
])("%j is refused", (name) => {
  expect(placeInUpload(name)).toHaveProperty("problem");
});
