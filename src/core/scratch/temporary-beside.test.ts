import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { writeFileAtomic } from "../files.ts";
import { temporaryFolder } from "../testing/fixtures.ts";
import { ownScratch, TOKEN } from "./own-scratch.ts";
import { isOfToken, shortName, TEMPORARY_NAME, temporaryBeside } from "./temporary-beside.ts";

const folder = await temporaryFolder();

test("a name in the making is hidden, told from all others, and fits where the name itself hardly does", async () => {
  const names = ["a", "x".repeat(255), "日".repeat(85), "\u{1f9ec}".repeat(63)];
  for (const name of names) {
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    await writeFileAtomic(join(folder, name), name);
    expect(await readFile(join(folder, name), "utf8")).toBe(name);
    const { path, release } = temporaryBeside(join(folder, name));
    expect(dirname(path)).toBe(folder);
    const made = path.slice(folder.length + 1);
    expect(made).toMatch(TEMPORARY_NAME);
    expect(isOfToken(made, TOKEN)).toBe(true);
    expect(Buffer.byteLength(made)).toBeLessThanOrEqual(143);
    expect(made).not.toContain("\ufffd");
    const next = temporaryBeside(join(folder, name));
    expect(next.path).not.toBe(path);
    release();
    next.release();
  }
  expect((await readdir(folder)).sort()).toEqual([...names].sort());
  expect(shortName("日".repeat(85))).toBe("日".repeat(33));
  expect(isOfToken(".a.0123456789ab.tmp", "01234567")).toBe(true);
  expect(isOfToken(`.a.${TOKEN}.tmp`, TOKEN)).toBe(false);
});

test("the folder is noted before, once, and not where it is temporary itself", async () => {
  const noted = async () => (await readFile(join(ownScratch(), "folders"), "utf8")).trim().split("\n");
  const [own, other] = [join(folder, "own"), join(folder, "other")];
  await mkdir(own);
  await mkdir(other);
  const before = (await noted()).length;
  const made = temporaryBeside(join(own, "set"));
  await mkdir(join(made.path, "images"), { recursive: true });
  await writeFileAtomic(join(made.path, "images", "a"), "a");
  for (let i = 0; i < 3; i++) await writeFileAtomic(join(other, `${i}`), "");
  made.release();
  expect((await noted()).slice(before)).toEqual([own, other].map((path) => JSON.stringify(path)));
});
