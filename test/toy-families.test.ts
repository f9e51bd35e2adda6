import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeSafetensors } from "../src/model/safetensors.ts";
import type { Workspace } from "../src/studio/api.ts";

/** Milliseconds for a test that trains classifiers, on a busy machine. */
const LONG = 600_000;

const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
/** Makes the two families known to a process by Node's own option: no file of the package knows of them. */
const TOYS = ["--import", new URL("toy-families/register.mjs", import.meta.url).href];
/** A family of each input kind. */
const KINDS = ["noise", "maps"] as const;
/** Limits of the gate for a set of a few dozen images that no one trained for. */
const RELEASE = {
  gate: {
    ...{ minTestImages: 5, minImagesPerClass: 1, requiredTests: ["membership"], worstFinding: "critical" },
    ...{ maxCopyShare: 1, maxMembershipAuc: 1, maxMembershipTpr: 1 },
    acceptWarnings: ["no-patients"],
  },
};

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

function run(words: readonly string[], options: readonly string[] = TOYS) {
  const args = [...options, main, ...words, "--quiet"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: folder });
  return { status, stdout, stderr };
}

/** A command that ends well; what it prints. */
function ganglion(...words: string[]): string {
  const { status, stdout, stderr } = run(words);
  expect(status, `${words.join(" ")}: ${stderr}${stdout}`).toBe(0);
  return stdout;
}

beforeAll(() => {
  if (!existsSync(main)) throw new Error("dist is missing: run `npm run build` first");
  folder = mkdtempSync(join(tmpdir(), "ganglion-toys-"));
  ganglion("phantom", "set", "--count", "80", "--size", "16", "--seed", "2");
  writeFileSync(at("release.json"), JSON.stringify(RELEASE));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const trainWords = (kind: string, out: string, images: number) => [
  ...["train", "set", "--out", out, "--model", `toy-${kind}`, "--resolution", "16", "--threads", "1"],
  ...["--images", String(images), "--checkpoint-seconds", "0.02"],
];

const names = (path: string) => (existsSync(path) ? readdirSync(path) : []);
const checkpointsOf = (out: string) =>
  names(at(out, "checkpoints"))
    .filter((name) => /^\d+\.safetensors$/.test(name))
    .sort();
const imagesSeenOf = (out: string) => Number.parseInt(checkpointsOf(out).at(-1) ?? "0", 10);

/** Begins a training and kills it behind its first steps. */
async function killed(kind: string, out: string): Promise<void> {
  const child = spawn(process.execPath, [...TOYS, main, ...trainWords(kind, out, 1_000_000), "--quiet"], {
    cwd: folder,
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
  while (child.exitCode === null && imagesSeenOf(out) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  child.kill("SIGKILL");
  expect(await ended).toBe("SIGKILL");
}

/** All numbers of the latest state, by name. */
function stateOf(out: string): Record<string, number[]> {
  const name = checkpointsOf(out).at(-1)!;
  const { tensors } = decodeSafetensors(readFileSync(at(out, "checkpoints", name)), name);
  return Object.fromEntries(Object.entries(tensors).map(([key, { data }]) => [key, Array.from(data as Float32Array)]));
}

describe.each(KINDS)("a family of one's own that draws from %s", (kind) => {
  const [kept, whole, drawn] = [`run-${kind}`, `whole-${kind}`, `drawn-${kind}`];

  test(
    "is trained, killed and resumed, and ends as one that was left alone",
    async () => {
      await killed(kind, kept);
      const images = imagesSeenOf(kept) + 160;
      ganglion(...trainWords(kind, kept, images), "--resume");
      ganglion(...trainWords(kind, whole, images));
      expect(checkpointsOf(kept).at(-1)).toBe(`${String(images).padStart(9, "0")}.safetensors`);
      expect(stateOf(kept)).toEqual(stateOf(whole));
      expect(readFileSync(at(kept, "generator.onnx")).equals(readFileSync(at(whole, "generator.onnx")))).toBe(true);
    },
    LONG,
  );

  test(
    "is drawn from, evaluated, audited and released with its generator",
    () => {
      ganglion("generate", kept, "--per-class", "8", "--out", drawn);
      ganglion("evaluate", "--real", "set", "--synthetic", drawn, "--out", `report-${kind}`);
      ganglion(
        "audit",
        "--train",
        "set",
        "--holdout",
        "set",
        "--synthetic",
        drawn,
        "--run",
        kept,
        "--out",
        `audit-${kind}`,
      );
      const words = ["--audit", `audit-${kind}`, "--config", "release.json", "--run", kept, "--with-generator", kept];
      const out = `release-${kind}`;
      const said = JSON.parse(
        ganglion("release", drawn, ...words, "--train", "set", "--license", "MIT", "--out", out, "--json"),
      );
      expect(said.written).toBe(true);
      ganglion("verify", out);
      const card = readFileSync(at(out, "generator/README.md"), "utf8");
      expect(card).toContain(`toy-${kind}`);
      expect(card).toContain(kind === "maps" ? "semantic maps" : "latent of 5 numbers, class");
    },
    LONG,
  );
});

test("candidates are ranked by a discriminator that scores images, and only by such a one", () => {
  ganglion("generate", "run-noise", "--per-class", "1", "--sampler", "best", "--out", "best-noise");
  const { status, stderr } = run([
    "generate",
    "run-maps",
    "--per-class",
    "1",
    "--sampler",
    "best",
    "--out",
    "best-maps",
  ]);
  expect([status, stderr]).toEqual([2, expect.stringContaining("(toy-maps), whose discriminator cannot rank images")]);
});

test(
  "a study trains both in processes of its own",
  () => {
    const images = 64;
    const study = {
      format: "ganglion.study/1",
      preset: "quick",
      data: { dataset: "set", resolution: 16, positive: "nevus", heldOut: 0.3 },
      testSets: [{ name: "held-out", distribution: "in" }],
      generators: Object.fromEntries(KINDS.map((kind) => [kind, { from: "train", model: `toy-${kind}`, images }])),
      arms: { duplicated: false, synthetic: [{ generators: KINDS, ratios: [1] }] },
      classifier: { kind: "network", epochs: 1, patience: 1, views: 1 },
      seeds: [0, 1, 2],
      resamples: 100,
    };
    writeFileSync(at("study.json"), JSON.stringify(study));
    ganglion("study", "study.json", "--out", "study", "--workers", "2");
    const report = readFileSync(at("study/report.html"), "utf8");
    for (const kind of KINDS) expect(report).toContain(`real + 1 ${kind} random`);
  },
  LONG,
);

test("the studio shows the runs of both, each with its own desk", async () => {
  const words = [...TOYS, main, "studio", ".", "--port", "0"];
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let said = "";
      const look = (text: Buffer) => {
        said += text;
        const found = /http:\S+/.exec(said);
        if (found !== null) resolve(found[0]);
      };
      child.stdout.on("data", look);
      child.stderr.on("data", look);
      child.on("exit", () => reject(new Error(said)));
    });
    const { origin, searchParams } = new URL(url);
    const headers = { authorization: `Bearer ${searchParams.get("token")}` };
    const answer = await fetch(`${origin}/api/workspace`, { headers });
    const { runs } = (await answer.json()) as Workspace;
    for (const kind of KINDS) {
      const shown = runs.find(({ name }) => name === `run-${kind}`);
      expect(shown).toMatchObject({ model: `toy-${kind}`, input: kind, hasGenerator: true });
      const file = await fetch(`${origin}/api/runs/${shown?.id}/generator.onnx`, { headers });
      expect(Buffer.from(await file.arrayBuffer()).equals(readFileSync(at(`run-${kind}`, "generator.onnx")))).toBe(
        true,
      );
    }
  } finally {
    child.kill("SIGKILL");
  }
});

describe("where the families are not known", () => {
  const unknown =
    /the model is "toy-noise", which this version does not know \(it knows r3gan, dermgan, pggan, pix2pixhd, spade, stylegan2\); use the version/;
  test.each([
    ["resuming", ["train", "set", "--out", "run-noise", "--resume"]],
    ["drawing", ["generate", "run-noise", "--per-class", "1", "--out", "other"]],
    ["filling up", ["balance", "set", "--run", "run-noise", "--out", "other"]],
    ["reading a checkpoint", ["evaluate", "--real", "set", "--synthetic", "run-noise/checkpoints/best.safetensors"]],
  ])("%s is one clear error", (_, words) => {
    const { status, stderr } = run([...words, ...(words[0] === "evaluate" ? ["--out", "other"] : [])], []);
    expect([status, stderr]).toEqual([1, expect.stringMatching(unknown)]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("a generator alone, without its config.json, is named too", () => {
    rmSync(at("whole-noise/config.json"));
    const { status, stderr } = run(["generate", "whole-noise", "--per-class", "1", "--out", "other"], []);
    expect([status, stderr]).toEqual([1, expect.stringMatching(unknown)]);
  });

  test("--model and a study name those that there are", () => {
    const { status, stderr } = run(["train", "set", "--out", "new", "--model", "toy-noise"], []);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining("--model toy-noise: use one of r3gan, dermgan, pggan, pix2pixhd, spade, stylegan2"),
    ]);
    const study = run(["study", "study.json", "--out", "other-study"], []);
    expect([study.status, study.stderr]).toEqual([2, expect.stringMatching(/write one of .*r3gan.*dermgan/)]);
  });
});
