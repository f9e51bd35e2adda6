import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { MACHINE, OWNER, processStart } from "../process-owner.ts";
import { failure, temporaryFolder } from "../testing/fixtures.ts";
import { HOST } from "./own-scratch.ts";
import { removeLeftScratch } from "./remove-left-scratch.ts";
import { scratchRoot } from "./scratch-root.ts";
import { withTemporaryFolder } from "./temporary-folder.ts";

vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  return { ...real, rmSync: vi.fn(real.rmSync) };
});

const folder = await temporaryFolder();
const token = "0123456789ab";
const deadPid = () => spawnSync("true").pid;
let data: string;
let count = 0;

beforeEach(() => {
  const tmp = join(folder, `tmp-${++count}`);
  data = join(folder, `data-${count}`);
  mkdirSync(tmp);
  mkdirSync(data);
  process.env.TMPDIR = tmp;
});

/** The scratch of a process, with decoded images and an unfinished file in `data`. */
function leave(name: string): string {
  const path = join(scratchRoot(), name);
  mkdirSync(join(path, "audit-x"), { recursive: true });
  chmodSync(scratchRoot(), 0o700);
  writeFileSync(join(path, "audit-x", "packed.u8"), "pixels");
  writeFileSync(join(path, "folders"), `${JSON.stringify(data)}\n${JSON.stringify(join(folder, "gone"))}\n"cut`);
  mkdirSync(join(data, `.out.${token}0001.tmp`, "images"), { recursive: true });
  return path;
}

test("of a process that is gone: its temporary folders and unfinished files go, others stay", () => {
  const owner = `${MACHINE}.${deadPid()}-77`;
  leave(`${HOST}.${owner}.${token}`);
  const kept = [".out.ffffffffffff0001.tmp", `out.${token}0001.tmp`, `.${token}0001.tmp`, `.out.${token}0001.tmp.png`];
  for (const name of kept) writeFileSync(join(data, name), "mine");
  mkdirSync(join(data, `0123-45.${owner}`));
  const elsewhere = join(folder, "elsewhere");
  mkdirSync(elsewhere, { recursive: true });
  writeFileSync(join(elsewhere, "file"), "mine");
  symlinkSync(elsewhere, join(data, `.link.${token}0002.tmp`));
  expect(removeLeftScratch()).toEqual([]);
  expect(readdirSync(data).sort()).toEqual(kept.sort());
  expect(readdirSync(elsewhere)).toEqual(["file"]);
  expect(existsSync(scratchRoot())).toBe(false);
});

test("a noted folder that has become a link is left alone", () => {
  const path = leave(`${HOST}.${MACHINE}.${deadPid()}.${token}`);
  const link = join(folder, `link-${count}`);
  symlinkSync(data, link);
  writeFileSync(join(path, "folders"), `${JSON.stringify(link)}\n`);
  expect(removeLeftScratch()).toEqual([]);
  expect(readdirSync(data)).toEqual([`.out.${token}0001.tmp`]);
  expect(existsSync(path)).toBe(false);
});

test("what a living process has stays; of a number that was given again the start tells", () => {
  const path = leave(`${HOST}.${OWNER}.${token}`);
  expect(removeLeftScratch()).toEqual([]);
  expect([existsSync(path), readdirSync(data)]).toEqual([true, [`.out.${token}0001.tmp`]]);
  if (processStart(process.pid) === "") return;
  const earlier = leave(`${HOST}.${MACHINE}.${process.pid}-1.aaaaaaaaaaaa`);
  expect(removeLeftScratch()).toEqual([]);
  expect([existsSync(path), existsSync(earlier)]).toEqual([true, false]);
});

test("of another machine it goes when it was not touched for a day, of an earlier boot at once", () => {
  const elsewhere = leave(`ffffffff.eeeeeeeeeeee.12-3.${token}`);
  const booted = leave(`${HOST}.eeeeeeeeeeee.12-3.${token}`);
  expect(removeLeftScratch()).toEqual([]);
  expect([existsSync(elsewhere), existsSync(booted)]).toEqual([true, true]);
  const before = new Date(Date.now() - 25 * 3_600_000);
  utimesSync(elsewhere, before, before);
  utimesSync(booted, new Date(1000), new Date(1000));
  expect(removeLeftScratch()).toEqual([]);
  expect([existsSync(elsewhere), existsSync(booted)]).toEqual([false, false]);
});

test("what cannot be removed is said in one line and found again by the next command", () => {
  const path = leave(`${HOST}.${MACHINE}.${deadPid()}.${token}`);
  const target = join(data, `.out.${token}0001.tmp`);
  const { rmSync } = vi.mocked(fs);
  const real = rmSync.getMockImplementation()!;
  rmSync.mockImplementation((name, options) => {
    if (name === target) throw Object.assign(new Error("no"), { code: "EACCES" });
    real(name, options);
  });
  expect(removeLeftScratch()).toEqual([
    `cannot remove what a killed command left, ${target}: permission denied; check the owner and mode`,
  ]);
  expect(existsSync(path)).toBe(true);
  rmSync.mockImplementation(real);
  expect(removeLeftScratch()).toEqual([]);
  expect([existsSync(path), existsSync(target)]).toEqual([false, false]);
});

test.each([
  ["a link", () => symlinkSync(data, scratchRoot()), "is a link"],
  ["a file", () => writeFileSync(scratchRoot(), ""), "is a file"],
  ["open to others", () => mkdirSync(scratchRoot()), "with mode 777"],
])("a folder of the user that is %s is refused, and said by every command", async (_, plant, what) => {
  plant();
  if (what === "with mode 777") chmodSync(scratchRoot(), 0o777);
  mkdirSync(join(data, `${HOST}.${MACHINE}.${deadPid()}.${token}`));
  const [said, ...more] = removeLeftScratch();
  expect(more).toEqual([]);
  expect(said).toContain(what);
  expect(said).toContain("set TMPDIR to a folder of your own");
  expect(readdirSync(data)).toHaveLength(1);
});

test("a temporary folder is for the user alone and gone afterwards; a full disk is said with its remedy", async () => {
  const seen = await withTemporaryFolder("audit", async (path) => {
    const root = fs.statSync(scratchRoot());
    expect(root.mode & 0o777).toBe(0o700);
    expect(path.startsWith(join(scratchRoot(), `${HOST}.${OWNER}.`))).toBe(true);
    writeFileSync(join(path, "packed.u8"), "x");
    return path;
  });
  expect(existsSync(seen)).toBe(false);
  const full = withTemporaryFolder("audit", async () => {
    throw Object.assign(new Error("write"), { code: "ENOSPC", syscall: "write" });
  });
  expect((await failure(full)).message).toMatch(/^cannot write .*: the disk is full; free some space/);
  fs.rmSync(scratchRoot(), { recursive: true });
  process.env.TMPDIR = join(folder, "nowhere");
  const error = await failure(withTemporaryFolder("audit", async () => undefined));
  expect(error).toMatchObject({ code: "files", message: expect.stringContaining("cannot create a folder in") });
});
