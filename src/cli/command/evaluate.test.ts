import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkpointSetName, drawnCounts } from "../../evaluate/draw-checkpoints.ts";
import { writeExtractor, writeLesions } from "../../features/testing/lesions.ts";
import { writeTestRun } from "../../model/testing/run.ts";
import { commands } from "../commands.ts";
import { runProgram } from "../program.ts";

let folder: string;
let arguments_: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganglion-command-"));
  const real = await writeLesions(join(folder, "real"), { dark: 14, red: 10 }, 1);
  const synthetic = await writeLesions(join(folder, "synthetic"), { dark: 9, red: 9 }, 2);
  const features = `onnx:${await writeExtractor(folder)}`;
  arguments_ = ["evaluate", "--real", real, "--synthetic", synthetic, "--features", features, "--threads", "1"];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function ganglion(...argv: string[]) {
  let out = "";
  let err = "";
  const io = {
    version: "test",
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
  };
  return { code: await runProgram(argv, commands, io), out, err };
}

test("evaluate prints one object with --json, the same numbers that it writes", async () => {
  const to = join(folder, "out");
  const { code, out } = await ganglion(...arguments_, "--out", to, "--json", "--quiet");
  expect(code).toBe(0);
  const said = JSON.parse(out);
  const written = JSON.parse(await readFile(said.metricsFile, "utf8"));
  expect(said.features).toEqual(written.features);
  expect(await readFile(said.report, "utf8")).toMatch(/^<!doctype html>/);
});

test("evaluate says values, intervals, floors and warnings in words", async () => {
  const { code, out } = await ganglion(...arguments_, "--out", join(folder, "again"), "--quiet");
  expect(code).toBe(0);
  expect(out).toMatch(/18 real against 18 synthetic images/);
  for (const name of ["FID", "KID", "Precision", "Coverage", "Authenticity"]) {
    expect(out).toMatch(new RegExp(`${name} +[-\\d.e]+ +[-\\d.e]+ to [-\\d.e]+, floor`));
  }
  expect(out).toMatch(/warnings[\s\S]*FID on fewer than 2048 images/);
});

test("evaluate of several synthetic sets says their metrics side by side; a run belongs to one set", async () => {
  const other = await writeLesions(join(folder, "other"), { dark: 9, red: 9 }, 3, 50);
  const both = [...arguments_, "--synthetic", other, "--out", join(folder, "both"), "--quiet"];
  const { code, out } = await ganglion(...both);
  expect(code).toBe(0);
  expect(out).toMatch(/synthetic +other +real against real/);
  expect(out).toMatch(/Coverage +[-\d.]+ \([-\d.]+ to [-\d.]+\)( \*)? +[-\d.]+ \([-\d.]+ to/);
  const refused = await ganglion(...both, "--run", folder);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining("--run belongs to one synthetic set")]);
});

test("evaluate draws the images of checkpoints, as many of each class as there are real ones", async () => {
  const run = join(folder, "run");
  await writeTestRun(run, ["dark", "red"], { resolution: 8 });
  const checkpoint = join(run, "checkpoints", "best.safetensors");
  const from = [...arguments_, "--synthetic", checkpoint, "--out", join(folder, "states"), "--quiet", "--json"];
  const { code, out } = await ganglion(...from);
  expect(code).toBe(0);
  const { sets, protocol } = JSON.parse(out);
  expect(sets).toMatchObject([{ name: "synthetic" }, { name: "run-best", n: 24 }]);
  expect(protocol).toMatchObject({ resolution: 8, overall: { n: 18 } });
});

test("names and counts of drawn sets", () => {
  expect(checkpointSetName("/runs/skin/checkpoints/000012000.safetensors")).toBe("skin-12000");
  expect(checkpointSetName("/states/best.safetensors")).toBe("states-best");
  const labels = [...new Array(3000).fill("a"), ...new Array(1096).fill("b")];
  expect(drawnCounts(labels, ["b", "a", "c"])).toEqual([
    { name: "b", count: 548 },
    { name: "a", count: 1500 },
    { name: "c", count: 0 },
  ]);
});

test("evaluate refuses a missing flag and a wrong number with exit code 2", async () => {
  const missing = await ganglion(...arguments_, "--quiet");
  expect([missing.code, missing.err]).toEqual([2, expect.stringContaining("--out")]);
  const wrong = await ganglion(...arguments_.slice(0, -1), "many", "--out", join(folder, "no"), "--quiet");
  expect([wrong.code, wrong.err]).toEqual([
    2,
    expect.stringMatching(/--threads <N>' argument 'many' is invalid. Give a whole number from 1 to 256/),
  ]);
});
