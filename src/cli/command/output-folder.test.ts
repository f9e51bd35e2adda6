import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../../data/index.ts";
import { writeTestRun } from "../../model/testing/run.ts";
import { callProgram } from "../testing/call-program.ts";

const root = await temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const [set, run] = [at("set"), at("run")];

beforeAll(async () => {
  await callProgram(["phantom", set, "--count", "40", "--size", "16", "--quiet"]);
  await writeTestRun(run, (await readDataset(set)).classes);
  await symlink(set, at("linked"));
  await mkdir(at("audit"));
  const study = { format: "ganglion.study/1", preset: "quick", data: { dataset: set, resolution: 8 } };
  const more = {
    testSets: [{ name: "held-out", distribution: "in" }],
    generators: { gan: { from: "train", images: 16 } },
    arms: { synthetic: [{ generators: ["gan"], ratios: [1] }] },
  };
  await writeFile(at("study.json"), JSON.stringify({ ...study, ...more }));
});

describe("an output in what is read is wrong usage, and nothing is written", () => {
  const evaluate = ["evaluate", "--real", set, "--synthetic", at("linked"), "--out"];
  const audit = ["audit", "--train", set, "--holdout", set, "--synthetic", set, "--out"];
  test.each([
    ["import", ["import", set, join(set, "out")], "SOURCE"],
    ["inspect", ["inspect", set, "--out", join(set, "out")], "DATASET"],
    ["train", ["train", set, "--images", "8", "--out", at("linked", "out")], "DATASET"],
    ["generate", ["generate", run, "--per-class", "1", "--out", join(run, "out")], "RUN"],
    ["balance, in DATASET", ["balance", set, "--run", run, "--out", join(set, "out")], "DATASET"],
    ["balance, in RUN", ["balance", set, "--run", run, "--out", join(run, "out")], "--run"],
    ["evaluate", [...evaluate, join(set, "out")], "--real"],
    ["evaluate, in the run of a checkpoint", checkpoint(), "--synthetic"],
    ["audit", [...audit, join(set, "images")], "--train"],
    ["audit, in RUN", [...audit, run, "--run", run], "--run"],
    ["release", ["release", set, "--audit", at("audit"), "--out", at("audit", "out")], "--audit"],
    ["release, in RUN", ["release", set, "--audit", at("audit"), "--run", run, "--out", join(run, "out")], "--run"],
    ["ablate", ["ablate", set, "--out", join(set, "out")], "DATASET"],
    ["study", ["study", at("study.json"), "--out", join(set, "out")], "the dataset"],
    ["study, its store", ["study", at("study.json"), "--out", at("s"), "--store", join(set, "out")], "the dataset"],
  ])("%s", async (_, words, what) => {
    const before = [set, run, at("audit"), join(set, "images")].map((path) => readdirSync(path));
    const { code, err } = await callProgram([...words, "--quiet"]);
    expect(err).toContain(` must not be ${what} `);
    expect(err).toContain("name a folder outside it");
    expect(code).toBe(2);
    expect([set, run, at("audit"), join(set, "images")].map((path) => readdirSync(path))).toEqual(before);
    expect(existsSync(at("s"))).toBe(false);
  });

  function checkpoint(): string[] {
    const drawn = join(run, "checkpoints", "best.safetensors");
    return ["evaluate", "--real", set, "--synthetic", drawn, "--out", join(run, "out")];
  }
});

test("a training that does not begin leaves no folder, and the same command works once the image is whole", async () => {
  const broken = at("broken");
  await callProgram(["import", set, broken, "--quiet"]);
  const { fileName } = (await readDataset(broken)).samples.find(({ split }) => split === "train")!;
  const image = await readFile(join(broken, fileName));
  await writeFile(join(broken, fileName), image.subarray(0, image.length - 40));
  const out = at("new", "deep", "run");
  const words = ["train", broken, "--out", out, "--resolution", "8", "--preset", "tiny", "--batch", "8"];
  words.push("--images", "16", "--threads", "1", "--quiet");
  const { code, err } = await callProgram(words);
  expect(err).toContain(fileName);
  expect(code).toBe(1);
  expect(existsSync(at("new"))).toBe(false);

  // A folder that was there stays, with what was in it.
  await mkdir(join(out, "cache"), { recursive: true });
  expect((await callProgram(words)).code).toBe(1);
  expect(readdirSync(out)).toEqual(["cache"]);

  await writeFile(join(broken, fileName), image);
  const again = await callProgram(words);
  expect([again.code, again.err]).toEqual([0, ""]);
  expect(existsSync(join(out, "generator.onnx"))).toBe(true);
});

test.each([
  ["250 letters", "x".repeat(250)],
  ["250 bytes of longer letters", `a${"日".repeat(83)}`],
])("a folder may have a name of %s", async (_, name) => {
  expect(Buffer.byteLength(name)).toBe(250);
  const out = at(name);
  const { code, err } = await callProgram(["phantom", out, "--count", "8", "--size", "16", "--quiet"]);
  expect([code, err]).toEqual([0, ""]);
  expect((await readDataset(out)).samples).toHaveLength(8);
  const long = await callProgram(["phantom", at("y".repeat(300)), "--count", "8", "--size", "16", "--quiet"]);
  expect(long.code).toBe(1);
  expect(long.err).toMatch(/: the name is too long for the file system; choose a shorter one\n$/);
});

const main = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));
const canMount = process.platform === "linux" && spawnSync("unshare", ["-rm", "true"]).status === 0;
// Where no file system can be mounted, src/core/make-folder.test.ts asks the same with the error put in.
test.skipIf(!canMount)("a file system that is read-only is said to be that", () => {
  const mount = mkdtempSync(join(tmpdir(), "ganglion-readonly-"));
  const shell = `mount -t tmpfs none ${mount} && mount -o remount,ro ${mount} && exec "$0" "$@"`;
  const words = ["phantom", join(mount, "a", "set"), "--count", "8", "--size", "16", "--quiet"];
  const said = spawnSync("unshare", ["-rm", "sh", "-c", shell, process.execPath, main, ...words], { encoding: "utf8" });
  rmdirSync(mount);
  expect(said.stderr).toBe(
    `ganglion: cannot write ${join(mount, "a", "set")}: the file system is read-only; choose another folder\n`,
  );
  expect(said.status).toBe(1);
});
