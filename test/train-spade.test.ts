import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { encodePng } from "../src/data/index.ts";
import { writeFiles } from "../src/data/testing/fixtures.ts";
import { openMapGenerator } from "../src/model/index.ts";
import { decodeSafetensors } from "../src/model/safetensors.ts";
import { frozenNetwork } from "../src/model/testing/frozen-network.ts";
import { writePhantom } from "../src/phantom/index.ts";
import { resultOf } from "./testing/run-result.ts";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
// Rates that fall alike whatever the budget of a sitting.
const fall = ["--set", "constantImages=20", "--set", "decayImages=40"];
const shared = ["--model", "spade", "--resolution", "16", "--batch", "4", "--threads", "1", "--quiet", ...fall];
const train = (out: string, ...more: string[]) =>
  callProgram(["train", at("set"), "--out", at(out), ...shared, "--license", "CC0-1.0", ...more]);
const call = async (...words: string[]) => {
  const { code, err } = await callProgram([...words, "--quiet"]);
  // A set as small as this has classes without held-out images, which is warned of.
  const lines = err.split("\n").filter((line) => line !== "" && !line.startsWith("ganglion: warning: "));
  expect([code, lines]).toEqual([0, []]);
};
beforeAll(async () => {
  if (!existsSync(fileURLToPath(new URL("../dist/cli/main.js", import.meta.url))))
    throw new Error("dist is missing: run `npm run build` first");
  folder = mkdtempSync(join(tmpdir(), "ganglion-spade-"));
  await writePhantom(at("set"), { count: 24, size: 16 });
  const made = await train("run", "--map-kind", "mask", "--images", "48");
  expect([made.code, made.err]).toEqual([0, ""]);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a training that is resumed ends as one that was left alone, bit for bit", async () => {
  expect((await train("resumed", "--map-kind", "mask", "--images", "24")).code).toBe(0);
  await call("train", at("set"), "--out", at("resumed"), "--resume", "--threads", "1", "--images", "48");
  const [found, expected] = [resultOf(at("resumed")), resultOf(at("run"))];
  for (const [name, bytes] of Object.entries(expected.state.tensors))
    expect(found.state.tensors[name] === bytes, name).toBe(true);
  expect(found.generator === expected.generator).toBe(true);
}, 300_000);

test("the generator says what it is; its encoder stays behind, codes change what it draws, and provenance makes it again", async () => {
  const generator = await openMapGenerator(at("run/generator.onnx"), { threads: 1 });
  expect(generator.description).toMatchObject({ model: "spade", resolution: 16, latent: 64, mapKind: "mask" });
  const maps = new Float32Array(2 * 768).fill(0.5);
  const drawn = await generator.draw(
    maps,
    Float32Array.from({ length: 128 }, (_, i) => Math.sin(i)),
  );
  expect(drawn.subarray(0, 768)).not.toEqual(drawn.subarray(768));
  await generator.close();
  expect(readFileSync(at("run/generator.onnx")).includes("encoder")).toBe(false);
  await call("generate", at("run"), "--per-class", "2", "--out", at("drawn"));
  await call("generate", at("run"), "--provenance", at("drawn/provenance.jsonl"), "--out", at("again"));
  const [first] = readFileSync(at("drawn/provenance.jsonl"), "utf8").split("\n");
  const { file_name: file } = JSON.parse(first!) as { file_name: string };
  expect(readFileSync(at("again", file)).equals(readFileSync(at("drawn", file)))).toBe(true);
}, 300_000);

test("a frozen network compares generated images with real ones, and an encoder can be left out", async () => {
  writeFileSync(at("network.onnx"), frozenNetwork());
  const made = await train(
    "judged",
    "--frozen",
    `onnx:${at("network.onnx")}`,
    "--images",
    "8",
    "--set",
    "networks.encoder=false",
  );
  expect([made.code, made.err]).toEqual([0, ""]);
  const { networks, recipe } = JSON.parse(readFileSync(at("judged/config.json"), "utf8"));
  expect([recipe.perceptualWeight, networks.frozen.taps[0].extent]).toEqual([10, 4]);
  const names = Object.keys(decodeSafetensors(readFileSync(at("judged/checkpoints/best.safetensors")), "best").tensors);
  expect(names.filter((name) => name.includes("encoder"))).toEqual([]);
}, 300_000);

test.each([
  [["--grow"], /^ganglion: --grow: networks of spade do not grow; omit it/],
  [["--set", "gamma=1"], /^ganglion: --set gamma: there is no such option; there are .*featureMatchingWeight/],
  [["--resolution", "8"], /^ganglion: --set networks.discriminatorHalvings=1 and .* do not fit 8 pixels/],
])("%s is refused in one line, and nothing is written", async (more, message) => {
  const { code, err } = await train("refused", "--images", "8", ...more);
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect(existsSync(at("refused"))).toBe(false);
});

test("differential privacy is refused with the reason", async () => {
  const { code, err } = await train("refused", "--images", "8", "--dp-epsilon", "8", "--dp-delta", "1e-5");
  const reason = "--model spade: its generator learns from real images and maps";
  expect([code, err]).toEqual([2, expect.stringContaining(reason)]);
  expect(existsSync(at("refused"))).toBe(false);
});

test("data without masks or boxes are refused in one line", async () => {
  const picture = await encodePng({ width: 16, height: 16, channels: 3, data: new Uint8Array(768).fill(200) });
  await writeFiles(at("plain"), { "mole/1.png": picture, "mole/2.png": picture, "wart/1.png": picture });
  const { code, err } = await callProgram(["train", at("plain"), "--out", at("refused"), ...shared, "--images", "8"]);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/plain: spade draws from maps .* has neither masks nor boxes/),
  ]);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect(existsSync(at("refused"))).toBe(false);
});
