import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { link, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import * as held from "./inside-folder.ts";
import { failure, temporaryFolder } from "./testing/fixtures.ts";

const CANARY = "canary-of-another-folder";

let root: string;
let count = 0;
beforeAll(async () => {
  root = await temporaryFolder();
});

/** A folder with `a.txt` and `sub/b.txt`, and beside it one with a canary that holds the same names. */
async function folders(): Promise<{ folder: string; outside: string }> {
  const base = join(root, String(count++));
  const [folder, outside] = [join(base, "folder"), join(base, "outside")];
  for (const [path, text] of [
    [folder, "own"],
    [outside, CANARY],
  ]) {
    await mkdir(join(path!, "sub"), { recursive: true });
    for (const name of ["a.txt", "sub/b.txt"]) await writeFile(join(path!, name), text!);
  }
  return { folder, outside };
}

const untouched = async (outside: string) => {
  for (const name of ["a.txt", "sub/b.txt"]) expect(readFileSync(join(outside, name), "utf8")).toBe(CANARY);
  expect((await readdir(outside)).sort()).toEqual(["a.txt", "sub"]);
  expect(await readdir(join(outside, "sub"))).toEqual(["b.txt"]);
};

/** The same module as another system than Linux has it, where folders cannot be held. */
async function unheld(): Promise<typeof held> {
  const platform = vi.spyOn(process, "platform", "get").mockReturnValue("darwin");
  vi.resetModules();
  const loaded = await import("./inside-folder.ts");
  platform.mockRestore();
  return loaded;
}

const isRefusal = (error: unknown, words: RegExp) => {
  expect(String((error as Error).message)).toMatch(words);
  expect((error as { code?: string }).code).toBe("files");
  expect(String((error as Error).message)).not.toContain(CANARY);
};
const refused = async (work: Promise<unknown>, words: RegExp) =>
  isRefusal(
    await work.then(
      () => "nothing was thrown",
      (error: unknown) => error,
    ),
    words,
  );

describe.each(["held", "checked"])("with folders %s", (way) => {
  let inside: typeof held;
  beforeAll(async () => {
    inside = way === "held" ? held : await unheld();
  });

  test("files are read, written, added to, listed and removed", async () => {
    const { folder } = await folders();
    const { readInside, writeInside, appendInside, listInside, removeInside, statInside, hashInside } = inside;
    expect(String(await readInside(folder, "sub/b.txt"))).toBe("own");
    await writeInside(folder, "new/deep/c.txt", "c");
    await appendInside(folder, "new/deep/c.txt", "d");
    await appendInside(folder, "new/log", "e");
    expect(String(await readInside(folder, "new/deep/c.txt"))).toBe("cd");
    expect((await listInside(folder, "new")).sort()).toEqual(["deep", "log"]);
    expect(await listInside(folder, "absent")).toEqual([]);
    expect((await statInside(folder, "new/log"))?.size).toBe(1n);
    expect(await statInside(folder, "absent/x")).toBeNull();
    expect(await hashInside(folder, "new/log")).toMatch(/^3f79bb7b/);
    await removeInside(folder, "new/log");
    await removeInside(folder, "new/log");
    expect(await listInside(folder, "new")).toEqual(["deep"]);
    expect(inside.isMissing(await inside.readInside(folder, "gone").catch((error) => error))).toBe(true);
  });

  test("the folder itself may be a link", async () => {
    const { folder } = await folders();
    const named = `${folder}-named`;
    await symlink(folder, named);
    expect(String(await inside.readInside(named, "sub/b.txt"))).toBe("own");
    await inside.writeInside(named, "sub/c.txt", "c");
    expect(readFileSync(join(folder, "sub/c.txt"), "utf8")).toBe("c");
  });

  const everything = (folder: string, name: string): [string, () => Promise<unknown>][] => [
    ["read", () => inside.readInside(folder, name)],
    ["hash", () => inside.hashInside(folder, name)],
    ["stat", () => inside.statInside(folder, name)],
    ["update", () => inside.openInside(folder, name, "update")],
    ["create", () => inside.openInside(folder, name, "create")],
    ["append", () => inside.appendInside(folder, name, "x")],
    ["write", () => inside.writeInside(folder, name, "x")],
  ];

  test("a link in place of a file is refused, named, and not followed", async () => {
    const { folder, outside } = await folders();
    unlinkSync(join(folder, "a.txt"));
    await symlink(join(outside, "a.txt"), join(folder, "a.txt"));
    await symlink(join(outside, "absent"), join(folder, "dangling"));
    for (const name of ["a.txt", "dangling"]) {
      for (const [, work] of everything(folder, name)) await refused(work(), /symbolic link \(to .*outside/);
    }
    await untouched(outside);
  });

  test("a link in place of a folder on the way is refused, for removing and listing too", async () => {
    const { folder, outside } = await folders();
    renameSync(join(folder, "sub"), join(folder, "was"));
    await symlink(join(outside, "sub"), join(folder, "sub"));
    for (const [, work] of everything(folder, "sub/b.txt"))
      await refused(work(), /folder.sub: this is a symbolic link/);
    for (const [, work] of everything(folder, "sub/new/b.txt")) await refused(work(), /symbolic link/);
    await refused(inside.removeInside(folder, "sub/b.txt"), /symbolic link/);
    await refused(inside.listInside(folder, "sub"), /symbolic link/);
    await refused(inside.makeFolderInside(folder, "sub/new"), /symbolic link/);
    await untouched(outside);
  });

  test("a FIFO, a socket's or device's place, and a folder are refused at once", async () => {
    const { folder } = await folders();
    execFileSync("mkfifo", [join(folder, "pipe")]);
    for (const [, work] of everything(folder, "pipe")) await refused(work(), /this is a FIFO/);
    for (const [, work] of everything(folder, "sub")) await refused(work(), /this is a folder/);
    await refused(inside.readInside("/dev", "zero"), /this is a device/);
    await refused(inside.readInside(folder, "a.txt/b"), /a file/);
  }, 10_000);

  test("a file with a second name is read and replaced, never changed in place", async () => {
    const { folder, outside } = await folders();
    unlinkSync(join(folder, "a.txt"));
    await link(join(outside, "a.txt"), join(folder, "a.txt"));
    await refused(inside.appendInside(folder, "a.txt", "x"), /2 names/);
    await refused(inside.openInside(folder, "a.txt", "update"), /2 names/);
    await inside.writeInside(folder, "a.txt", "x");
    await untouched(outside);
  });

  test("a backslash is a letter of a name where the system has it so", async () => {
    const { folder, outside } = await folders();
    for (const [, work] of everything(join(folder, "sub"), "..\\a.txt")) {
      await work().then(
        () => undefined,
        () => undefined,
      );
    }
    expect(readFileSync(join(folder, "a.txt"), "utf8")).toBe("own");
    await untouched(outside);
  });

  test.each(["../outside/a.txt", "/etc/passwd", "sub/../../outside/a.txt", "a\0b", ".", ""])(
    "%j leads out",
    async (name) => {
      const { folder, outside } = await folders();
      for (const [, work] of everything(folder, name)) await refused(work(), /leads out of/);
      await untouched(outside);
    },
  );
});

/** Swaps `sub` and the link `trap` until it is ended; a folder that a writer made in between is moved away. */
const SWAPPER = `
const { renameSync } = require("node:fs");
let extra = 0;
const move = (from, to) => { try { renameSync(from, to); return true; } catch { return false; } };
for (;;) {
  move("sub", "away");
  while (!move("trap", "sub")) move("sub", "extra" + extra++);
  move("sub", "trap");
  while (!move("away", "sub")) move("sub", "extra" + extra++);
}`;

test("a folder that is swapped for a link all the time is never followed", async () => {
  const { folder, outside } = await folders();
  await symlink(join(outside, "sub"), join(folder, "trap"));
  const swapper = spawn(process.execPath, ["-e", SWAPPER], { cwd: folder, stdio: "ignore" });
  const seen = { own: 0, link: 0 };
  try {
    for (const until = Date.now() + 3000; Date.now() < until; ) {
      const found = await held.readInside(folder, "sub/b.txt").catch((error: unknown) => {
        if (held.isNotAFile(error)) seen.link++;
        return null;
      });
      if (found !== null) {
        expect(String(found)).toBe("own");
        seen.own++;
      }
      await held.appendInside(folder, "sub/log.txt", "x").catch(() => undefined);
      await held.writeInside(folder, "sub/whole.txt", "x").catch(() => undefined);
      await held.removeInside(folder, "sub/b.txt.not").catch(() => undefined);
    }
  } finally {
    swapper.kill("SIGKILL");
  }
  expect(seen.own).toBeGreaterThan(0);
  expect(seen.link).toBeGreaterThan(0);
  await untouched(outside);
});

test("nothing is left of a write that failed", async () => {
  const { folder } = await folders();
  mkdirSync(join(folder, "taken"));
  const error = await failure(held.writeInside(folder, "taken", "x"));
  expect(error.message).toContain("this is a folder");
  writeFileSync(join(folder, "plain"), "");
  await failure(held.writeInside(folder, "plain/below.txt", "x"));
  expect((await readdir(folder)).sort()).toEqual(["a.txt", "plain", "sub", "taken"]);
  expect(existsSync(join(folder, "plain/below.txt"))).toBe(false);
});
