import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { type ForgedEntry, forgedZip } from "./testing/forged-zip.ts";
import { crc32, openZip, type ZipLimits } from "./zip.ts";

const folder = await temporaryFolder();
let written = 0;
const data = Buffer.from("picture");

async function open(entries: readonly ForgedEntry[], limits?: ZipLimits) {
  const path = join(folder, `${written++}.zip`);
  await writeFile(path, forgedZip(entries));
  return openZip(path, limits);
}
async function nameOf(entry: Omit<ForgedEntry, "data">): Promise<string> {
  const archive = await open([{ ...entry, data }]);
  await archive.close();
  return archive.entries[0]!.name;
}

describe("a name", () => {
  test("is UTF-8 where the flag says so, and where it is such text without the flag", async () => {
    expect(await nameOf({ name: "ä/图.png", flags: 2048 })).toBe("ä/图.png");
    expect(await nameOf({ name: "ä/图.png" })).toBe("ä/图.png");
  });

  test("is code page 437 else", async () => {
    // PKZIP wrote "Häßlich½.png" like this.
    expect(await nameOf({ name: Buffer.from("4884E16C696368AB2E706E67", "hex") })).toBe("Häßlich½.png");
  });

  test("is that of a Unicode path field which was made of it", async () => {
    const name = Buffer.from([0x84, 0x2e, 0x70]);
    const field = (crc: number) => {
      const text = Buffer.from("ž.p");
      const extra = Buffer.alloc(9);
      extra.writeUInt16LE(0x7075, 0);
      extra.writeUInt16LE(5 + text.length, 2);
      extra[4] = 1;
      extra.writeUInt32LE(crc, 5);
      return Buffer.concat([extra, text]);
    };
    expect(await nameOf({ name, extra: field(crc32(name)) })).toBe("ž.p");
    expect(await nameOf({ name, extra: field(1) })).toBe("ä.p");
  });
});

test("files, folders and what is neither are told apart by mode and name", async () => {
  const archive = await open([
    { name: "a.png", data, mode: 0o100644 },
    { name: "folder/" },
    { name: "plain", data },
    { name: "unmarked", mode: 0o040755 },
    { name: "link", data, mode: 0o120777 },
    { name: "fifo", mode: 0o010644 },
  ]);
  await archive.close();
  expect(archive.entries.map(({ kind }) => kind)).toEqual(["file", "folder", "file", "folder", "other", "other"]);
});

test("sizes of a zip64 field are read, and the entry with them", async () => {
  const archive = await open([{ name: "a.png", data, zip64: true, deflate: true }]);
  const pieces: Uint8Array[] = [];
  await archive.unpack(archive.entries[0]!, (piece) => pieces.push(piece) > 0);
  await archive.close();
  expect(Buffer.concat(pieces).toString()).toBe("picture");
});

test.each<[what: string, entries: readonly ForgedEntry[], said: string]>([
  ["encrypted", [{ name: "a", data, flags: 1 }], "encrypted"],
  ["of another method", [{ name: "a", data, method: 14 }], "compression method 14"],
  [
    "of one name",
    [
      { name: "a", data },
      { name: "a", data },
    ],
    "two entries have this name",
  ],
  ["that lead out", [{ name: "../a", data }], "leads out of the archive"],
  [
    "that share their data",
    [
      { name: "a", data: Buffer.alloc(9000) },
      { name: "b", data: Buffer.alloc(9000), shares: 0 },
    ],
    "overlap",
  ],
])("entries %s are refused before anything is unpacked", async (_, entries, said) => {
  const error = await failure(open(entries, { called: "photos.zip" }));
  expect(error.code).toBe("archive");
  expect(error.message).toContain(said);
  expect(error.message).toContain("photos.zip");
  expect(error.message).not.toContain(folder);
});

test("more entries than the caller allows are refused", async () => {
  const entries = Array.from({ length: 12 }, (_, i) => ({ name: `${i}`, data }));
  await (await open(entries, { entries: 12 })).close();
  expect((await failure(open(entries, { entries: 11 }))).message).toContain("12 entries, at most 11");
});
