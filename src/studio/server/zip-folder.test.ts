import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { openZip } from "../../data/readers/zip.ts";
import { writeFiles } from "../../data/testing/fixtures.ts";
import { zipFolder } from "./zip-folder.ts";

test("what is packed is read back by an independent reader, names of any script too, the same bytes each time", async () => {
  const folder = await temporaryFolder();
  const files = { "README.md": "card", "data/images/nævus/1.png": "picture", LICENSE: "" };
  await writeFiles(join(folder, "shared"), files);
  const pack = async () => {
    const pieces: Buffer[] = [];
    for await (const piece of zipFolder(join(folder, "shared"), Object.keys(files), "für andere")) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  const bytes = await pack();
  expect((await pack()).equals(bytes)).toBe(true);
  await writeFile(join(folder, "a.zip"), bytes);
  const archive = await openZip(join(folder, "a.zip"));
  try {
    const found: Record<string, string> = {};
    for (const entry of archive.entries) {
      const pieces: Uint8Array[] = [];
      await archive.unpack(entry, (piece) => pieces.push(piece) > 0);
      found[entry.name] = Buffer.concat(pieces).toString("utf8");
    }
    expect(found).toEqual(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`für andere/${name}`, text])),
    );
  } finally {
    await archive.close();
  }
});
