import * as fs from "node:fs";
import * as promises from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { writeFileAtomic } from "./files.ts";
import { makeFolder, makeFolderSync } from "./make-folder.ts";
import { failure, temporaryFolder } from "./testing/fixtures.ts";

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return { ...real, mkdir: vi.fn(real.mkdir) };
});
vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  return { ...real, mkdirSync: vi.fn(real.mkdirSync) };
});

const folder = await temporaryFolder();

test("makes what is missing and names the first folder that it made", async () => {
  expect(await makeFolder(join(folder, "a", "b"))).toBe(join(folder, "a"));
  expect(await makeFolder(join(folder, "a", "b"))).toBeUndefined();
  makeFolderSync(join(folder, "a", "c", "d"));
  expect(fs.existsSync(join(folder, "a", "c", "d"))).toBe(true);
});

test("a read-only file system is said to be one, where Node says that the folder is missing", async () => {
  // What Node 20 to 24 does: with `recursive` it looks again and answers ENOENT, alone it hands the reason on.
  const refuse = (path: unknown, options: unknown): never => {
    const recursive = (options as { recursive?: boolean } | undefined)?.recursive === true;
    throw Object.assign(new Error(String(path)), { code: recursive ? "ENOENT" : "EROFS", syscall: "mkdir" });
  };
  vi.mocked(promises.mkdir).mockImplementation(async (path, options) => refuse(path, options));
  vi.mocked(fs.mkdirSync).mockImplementation(refuse);
  await expect(makeFolder(join(folder, "x", "y"))).rejects.toMatchObject({ code: "EROFS" });
  expect(() => makeFolderSync(join(folder, "x", "y"))).toThrow(expect.objectContaining({ code: "EROFS" }));
  expect((await failure(writeFileAtomic(join(folder, "x", "y", "file"), ""))).message).toBe(
    `cannot write ${join(folder, "x", "y", "file")}: the file system is read-only; choose another folder`,
  );
  vi.restoreAllMocks();
});
