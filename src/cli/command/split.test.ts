import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { pngOf, writeFiles } from "../../data/testing/fixtures.ts";
import { callProgram } from "../testing/call-program.ts";

async function classFolders(): Promise<string> {
  const files = Array.from(
    { length: 24 },
    async (_, i) => [`${i % 2 ? "nevus" : "scar"}/${i}.png`, await pngOf(i)] as const,
  );
  return writeFiles(await temporaryFolder(), Object.fromEntries(await Promise.all(files)));
}

test("split shows a table of what it did, writes it, and says the same in JSON", async () => {
  const root = await classFolders();
  const dry = await callProgram(["split", root, "--holdout", "0.25", "--dry-run", "--quiet"]);
  expect([dry.code, dry.err]).toEqual([0, ""]);
  expect(dry.out).toMatch(/^ +train +holdout\n +images +groups +images +groups$/m);
  expect(dry.out).toMatch(/^nevus +9 +9 +3 +3$/m);
  expect(dry.out).toMatch(/^all +18 +18 +6 +6$/m);
  expect(dry.out).toMatch(/would write column split of .*ganglion-split\.csv/);
  const { out } = await callProgram(["split", root, "--holdout", "0.25", "--json", "--quiet"]);
  const json = JSON.parse(out);
  expect(json).toMatchObject({ written: true, column: "split", seed: 0, images: 24, groups: 24 });
  expect(json.total.holdout).toEqual({ images: 6, patients: null, groups: 6 });
  const lines = (await readFile(join(root, "ganglion-split.csv"), "utf8")).trimEnd().split("\n");
  expect([lines.length, lines[0]]).toEqual([25, "file_name,split"]);
  const again = await callProgram(["split", root, "--quiet"]);
  expect([again.code, again.err]).toEqual([2, expect.stringContaining("--overwrite replaces it")]);
});

test("split refuses shares that are none", async () => {
  const { code, err } = await callProgram(["split", "x", "--holdout", "1.5"]);
  expect([code, err]).toEqual([2, expect.stringMatching(/--holdout.*Give a share from 0 to below 1/)]);
});

test("split refuses to write a part without an image, which nothing could be compared with", async () => {
  const root = await writeFiles(await temporaryFolder(), {
    "nevus/a.png": await pngOf(1),
    "scar/b.png": await pngOf(2),
  });
  const { code, err } = await callProgram(["split", root, "--quiet"]);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/no image is left for holdout \(--holdout 0\.15\).*--holdout 0/),
  ]);
  expect(existsSync(join(root, "ganglion-split.csv"))).toBe(false);
});
