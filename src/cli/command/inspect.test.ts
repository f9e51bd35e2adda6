import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import type { CommandContext } from "../command.ts";
import * as inspect from "./inspect.ts";
import * as phantom from "./phantom.ts";

const folder = await temporaryFolder();
const context: CommandContext = {
  seed: 3,
  progress: () => undefined,
  note: () => undefined,
  warn: () => undefined,
  signal: new AbortController().signal,
};

test("phantom writes what inspect then describes", async () => {
  const out = join(folder, "skin");
  const drawn = await phantom.run([out], { count: "60", size: "16" }, context);
  expect(drawn.json).toMatchObject({ images: 60, masks: 60, size: 16, seed: 3 });
  expect(drawn.text).toMatch(/^wrote 60 images and masks of 16 x 16 pixels, \d+ patients, to /);

  const look = join(folder, "look");
  const { json, text } = await inspect.run([out], { out: look }, context);
  expect(json).toMatchObject({ images: 60, splits: { train: expect.any(Number) }, notes: [] });
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  for (const line of [
    /^.*skin: 60 images, 7 classes\n {2}nevus +3\d █{30} train \d+ {2}val \d+ {2}test \d+\n/,
    /\nimbalance +3\d\.0 : 1 \(largest to smallest class\)\n/,
    /\nsizes +16x16 \(60\)\n/,
    /\npatients +\d+ \(column patient_id\), images each: 1 to 4/,
    /\nwarning: class fibroma has one image/,
  ]) {
    expect(text).toMatch(line);
  }
  for (const file of ["montage.png", "inspection.json"]) expect(existsSync(join(look, file))).toBe(true);
});

test.each([
  [{ count: "3" }, /phantom count/],
  [{ count: "many" }, /--count many: a whole number is needed/],
  [{ size: "1e3" }, /--size 1e3: a whole number is needed/],
  [{ size: "8" }, /phantom size/],
])("phantom refuses %j", async (options, message) => {
  await expect(phantom.run([join(folder, "no")], options, context)).rejects.toMatchObject({
    code: "usage",
    message: expect.stringMatching(message),
  });
});
