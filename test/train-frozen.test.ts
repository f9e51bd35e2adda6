import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { readCheckpoint, stateLayouts } from "../src/model/index.ts";
import { frozenNetwork } from "../src/model/testing/frozen-network.ts";
import { writePhantom } from "../src/phantom/index.ts";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const network = () => `onnx:${at("network.onnx")}`;
const shared = ["--resolution", "8", "--preset", "tiny", "--batch", "8", "--threads", "1", "--quiet"];
const train = (out: string, ...more: string[]) =>
  callProgram(["train", at("set"), "--out", at(out), ...shared, ...more]);
const resume = (out: string, ...more: string[]) =>
  callProgram(["train", at("set"), "--out", at(out), "--resume", "--threads", "1", "--quiet", ...more]);
const last = (out: string) => readCheckpoint(at(out, "checkpoints", "000000032.safetensors"));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ganglion-frozen-"));
  await writePhantom(at("set"), { count: 24, size: 16 });
  writeFileSync(at("network.onnx"), frozenNetwork());
  const made = await train("run", "--frozen", network(), "--images", "32", "--license", "CC0-1.0");
  expect([made.code, made.err]).toEqual([0, ""]);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a training that a frozen network judges", () => {
  test("says so in its configuration, and its discriminator has heads", async () => {
    const { networks, recipe } = JSON.parse(readFileSync(at("run/config.json"), "utf8"));
    expect(networks.frozen).toMatchObject({ file: at("network.onnx"), taps: [{ maps: 4, extent: 2 }] });
    expect(recipe.features).toEqual({ weight: 1, fromImages: 2000, rampImages: 4000, gamma: 0.2 });
    const { architecture } = await last("run");
    const names = stateLayouts(architecture).discriminator!.parameters.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("head0."))).toHaveLength(7);
    // Nothing of it is in the generator.
    expect(readFileSync(at("run/generator.onnx")).includes("head0")).toBe(false);
  });

  test("learns from it once the heads take part", async () => {
    const made = await train("judged", "--frozen", network(), "--images", "32", "--set", "features.fromImages=0");
    expect([made.code, made.err]).toEqual([0, ""]);
    const [held, judged] = [await last("run"), await last("judged")];
    expect(judged.state.generator).not.toEqual(held.state.generator);
  });

  test("goes on bit for bit", async () => {
    const first = await train("sittings", "--frozen", network(), "--images", "16", "--license", "CC0-1.0");
    expect([first.code, first.err]).toEqual([0, ""]);
    const second = await resume("sittings", "--images", "32");
    expect([second.code, second.err]).toEqual([0, ""]);
    const [whole, pieced] = [await last("run"), await last("sittings")];
    for (const name of ["generator", "discriminator"]) expect(pieced.state[name]).toEqual(whole.state[name]);
  });

  test("does not go on with another network, or without it", async () => {
    const other = await resume("run", "--images", "40", "--frozen", "onnx:other.onnx");
    expect([other.code, other.err]).toEqual([2, expect.stringContaining("--resume: --frozen differs")]);
    writeFileSync(at("network.onnx"), frozenNetwork(1));
    const changed = await resume("run", "--images", "40");
    expect([changed.code, changed.err]).toEqual([
      1,
      expect.stringMatching(/is another frozen network .* put the file/),
    ]);
    rmSync(at("network.onnx"));
    const gone = await resume("run", "--images", "40");
    expect([gone.code, gone.err]).toEqual([1, expect.stringMatching(/frozen network cannot be read .* put the file/)]);
    writeFileSync(at("network.onnx"), frozenNetwork());
    expect(await resume("run", "--images", "40")).toMatchObject({ code: 0, err: "" });
  });

  test("is not judged by the same network without a warning", async () => {
    const drawn = await callProgram(["generate", at("run"), "--per-class", "4", "--out", at("drawn"), "--quiet"]);
    expect([drawn.code, drawn.err]).toEqual([0, ""]);
    writeFileSync(at("another.onnx"), frozenNetwork(1));
    const warnings = async (features: string) => {
      const sets = ["--real", at("set"), "--synthetic", at("drawn"), "--run", at("run")];
      const out = at(`report of ${features}`);
      const made = await callProgram([
        "evaluate",
        ...sets,
        "--features",
        `onnx:${at(features)}`,
        "--out",
        out,
        "--quiet",
      ]);
      expect(made.code, made.err).toBe(0);
      const { warnings: said } = JSON.parse(readFileSync(join(out, "metrics.json"), "utf8")) as { warnings: string[] };
      return said.filter((line) => line.includes("judged the training"));
    };
    expect(await warnings("network.onnx")).toEqual([
      "onnx:network.onnx judged the training (--frozen): its figures flatter these images; add features that did not, e.g. --features multiscale.",
    ]);
    expect(await warnings("another.onnx")).toEqual([]);
  });

  test("is a start for others, which name a frozen network anew or have none", async () => {
    const from = (out: string, ...more: string[]) =>
      callProgram([
        "train",
        at("set"),
        "--out",
        at(out),
        "--from",
        at("run"),
        "--images",
        "8",
        "--batch",
        "8",
        "--threads",
        "1",
        ...more,
      ]);
    const without = await from("without");
    expect(without.code).toBe(0);
    expect(JSON.parse(readFileSync(at("without/config.json"), "utf8")).networks.frozen).toBeUndefined();
    const again = await from("again", "--frozen", network());
    expect(again.code).toBe(0);
    expect(again.err).toMatch(/discriminator: \d+ weights copied\n/);
    // What heads learned of one network says nothing of the layers of another, even of the same shapes.
    writeFileSync(at("of-other-weights.onnx"), frozenNetwork(1));
    const other = await from("other", "--frozen", `onnx:${at("of-other-weights.onnx")}`);
    expect(other.code).toBe(0);
    expect(other.err).toMatch(/discriminator: \d+ weights copied, \d+ new \(head0\.\S+, .*\)\n/);
  });

  test("without heads on it, is a start for another network too: it is part of the losses alone", async () => {
    const spade = (out: string, ...more: string[]) =>
      callProgram([
        ...["train", at("set"), "--out", at(out), "--model", "spade", "--resolution", "16", "--preset", "tiny"],
        ...["--batch", "8", "--threads", "1", "--images", "16", ...more],
      ]);
    writeFileSync(at("other.onnx"), frozenNetwork(1));
    expect(await spade("maps", "--frozen", network())).toMatchObject({ code: 0 });
    for (const [out, ...more] of [["maps-other", "--frozen", `onnx:${at("other.onnx")}`], ["maps-without"]] as const) {
      const { code, err } = await spade(out, "--from", at("maps"), "--from-license", "CC0-1.0", ...more);
      expect([code, err]).toEqual([0, expect.stringMatching(/discriminator: \d+ weights copied\n/)]);
    }
  });
});

describe("what does not fit is refused in one line, and nothing is written", () => {
  test.each([
    ["another form", ["--frozen", "squeezenet"], /--frozen squeezenet: give onnx:PATH/],
    ["no such file", ["--frozen", "onnx:none.onnx"], /none\.onnx/],
    ["no model", ["--frozen", "onnx:SET/metadata.csv"], /--frozen onnx:.*metadata\.csv: /],
    [
      "a family without heads",
      ["--frozen", "NETWORK", "--model", "dermgan"],
      /dermgan does not learn by a frozen network/,
    ],
    [
      "privacy",
      ["--frozen", "NETWORK", "--dp-epsilon", "8", "--dp-delta", "1e-3", "--images", "64"],
      /no frozen network is used with differential privacy/,
    ],
    ["a weight below zero", ["--frozen", "NETWORK", "--set", "features.weight=-1"], /features\.weight/],
    ["an option without a network", ["--set", "features.weight=2"], /--set features\.weight: there is no such option/],
  ])("%s", async (_, options, message) => {
    const given = options.map((text) => text.replace("NETWORK", network()).replace("SET", at("set")));
    const { code, err } = await callProgram([
      "train",
      at("set"),
      "--out",
      at("refused"),
      "--resolution",
      "8",
      ...given,
    ]);
    expect(err).toMatch(message);
    const said = err.trimEnd().split("\n");
    expect(said.filter((line) => !/^guessed|that do not fit:$/.test(line))).toHaveLength(1);
    expect([1, 2]).toContain(code);
    expect(existsSync(at("refused"))).toBe(false);
  });
});
