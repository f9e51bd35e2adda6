import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { writePhantom } from "../src/phantom/index.ts";
import { readConfig } from "../src/train/index.ts";
import { checkpointsOf, resultOf } from "./testing/run-result.ts";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const shared = ["--model", "pggan", "--resolution", "16", "--batch", "4", "--threads", "1", "--quiet"];
const train = (out: string, ...more: string[]) =>
  callProgram(["train", at("set"), "--out", at(out), ...shared, "--license", "CC0-1.0", ...more]);
const call = async (...words: string[]) => {
  const { code, err } = await callProgram([...words, "--quiet"]);
  expect([code, err]).toEqual([0, ""]);
};
const growOf = async (run: string) => (await readConfig(at(run, "config.json"))).recipe.grow;

beforeAll(async () => {
  if (!existsSync(fileURLToPath(new URL("../dist/cli/main.js", import.meta.url))))
    throw new Error("dist is missing: run `npm run build` first");
  folder = mkdtempSync(join(tmpdir(), "ganglion-pggan-"));
  await writePhantom(at("set"), { count: 40, size: 16 });
  const made = await train("run", "--images", "72", "--checkpoint-seconds", "0.001");
  expect([made.code, made.err]).toEqual([0, ""]);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("it grows unasked from its lowest resolution, and not where it is told not to, begins from a start or is as small as that", async () => {
  expect(await growOf("run")).toEqual({ from: 8, until: 0.5, fade: 0.5 });
  for (const [out, ...more] of [
    ["level", "--no-grow"],
    ["small", "--resolution", "8"],
    ["begun", "--from", at("run")],
    ["larger", "--from", at("run/generator.onnx"), "--resolution", "32"],
  ]) {
    const made = await train(out!, "--images", "8", ...more);
    expect([out, made.code, made.err]).toEqual([out, 0, ""]);
    expect(await growOf(out!)).toBe(undefined);
  }
  const asked = await train("asked", "--images", "72", "--grow", "--resolution", "64", "--dry-run", "--json");
  expect([asked.code, asked.err]).toEqual([0, ""]);
  expect(JSON.parse(asked.out).config.recipe.grow.from).toBe(8);
}, 300_000);

test("a run goes on from its last state but one without being told that it grows, bit for bit, also beyond its budget", async () => {
  // src/train/growth/growth.test.ts stops it before, at and after its changes of size.
  cpSync(at("run"), at("resumed"), { recursive: true });
  const latest = checkpointsOf(at("resumed"));
  expect(latest).toEqual(["000000068.safetensors", "000000072.safetensors"]);
  rmSync(at("resumed/checkpoints", latest[1]!));
  const goOn = ["train", at("set"), "--out", at("resumed"), "--resume", "--threads", "1"];
  await call(...goOn, "--images", "72");
  const [found, expected] = [resultOf(at("resumed")), resultOf(at("run"))];
  for (const [name, bytes] of Object.entries(expected.state.tensors))
    expect(found.state.tensors[name] === bytes, name).toBe(true);
  await call(...goOn, "--images", "80");
  expect(checkpointsOf(at("resumed")).at(-1)).toBe("000000080.safetensors");
}, 300_000);

test("samplers, balancing and provenance take it as any family", async () => {
  await call("generate", at("run"), "--per-class", "2", "--out", at("random"));
  await call("generate", at("run"), "--per-class", "2", "--sampler", "truncation:0.5", "--out", at("typical"));
  await call("generate", at("run"), "--per-class", "2", "--sampler", "best:2", "--out", at("best"));
  await call("generate", at("run"), "--per-class", "2", "--sampler", "diverse:2", "--out", at("diverse"));
  await call("balance", at("set"), "--run", at("run"), "--out", at("balanced"));
  const { classes } = (await readConfig(at("run/config.json"))).dataset;
  const bytes = (set: string) => readFileSync(at(set, "images", classes[0]!, "000001.png"));
  expect(bytes("typical").equals(bytes("random"))).toBe(false);
  await call("generate", at("run"), "--provenance", at("best/provenance.jsonl"), "--out", at("again"));
  expect(bytes("again").equals(bytes("best"))).toBe(true);
}, 300_000);

test("rates, the weight of the penalty and the classes follow their schedules", async () => {
  const ramp = ["--set", "conditioning.startImages=8", "--set", "conditioning.endImages=16"];
  const schedules = ["--set", "schedule.rates.last=0", "--set", "schedule.gamma.first=5"];
  const made = await train("ramp", "--images", "32", ...ramp, ...schedules);
  expect([made.code, made.err]).toEqual([0, ""]);
}, 300_000);

test.each([
  [["--frozen", "onnx:x.onnx"], /^ganglion: --frozen onnx:x\.onnx: pggan does not learn by a frozen network; omit it/],
  [
    ["--set", "penaltyInterval=2"],
    /^ganglion: --set penaltyInterval: there is no such option; there are .*gradientLength/,
  ],
  [
    ["--set", "networks.blocks=2"],
    /^ganglion: --set networks\.blocks: there is no such option; there are networks\.code, /,
  ],
  [["--model", "r3gan", "--set", "drift=1"], /^ganglion: --set drift: there is no such option/],
  [["--set", "grow.from=32"], /^ganglion: --set grow\.from=32: these networks grow by doubling to 16 pixels; use 8$/],
])("%s is refused in one line, and nothing is written", async (more, message) => {
  const { code, err } = await train("refused", "--images", "72", ...more);
  expect([code, err.trim()]).toEqual([2, expect.stringMatching(message)]);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect(existsSync(at("refused"))).toBe(false);
});

test("a sampler that needs a ratio of densities is refused", async () => {
  for (const more of [[], ["--dry-run"]]) {
    const asked = ["generate", at("run"), "--per-class", "2", "--sampler", "reject", "--out", at("refused"), ...more];
    const { code, err } = await callProgram([...asked, "--quiet"]);
    const reason =
      "--sampler reject:80: what D of pggan says is no ratio of densities, by which reject accepts; use best";
    expect([code, err]).toEqual([2, expect.stringContaining(reason)]);
  }
  expect(existsSync(at("refused"))).toBe(false);
});

test("a start grows neither unasked nor asked", async () => {
  const { code, err } = await train("refused", "--images", "72", "--from", at("run"), "--grow");
  expect([code, err]).toEqual([2, expect.stringContaining("--grow: a start has learned the low resolutions already")]);
  expect(existsSync(at("refused"))).toBe(false);
});

test("differential privacy is refused with the reason", async () => {
  const { code, err } = await train("refused", "--images", "72", "--dp-epsilon", "8", "--dp-delta", "1e-5");
  const reason = "--model pggan: its discriminator compares images of a batch with each other";
  expect([code, err]).toEqual([2, expect.stringContaining(reason)]);
  expect(existsSync(at("refused"))).toBe(false);
});
