import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rng } from "../src/core/rng.ts";
import { checkpointsOf, names, resultOf } from "./testing/run-result.ts";

/** Kills in the suite; GANGLION_KILLS=20 runs the whole of what is claimed. */
const KILLS = Number(process.env.GANGLION_KILLS ?? 6);
/** Further moments with another seed. */
const SEED = Number(process.env.GANGLION_KILL_SEED ?? 1);

const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
let folder: string;
let words: string[];
beforeAll(() => {
  if (!existsSync(main)) throw new Error("dist is missing: run `npm run build` first");
  folder = mkdtempSync(join(tmpdir(), "ganglion-kill-"));
  words = ["train", join(folder, "set"), "--resolution", "8", "--preset", "tiny", "--batch", "8"];
  words.push("--threads", "2", "--seed", "3", "--checkpoint-seconds", "0.05", "--quiet");
  const phantom = spawnSync(process.execPath, [main, "phantom", words[1]!, "--count", "60", "--size", "16", "--quiet"]);
  expect(phantom.status).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const imagesSeenOf = (run: string) => Number.parseInt(checkpointsOf(run).at(-1) ?? "0", 10);
const writing = (run: string) => names(join(run, "checkpoints")).some((name) => name.endsWith(".tmp"));

/** Trains to the end of the budget. */
function finish(run: string, images: number, ...more: string[]): void {
  const args = [main, ...words, "--out", run, "--images", String(images), ...more];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Begins or goes on with a run and kills it, some milliseconds after the moment has come. */
async function kill(run: string, options: string[], isMoment: () => boolean, delay: number): Promise<void> {
  const args = [main, ...words, "--out", run, "--images", "1000000", ...options];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const ended = new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
  while (child.exitCode === null && !isMoment()) await pause(1);
  if (delay > 0) await pause(delay);
  child.kill("SIGKILL");
  expect([await ended, said]).toEqual(["SIGKILL", ""]);
}

test(
  `a training that is killed ${KILLS} times and resumed ends as one that was left alone, bit for bit`,
  async () => {
    const [killed, whole] = [join(folder, "killed"), join(folder, "whole")];
    const rng = new Rng(SEED, "kills");
    // Before the first checkpoint: only the configuration is there.
    await kill(killed, [], () => existsSync(join(killed, "config.json")), rng.integer(50));
    expect(checkpointsOf(killed)).toEqual([]);
    // Reports are no part of the arithmetic; closer ones let every kind of file be written between two kills.
    const path = join(killed, "config.json");
    const config = JSON.parse(readFileSync(path, "utf8"));
    Object.assign(config.reporting, { statsImages: 40, gridImages: 120, probeImages: 80 });
    writeFileSync(path, JSON.stringify(config));
    cpSync(killed, whole, { recursive: true });

    let duringWrites = 0;
    let lost = 0;
    for (let k = 1; k < KILLS; k++) {
      const before = imagesSeenOf(killed);
      const goal = before + 8 * (1 + rng.integer(12));
      const reached = () => imagesSeenOf(killed) >= goal;
      // Half of the kills wait for a checkpoint that is being written, half come at any moment.
      const isMoment = k % 2 === 0 ? reached : () => reached() && writing(killed);
      await kill(killed, ["--resume"], isMoment, k % 2 === 0 ? rng.integer(120) : 0);
      if (writing(killed)) duringWrites++;
      expect(imagesSeenOf(killed)).toBeGreaterThanOrEqual(goal);
      // The packed images may be deleted at any time and are made again.
      if (k === 2) rmSync(join(killed, "cache"), { recursive: true });
      // A state that is lost whole costs only the work since the one before.
      const older = checkpointsOf(killed)[1];
      if (k === 3 && older !== undefined) {
        rmSync(join(killed, "checkpoints", older));
        lost++;
      }
    }
    expect(duringWrites).toBeGreaterThan(0);
    expect(lost).toBe(1);

    const images = Math.ceil((imagesSeenOf(killed) + 40) / 8) * 8;
    finish(killed, images, "--resume");
    finish(whole, images, "--resume");
    const [found, expected] = [resultOf(killed), resultOf(whole)];
    expect(found.latest).toBe(`${String(images).padStart(9, "0")}.safetensors`);
    expect(expected.stats.length).toBe(Math.floor(images / 40));
    expect(expected.stats.filter(({ distance }) => distance !== null).length).toBe(Math.floor(images / 80));
    expect(found.state.progress).toEqual(expected.state.progress);
    expect(found.stats).toEqual(expected.stats);
    for (const part of ["state", "best"] as const) {
      for (const [name, bytes] of Object.entries(expected[part].tensors)) {
        expect(found[part].tensors[name] === bytes, `${part} ${name}`).toBe(true);
      }
    }
    expect(found.generator === expected.generator, "generator.onnx").toBe(true);
    expect(found).toEqual(expected);
    for (const place of ["", "samples", "checkpoints", "cache"]) {
      expect(names(join(killed, place)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    }
  },
  60_000 + KILLS * 15_000,
);
