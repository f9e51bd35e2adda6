import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { openMapGenerator } from "../src/model/index.ts";
import { writePhantom } from "../src/phantom/index.ts";
import { resultOf } from "./testing/run-result.ts";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
// Rates that fall alike whatever the budget of a sitting.
const fall = ["--set", "constantImages=20", "--set", "decayImages=40"];
const shared = ["--model", "pix2pixhd", "--resolution", "16", "--batch", "4", "--threads", "1", "--quiet", ...fall];
const train = (out: string, ...more: string[]) =>
  callProgram(["train", at("set"), "--out", at(out), "--map-kind", "mask", ...shared, "--license", "CC0-1.0", ...more]);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ganglion-pix2pixhd-"));
  await writePhantom(at("set"), { count: 24, size: 16 });
  const made = await train("run", "--images", "48");
  expect([made.code, made.err]).toEqual([0, ""]);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a training that is resumed ends as one that was left alone, bit for bit", async () => {
  expect((await train("resumed", "--images", "24")).code).toBe(0);
  const again = ["train", at("set"), "--out", at("resumed"), "--resume", "--threads", "1", "--images", "48", "--quiet"];
  expect((await callProgram(again)).code).toBe(0);
  const [found, expected] = [resultOf(at("resumed")), resultOf(at("run"))];
  for (const [name, bytes] of Object.entries(expected.state.tensors))
    expect(found.state.tensors[name] === bytes, name).toBe(true);
  expect(found.generator === expected.generator).toBe(true);
}, 300_000);

test("the generator says what it is and draws one image of a map; generation takes it as any family of maps", async () => {
  const generator = await openMapGenerator(at("run/generator.onnx"), { threads: 1 });
  expect(generator.description).toMatchObject({ model: "pix2pixhd", resolution: 16, latent: 0, mapKind: "mask" });
  await generator.close();
  const drawn = await callProgram(["generate", at("run"), "--per-class", "2", "--out", at("drawn"), "--quiet"]);
  expect(drawn.code).toBe(0);
}, 300_000);

test.each([
  [["--grow"], /^ganglion: --grow: networks of pix2pixhd do not grow; omit it/],
  [["--set", "klWeight=1"], /^ganglion: --set klWeight: there is no such option; there are .*featureMatchingWeight/],
  [["--resolution", "8"], /^ganglion: --resolution 8 does not fit: pix2pixhd halves images down to 8 pixels/],
])("%s is refused in one line, and nothing is written", async (more, message) => {
  const { code, err } = await train("refused", "--images", "8", ...more);
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect(existsSync(at("refused"))).toBe(false);
});
