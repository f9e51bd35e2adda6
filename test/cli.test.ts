import { execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../src/cli/commands.ts";

/** The built command, as a user runs it: a process of its own. */
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
let folder: string;

beforeAll(() => {
  if (!existsSync(main)) throw new Error("dist is missing: run `npm run build` first");
  folder = mkdtempSync(join(tmpdir(), "ganglion-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ganglion(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("help", () => {
  test("of the program lists every command", () => {
    const { status, stdout, stderr } = ganglion("--help");
    expect([status, stderr]).toEqual([0, ""]);
    for (const { name } of commands) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
  });

  test.each(commands.map(({ name }) => name))("of %s shows examples and loads no ONNX Runtime", (name) => {
    const hook = join(folder, "hook.mjs");
    writeFileSync(
      hook,
      `process.report.excludeNetwork = true;
       process.on("exit", () => {
         const loaded = process.report.getReport().sharedObjects.some((path) => path.includes("onnxruntime"));
         process._rawDebug(loaded ? "ORT LOADED" : "ORT NOT LOADED");
       });`,
    );
    const run = (args: string[]) => spawnSync(process.execPath, ["--import", hook, ...args], { encoding: "utf8" });
    const { status, stdout, stderr } = run([main, name, "--help"]);
    expect([status, stderr.trim()]).toEqual([0, "ORT NOT LOADED"]);
    expect(stdout).toContain(`Usage: ganglion ${name}`);
    expect(stdout).toContain("Examples:");
    expect(stdout).toContain(`  ganglion ${name}`);
    for (const shared of ["--json", "--seed", "--quiet"]) expect(stdout).toContain(shared);
    // The hook itself must be able to see the runtime.
    if (name === commands[0]!.name) expect(run(["-e", 'import("onnxruntime-node")']).stderr.trim()).toBe("ORT LOADED");
  });

  test("is what docs/commands.md shows", () => {
    const script = fileURLToPath(new URL("../scripts/document-commands.mjs", import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  });

  test("and --version tell the version of the package", () => {
    const { version } = JSON.parse(execFileSync("npm", ["pkg", "get", "name", "version"], { encoding: "utf8" }));
    expect(ganglion("--version").stdout).toBe(`${version}\n`);
  });
});

describe("exit codes", () => {
  test("2 with one line for wrong usage", () => {
    const unknown = ganglion("inspekt");
    expect([unknown.status, unknown.stdout]).toEqual([2, ""]);
    expect(unknown.stderr).toMatch(/^ganglion: unknown command 'inspekt'.*\n$/);
    expect(ganglion("import", "a", "b", "--bogus")).toMatchObject({ status: 2, stdout: "" });
    expect(ganglion("import")).toMatchObject({ status: 2, stdout: "" });
    expect(ganglion("import", "a", "b", "c").status).toBe(2);
  });

  test("1 for a missing dataset, as text or JSON, without a stack", () => {
    const missing = join(folder, "no such folder");
    const text = ganglion("import", missing, join(folder, "out"));
    expect([text.status, text.stdout]).toEqual([1, ""]);
    expect(text.stderr).toContain("no such folder");
    expect(text.stderr).not.toMatch(/\n\s+at /);
    const json = ganglion("import", missing, join(folder, "out"), "--json");
    expect([json.status, json.stderr]).toEqual([1, ""]);
    expect(JSON.parse(json.stdout).error.message).toContain("no such folder");
    expect(existsSync(join(folder, "out"))).toBe(false);
  });
});

test("Ctrl-C ends a command that saves nothing at once, with the shell's code and nothing half-written", async () => {
  const parent = join(folder, "interrupted");
  const child = spawn(process.execPath, [main, "phantom", join(parent, "out"), "--count", "100000"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const code = new Promise((resolve) => child.on("close", resolve));
  const begun = () => existsSync(parent) && readdirSync(parent).length > 0;
  while (child.exitCode === null && !begun()) await new Promise((wait) => setTimeout(wait, 5));
  child.kill("SIGINT");
  expect(await code).toBe(130);
  expect(readdirSync(parent)).toEqual([]);
});

describe("standard output", () => {
  test("closed by its reader is no crash", async () => {
    const child = spawn(process.execPath, [main, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect([code, said]).toEqual([0, ""]);
  });

  // /dev/full exists on Linux only, where the checks run.
  test.runIf(existsSync("/dev/full"))("that cannot be written is a failure that is said", () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [main, "--help"], { stdio: ["ignore", full, "pipe"] });
    closeSync(full);
    expect(status).toBe(1);
    expect(stderr.toString()).toMatch(/^ganglion: cannot write to standard output: .*ENOSPC.*\n$/);
  });
});

test("progress whose reader went away does not stop the work", async () => {
  const out = join(folder, "unwatched");
  const child = spawn(process.execPath, [main, "phantom", out, "--count", "200", "--size", "16"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stderr.destroy();
  child.stdout.resume();
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  expect(existsSync(join(out, "metadata.csv"))).toBe(true);
});
