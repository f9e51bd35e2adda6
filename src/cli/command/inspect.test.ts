import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../../data/dataset.ts";
import { inspectDataset } from "../../data/inspect.ts";
import type { ToneCounts } from "../../data/maps/tone-counts.ts";
import { pngOf, writeFiles } from "../../data/testing/fixtures.ts";
import type { CommandContext } from "../command.ts";
import * as inspect from "./inspect.ts";
import * as phantom from "./phantom.ts";

const folder = await temporaryFolder();
const context: CommandContext = {
  seed: 3,
  version: "test",
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

test("inspect counts tones by class, says how they are known, and draws maps", async () => {
  const out = join(folder, "toned");
  await phantom.run([out], { count: "14", size: "16" }, context);
  const stated = await inspect.run([out], {}, context);
  const { tones } = stated.json as { tones: ToneCounts };
  expect([tones.column, tones.estimated, tones.notes]).toEqual(["tone", false, []]);
  expect(tones.overall.reduce((sum, n) => sum + n, 0)).toBe(14);
  expect(stated.text).toMatch(/\nskin tones {2}column tone\n +I +II +III +IV +V +VI\n {2}nevus /);

  const table = await readFile(join(out, "metadata.csv"), "utf8");
  const rows = table.split("\n").map((row, i) => (i === 0 ? row.replace("tone", "hue") : row));
  await writeFile(join(out, "metadata.csv"), rows.join("\n"));
  const description = JSON.parse(await readFile(join(out, "dataset.json"), "utf8"));
  await writeFile(join(out, "dataset.json"), JSON.stringify({ ...description, tone: undefined }));
  const look = join(folder, "maps");
  const estimated = await inspect.run([out], { out: look, maps: true }, context);
  expect(estimated.text).toContain("\nskin tones  estimated by ITA\n");
  expect(estimated.text).toContain("(skin tones of all images are estimated by ITA outside the lesion; an estimate,");
  expect(estimated.json.tones).toMatchObject({ column: null, estimated: true });
  expect(existsSync(join(look, "maps.png"))).toBe(true);

  await writeFile(join(out, "metadata.csv"), table.replace(/,(I|II|III|IV|V|VI),/, ",VII,"));
  await writeFile(join(out, "dataset.json"), JSON.stringify(description));
  const wrong = await inspect.run([out], {}, context);
  expect(wrong.json.tones).toBeNull();
  expect(wrong.text).toMatch(
    /warning: a mask, box or tone cannot be used.* images\/000000.png: column tone: tone "VII" is no/,
  );
});

test("images that a file names are not looked at, and the next command leaves them out too", async () => {
  const few = join(folder, "few");
  await writeFiles(few, { "a/1.png": await pngOf(1), "a/2.png": await pngOf(2), "b/1.png": await pngOf(3) });
  const leaveOut = join(folder, "odd.txt");
  await writeFile(leaveOut, "a/2.png\n");
  const { json, next } = await inspect.run([few], { leaveOut }, context);
  expect(json).toMatchObject({ images: 2, notes: expect.arrayContaining([`left out 1 of 3 images (${leaveOut})`]) });
  expect(next).toMatch(new RegExp(`^ganglion import ${few} \\S+ --leave-out ${leaveOut}$`));
});

test("it is said where cropped, mirrored and turned copies were not looked for, with the command that does it", async () => {
  const few = join(folder, "some");
  await writeFiles(few, { "a/1.png": await pngOf(1), "b/2.png": await pngOf(2) });
  const words = ["inspect", few, "--no-parts", "--skip-damaged", "--json"];
  const options = { parts: false, skipDamaged: true };
  const { json, text } = await inspect.run([few], options, { ...context, words });
  const command = `ganglion inspect ${few} --skip-damaged --parts`;
  expect(json.partsNotSearched).toEqual({ images: 2, why: "asked", most: 12_000, coreSeconds: 1, command });
  expect(text).toContain(
    "\nnot looked for: copies that were cropped, mirrored or turned, as --no-parts says\n  it takes about 1 s of one processor core more",
  );
  expect(text).toContain(`: ${command}\n`);
  const searched = await inspect.run([few], { parts: true }, { ...context, words });
  expect(searched.json).not.toHaveProperty("partsNotSearched");
  expect(searched.text).not.toContain("not looked for");
  const many = await inspectDataset(await readDataset(few), { mostSearched: 1 });
  expect(inspect.inspectionText(many, few)).toContain(
    "\nnot looked for: copies that were cropped, mirrored or turned, since there are 2 images, more than 1\n",
  );
});

test("--maps needs a folder, and something to make maps from", async () => {
  const plain = join(folder, "plain");
  await writeFiles(plain, { "a/1.png": await pngOf(1), "b/1.png": await pngOf(2) });
  await expect(inspect.run([plain], { maps: true }, context)).rejects.toThrow(/--maps writes a picture.*--out DIR/);
  const out = join(folder, "none");
  await expect(inspect.run([plain], { maps: true, out }, context)).rejects.toThrow(/no boxes and no masks/);
  expect([existsSync(out), (await inspect.run([plain], {}, context)).json.tones]).toEqual([false, null]);
});

test.each([
  [{ count: "3" }, /phantom count/],
  [{ count: "many" }, /--count many: a whole number is needed/],
  [{ size: "1e3" }, /--size 1e3: a whole number is needed/],
  [{ size: "8" }, /phantom size/],
])("phantom refuses %j", async (options, message) => {
  const given = { count: "2000", size: "64", ...options };
  await expect(phantom.run([join(folder, "no")], given, context)).rejects.toMatchObject({
    code: "usage",
    message: expect.stringMatching(message),
  });
});
