import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { readCheckpoint, stateLayouts } from "../src/model/index.ts";
import { frozenNetwork } from "../src/model/testing/frozen-network.ts";
import { writePhantom } from "../src/phantom/index.ts";
import { checkpointsOf, resultOf } from "./testing/run-result.ts";

const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const shared = ["--resolution", "16", "--preset", "tiny", "--batch", "8", "--threads", "1", "--grow"];
const words = (out: string, ...more: string[]) => ["train", at("set"), "--out", at(out), ...shared, ...more];
const train = (out: string, ...more: string[]) => callProgram(words(out, "--quiet", ...more));
const resume = (out: string, ...more: string[]) =>
  callProgram(["train", at("set"), "--out", at(out), "--resume", "--threads", "1", "--quiet", ...more]);
const configOf = (out: string) => JSON.parse(readFileSync(at(out, "config.json"), "utf8"));

beforeAll(async () => {
  if (!existsSync(main)) throw new Error("dist is missing: run `npm run build` first");
  folder = mkdtempSync(join(tmpdir(), "ganglion-grow-"));
  await writePhantom(at("set"), { count: 40, size: 16 });
  writeFileSync(at("network.onnx"), frozenNetwork());
  const made = await train("run", "--images", "64", "--license", "CC0-1.0");
  expect([made.code, made.err]).toEqual([0, ""]);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a training says its plan, ends with its whole resolution, and its statistics say the way there", async () => {
  const planned = await callProgram(words("planned", "--images", "6400", "--dry-run"));
  expect(planned.err).toContain(
    "grows: 8 px up to 50 % of the budget (3,200 images), then 16 px; new layers are faded in over the first part of a resolution (docs/recipes.md)\n",
  );
  expect(planned.code).toBe(0);
  const timed = await callProgram(words("planned", "--minutes", "2", "--dry-run"));
  expect(timed.err).toContain("grows: 8 px up to 50 % of the budget, then 16 px; ");
  expect(configOf("run").recipe.grow).toEqual({ from: 8, until: 0.5, fade: 0.5 });
  const { architecture } = await readCheckpoint(at("run/checkpoints/best.safetensors"));
  expect(architecture).toMatchObject({ resolution: 16 });
  expect(architecture).not.toHaveProperty("fading");
  const drawn = await callProgram(["generate", at("run"), "--per-class", "1", "--out", at("drawn"), "--quiet"]);
  expect([drawn.code, drawn.err]).toEqual([0, ""]);
}, 300_000);

test.each([
  ["r3gan", "run"],
  ["pggan", "pggan-run"],
])(
  "a training of %s that is killed at each size and resumed ends as one that was left alone, bit for bit",
  async (model, whole) => {
    const run = `${model}-killed`;
    const license = ["--license", "CC0-1.0"];
    if (!existsSync(at(whole)))
      expect((await train(whole, "--model", model, "--images", "64", ...license)).code).toBe(0);
    for (const [images, goal] of [
      [64, 8],
      [64, 40],
      [64, 56],
    ] as const) {
      const more = existsSync(at(run)) ? ["--resume"] : [];
      const args = [
        main,
        ...words(run, "--model", model, "--quiet", "--images", String(images), "--checkpoint-seconds", "0.01", ...more),
      ];
      const child = spawn(process.execPath, [...args, ...(more.length > 0 ? [] : license)], {
        stdio: "ignore",
      });
      const ended = new Promise((resolve) => child.on("close", resolve));
      while (child.exitCode === null && Number.parseInt(checkpointsOf(at(run)).at(-1) ?? "0", 10) < goal)
        await new Promise((resolve) => setTimeout(resolve, 1));
      child.kill("SIGKILL");
      await ended;
    }
    const last = await resume(run);
    expect([last.code, last.err]).toEqual([0, ""]);
    const [found, expected] = [resultOf(at(run)), resultOf(at(whole))];
    for (const [name, bytes] of Object.entries(expected.state.tensors))
      expect(found.state.tensors[name] === bytes, name).toBe(true);
    expect(found.generator === expected.generator).toBe(true);
  },
  300_000,
);

test("a frozen network judges the images of smaller networks enlarged, by the same heads throughout", async () => {
  const made = await train(
    ...(["judged", "--images", "64", "--frozen", `onnx:${at("network.onnx")}`] as const),
    ...["--set", "features.fromImages=0", "--set", "features.rampImages=8", "--set", "schedule.rates.last=0"],
  );
  expect([made.code, made.err]).toEqual([0, ""]);
  const { architecture } = await readCheckpoint(at("judged/checkpoints/best.safetensors"));
  const names = stateLayouts(architecture).discriminator!.parameters.map(({ name }) => name);
  expect(names.filter((name) => name.startsWith("head0."))).toHaveLength(7);
  expect(configOf("judged").recipe).toMatchObject({ features: { fromImages: 0 }, grow: { from: 8 } });
  const more = await resume("judged", "--images", "80");
  expect([more.code, more.err]).toEqual([0, ""]);
}, 300_000);

test("dermgan grows from a quarter of its resolution", async () => {
  const options = ["--model", "dermgan", "--resolution", "64", "--preset", "small", "--batch", "4", "--threads", "1"];
  const made = await callProgram([
    "train",
    at("set"),
    "--out",
    at("mapped"),
    ...options,
    "--grow",
    "--images",
    "96",
    "--quiet",
  ]);
  expect([made.code, made.err]).toEqual([0, ""]);
  expect(configOf("mapped").recipe.grow.from).toBe(16);
}, 300_000);

describe("what does not fit is refused in one line, and nothing is written", () => {
  test.each<[string, () => string[], RegExp]>([
    [
      "a start",
      () => ["--from", at("run")],
      /^ganglion: --grow: a start has learned the low resolutions already; omit one/,
    ],
    [
      "privacy",
      () => ["--dp-epsilon", "8", "--dp-delta", "1e-3", "--images", "64"],
      /^ganglion: --grow: a private training has networks of one size; omit it/,
    ],
    [
      "no lower resolution",
      () => ["--resolution", "8"],
      /^ganglion: --grow: these networks of r3gan for 8 pixels have no layers/,
    ],
    [
      "too few images",
      () => ["--images", "16"],
      /^ganglion: --images 16: a training that grows takes a batch of 8 at least in each of 3 stages/,
    ],
    ["an unknown size", () => ["--set", "grow.from=12"], /^ganglion: --set grow\.from=12: .* use 8$/],
  ])("%s", async (_, more, message) => {
    const { code, err } = await train("refused", ...more());
    const said = err
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("guessed"));
    expect([code, said]).toEqual([2, [expect.stringMatching(message)]]);
    expect(existsSync(at("refused"))).toBe(false);
  });

  test("a run that did not grow, or did, is not gone on with otherwise", async () => {
    const plain = await callProgram([
      ...words("plain").filter((word) => word !== "--grow"),
      "--images",
      "8",
      "--quiet",
    ]);
    expect(plain.code).toBe(0);
    const { code, err } = await resume("plain", "--images", "16", "--grow");
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/^ganglion: --resume: --grow differs from the run in .* \(false, now true\)/),
    ]);
    expect((await resume("run", "--images", "72", "--grow")).code).toBe(0);
    const other = await resume("run", "--images", "80", "--set", "grow.fade=1");
    expect([other.code, other.err]).toEqual([
      2,
      expect.stringMatching(/^ganglion: --resume: --set grow\.fade differs/),
    ]);
  });

  test("networks that have not grown yet are no start", async () => {
    const stopped = spawn(process.execPath, [main, ...words("young", "--quiet", "--images", "100000")], {
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => stopped.on("close", resolve));
    while (stopped.exitCode === null && checkpointsOf(at("young")).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    stopped.kill("SIGKILL");
    await ended;
    const made = await callProgram([
      "train",
      at("set"),
      "--out",
      at("old"),
      "--from",
      at("young"),
      "--from-license",
      "CC0-1.0",
    ]);
    expect([made.code, made.err]).toEqual([
      1,
      expect.stringMatching(
        /--from .*young: its networks have not grown to their 16 pixels yet; --resume that training first/,
      ),
    ]);
  });
});
