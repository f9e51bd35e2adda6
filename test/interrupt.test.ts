import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
let folder: string;
beforeAll(() => {
  if (!existsSync(main)) throw new Error("dist is missing: run `npm run build` first");
  folder = mkdtempSync(join(tmpdir(), "ganglion-interrupt-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("Ctrl-C during training saves a checkpoint, exits with 130, and --resume goes on from there", async () => {
  const [set, run] = [join(folder, "set"), join(folder, "run")];
  const words = ["train", set, "--out", run, "--resolution", "8", "--preset", "tiny", "--threads", "1"];
  const phantom = spawnSync(process.execPath, [main, "phantom", set, "--count", "60", "--size", "16", "--quiet"]);
  expect(phantom.status).toBe(0);

  const child = spawn(process.execPath, [main, ...words, "--minutes", "5"], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let asked = false;
  child.stderr.on("data", (text) => {
    said += text;
    // The second report of the stage: some images have been seen. Asked once: a second time ends it at once.
    if (asked || (said.match(/^train .*images/gm) ?? []).length < 2) return;
    asked = true;
    child.kill("SIGINT");
  });
  let result = "";
  child.stdout.on("data", (text) => {
    result += text;
  });
  expect(await new Promise((resolve) => child.on("close", resolve)), said).toBe(130);
  expect(result).toContain(`Continue: ganglion train ${set} --out ${run} --resume`);
  expect(said).toContain("press Ctrl-C again");
  const checkpoints = () => readdirSync(join(run, "checkpoints")).filter((name) => /^\d+\.safetensors$/.test(name));
  const stoppedAt = Math.max(...checkpoints().map((name) => Number.parseInt(name, 10)));
  expect(stoppedAt).toBeGreaterThan(0);

  // Far enough for a line of statistics, which comes each 1,000 images.
  const goal = Math.max(stoppedAt + 64, 1024);
  const resumed = spawnSync(
    process.execPath,
    [main, ...words, "--images", String(goal), "--resume", "--json", "--quiet"],
    { encoding: "utf8" },
  );
  expect([resumed.status, resumed.stderr]).toEqual([0, ""]);
  expect(JSON.parse(resumed.stdout).imagesSeen).toBeGreaterThanOrEqual(goal);
  expect(existsSync(join(run, "generator.onnx"))).toBe(true);
  const seen = readFileSync(join(run, "stats.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).imagesSeen);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(new Set(seen).size).toBe(seen.length);
});

test("SIGTERM while threads search an audit's copies ends it at once, and nothing is left", async () => {
  const at = (name: string) => join(folder, name);
  for (const [set, seed] of ["11", "12", "13"].entries()) {
    const words = [main, "phantom", at(`audit-${set}`), "--count", "300", "--size", "32", "--seed", seed, "--quiet"];
    expect(spawnSync(process.execPath, words).status).toBe(0);
  }
  const places = { TMPDIR: at("tmp"), GANGLION_CACHE: at("cache") };
  for (const path of Object.values(places)) mkdirSync(path);
  const sets = ["--train", at("audit-0"), "--holdout", at("audit-1"), "--synthetic", at("audit-2")];
  const words = ["audit", ...sets, "--out", at("audit"), "--threads", "2"];
  const child = spawn(process.execPath, [main, ...words], {
    env: { ...process.env, ...places },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  let sent = 0;
  child.stderr.on("data", (text) => {
    said += text;
    if (sent > 0 || !/: comparison/.test(said)) return;
    sent = Date.now();
    child.kill("SIGTERM");
  });
  expect(await new Promise((resolve) => child.on("close", resolve)), said).toBe(143);
  expect(Date.now() - sent).toBeLessThan(10_000);
  expect(existsSync(at("audit"))).toBe(false);
  expect(readdirSync(places.TMPDIR)).toEqual([]);
}, 120_000);
