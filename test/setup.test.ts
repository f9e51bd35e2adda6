import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../scripts/setup.mjs", import.meta.url));
const isRoot = process.getuid?.() === 0;

/** The only folder on the PATH of the script, so that it sees no browser and no apt of this machine; DICOM tools, Redis, strace and Python readers are there. */
let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "ganglion-setup-"));
  for (const name of ["dciodvfy", "dcmdump", "dcmj2pnm", "gdcmraw", "gdcminfo", "redis-server", "strace"])
    program(name, "");
});
afterEach(() => rmSync(bin, { recursive: true, force: true }));

const program = (name: string, lines: string) =>
  writeFileSync(join(bin, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });

function setup(env: Record<string, string> = {}): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], {
    encoding: "utf8",
    env: { PATH: bin, GANGLION_PYTHON_READERS: bin, ...env },
  });
  return { status, said: stdout + stderr };
}

test("says nothing where the browser is there, on the PATH or named", () => {
  program("elsewhere", "");
  expect(setup({ GANGLION_CHROMIUM: join(bin, "elsewhere") })).toEqual({ status: 0, said: "" });
  program("chromium", "");
  expect(setup({ CI: "true" })).toEqual({ status: 0, said: "" });
});

test("names the one command, and fails only under CI=true, where nothing can be installed", () => {
  const user = setup();
  expect(user.status).toBe(0);
  expect(user.said).toContain("SKIPPED");
  expect(user.said).toContain("sudo apt-get update && sudo apt-get install -y chromium");
  expect(setup({ CI: "true" }).status).toBe(1);
});

test("installs with apt as root, and believes only what it then finds", () => {
  program("apt-get", `echo "apt $*"; [ "$1" = update ] || echo > "${bin}/chromium"`);
  const { status, said } = setup({ CI: "true" });
  if (isRoot) {
    expect(status).toBe(0);
    expect(said).toContain("apt update");
    expect(said).toContain("apt install -y");
  } else {
    expect(status).toBe(1);
    expect(said).not.toContain("apt update");
  }
  rmSync(join(bin, "chromium"), { force: true });
  program("apt-get", "exit 100");
  expect(setup({ CI: "true" }).status).toBe(1);
});

test("names the command that makes the Python readers, and fails under CI=true without them", () => {
  program("chromium", "");
  const none = { GANGLION_PYTHON_READERS: "", XDG_CACHE_HOME: bin };
  const user = setup(none);
  expect(user.status).toBe(0);
  expect(user.said).toMatch(/SKIPPED[\s\S]+ node scripts\/python-readers\.mjs/);
  expect(setup({ ...none, CI: "true" }).status).toBe(1);
});
