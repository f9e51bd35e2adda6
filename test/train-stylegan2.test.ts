import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { openGenerator } from "../src/model/index.ts";
import { writePhantom } from "../src/phantom/index.ts";
import { resultOf } from "./testing/run-result.ts";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
// Steps with R1, with paths, with both and with neither.
const intervals = ["--set", "penaltyInterval=3", "--set", "pathInterval=2"];
const shared = ["--model", "stylegan2", "--resolution", "8", "--batch", "4", "--threads", "1", "--quiet", ...intervals];
const train = (out: string, ...more: string[]) =>
  callProgram(["train", at("set"), "--out", at(out), ...shared, "--license", "CC0-1.0", ...more]);
const call = async (...words: string[]) => {
  const { code, err } = await callProgram([...words, "--quiet"]);
  expect([code, err]).toEqual([0, ""]);
};

beforeAll(async () => {
  if (!existsSync(fileURLToPath(new URL("../dist/cli/main.js", import.meta.url))))
    throw new Error("dist is missing: run `npm run build` first");
  folder = mkdtempSync(join(tmpdir(), "ganglion-stylegan2-"));
  await writePhantom(at("set"), { count: 40, size: 16 });
  const made = await train("run", "--images", "72");
  expect([made.code, made.err]).toEqual([0, ""]);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a training that is resumed ends as one that was left alone, bit for bit", async () => {
  expect((await train("resumed", "--images", "28")).code).toBe(0);
  await call("train", at("set"), "--out", at("resumed"), "--resume", "--threads", "1", "--images", "72");
  const [found, expected] = [resultOf(at("resumed")), resultOf(at("run"))];
  for (const [name, bytes] of Object.entries(expected.state.tensors))
    expect(found.state.tensors[name] === bytes, name).toBe(true);
  expect(found.generator === expected.generator).toBe(true);
}, 300_000);

test("truncation moves an image to the middle of its class, and leaves the noise; provenance makes it again", async () => {
  const generator = await openGenerator(at("run/generator.onnx"), { threads: 1 });
  const { latent, classes, truncation } = generator.description;
  expect(truncation).toBe("w");
  // Three latents with one noise.
  const code = 64;
  const latents = Float32Array.from({ length: 3 * latent }, (_, i) =>
    i % latent < code ? Math.sin(1 + 3 * i) : Math.cos(i % latent),
  );
  const labels = [0, 0, classes.length - 1];
  const whole = await generator.draw(latents, labels, 1);
  const middle = await generator.draw(latents, labels, 0);
  const size = whole.length / 3;
  const image = (all: Uint8Array, i: number) => Array.from(all.subarray(i * size, (i + 1) * size));
  expect(image(whole, 0)).not.toEqual(image(whole, 1));
  expect(image(middle, 0)).toEqual(image(middle, 1));
  expect(image(middle, 0)).not.toEqual(image(middle, 2));
  expect(await generator.draw(latents, labels)).toEqual(whole);
  await generator.close();

  await call("generate", at("run"), "--per-class", "2", "--sampler", "truncation:0.5", "--out", at("typical"));
  await call("generate", at("run"), "--per-class", "2", "--out", at("random"));
  const bytes = (set: string) => readFileSync(at(set, "images", classes[0]!, "000001.png"));
  expect(bytes("typical").equals(bytes("random"))).toBe(false);
  await call("generate", at("run"), "--provenance", at("typical/provenance.jsonl"), "--out", at("again"));
  expect(bytes("again").equals(bytes("typical"))).toBe(true);
}, 300_000);

test("samplers that ask the discriminator, balancing and a start take it as any family", async () => {
  await call("generate", at("run"), "--per-class", "2", "--sampler", "best:2", "--out", at("best"));
  await call("generate", at("run"), "--per-class", "2", "--sampler", "diverse:2", "--out", at("diverse"));
  const begun = await train("begun", "--resolution", "16", "--from", at("run"), "--images", "8");
  expect([begun.code, begun.err]).toEqual([0, ""]);
  const fromFile = await train("from-file", "--from", at("run/generator.onnx"), "--images", "8");
  expect([fromFile.code, fromFile.err]).toEqual([0, ""]);
}, 300_000);

test.each([
  [
    ["--frozen", "onnx:x.onnx"],
    /^ganglion: --frozen onnx:x\.onnx: stylegan2 does not learn by a frozen network; omit it/,
  ],
  [["--grow"], /^ganglion: --grow: networks of stylegan2 do not grow; omit it/],
  [
    ["--set", "classLoss.generator=1"],
    /^ganglion: --set classLoss.generator: there is no such option; there are .*styleMixing/,
  ],
  [
    ["--set", "networks.blocks=2"],
    /^ganglion: --set networks\.blocks: there is no such option; there are networks\.code, .*mapping/,
  ],
  [
    ["--set", "conditioning.endImages=72"],
    /^ganglion: --set conditioning.endImages=72: the training ends at 72 images/,
  ],
  [
    ["--model", "r3gan", "--set", "styleMixing=1"],
    /^ganglion: --set (styleMixing|penaltyInterval|pathInterval): there is no such option/,
  ],
])("%s is refused in one line, and nothing is written", async (more, message) => {
  const { code, err } = await train("refused", "--images", "72", ...more);
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect(existsSync(at("refused"))).toBe(false);
});

test("differential privacy is refused with the reason", async () => {
  const { code, err } = await train("refused", "--images", "72", "--dp-epsilon", "8", "--dp-delta", "1e-5");
  const reason = "--model stylegan2: its discriminator compares images of a batch with each other";
  expect([code, err]).toEqual([2, expect.stringContaining(reason)]);
  expect(existsSync(at("refused"))).toBe(false);
});

test("the classes count from the ramp on, and rates follow the schedule", async () => {
  const ramp = ["--set", "conditioning.startImages=8", "--set", "conditioning.endImages=16"];
  const made = await train(
    "ramp",
    "--images",
    "24",
    ...ramp,
    "--set",
    "schedule.rates.last=0",
    "--set",
    "schedule.gamma.first=5",
  );
  expect([made.code, made.err]).toEqual([0, ""]);
}, 300_000);
