import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { Rng } from "../src/core/rng.ts";
import { encodePng, type RawImage, writeDataset } from "../src/data/index.ts";
import { openGenerator } from "../src/model/index.ts";
import { writePhantom } from "../src/phantom/index.ts";

let folder: string;
let set: string;
let base: string;
const at = (name: string) => join(folder, name);

const ganglion = (...argv: string[]) => callProgram(argv);

const small = ["--preset", "tiny", "--resolution", "8", "--batch", "8", "--threads", "1"];
const checkpoints = (run: string) =>
  readdirSync(join(run, "checkpoints"))
    .filter((name) => /^\d+\.safetensors$/.test(name))
    .sort();
const resume = (run: string, ...more: string[]) =>
  ganglion("train", set, "--out", run, "--resume", "--threads", "1", "--quiet", ...more);
/** A copy of the base run, to be damaged. */
function copy(name: string): string {
  cpSync(base, at(name), { recursive: true });
  return at(name);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganglion-train-"));
  [set, base] = [at("set"), at("base")];
  await writePhantom(set, { count: 40, size: 16 });
  const { code, err } = await ganglion("train", set, "--out", base, ...small, "--images", "16", "--quiet");
  expect([code, err]).toEqual([0, ""]);
  // A second checkpoint, so that there is an earlier one to go back to.
  expect((await resume(base, "--images", "24")).code).toBe(0);
  expect(checkpoints(base).length).toBe(2);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a damaged checkpoint", () => {
  const damages: [string, (path: string) => void][] = [
    ["truncated", (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ["empty", (path) => truncateSync(path, 0)],
    [
      "with one bit turned",
      (path) => {
        const bytes = readFileSync(path);
        bytes[bytes.length - 4001]! ^= 4;
        writeFileSync(path, bytes);
      },
    ],
  ];
  test.each(damages)("%s is refused with the way back, and the way back works", async (kind, damage) => {
    const run = copy(`damaged ${kind}`);
    const [earlier, latest] = checkpoints(run);
    const path = join(run, "checkpoints", latest!);
    damage(path);
    const refused = await resume(run, "--images", "32");
    expect([refused.code, refused.out]).toEqual([1, ""]);
    expect(refused.err).toContain(`${path} is damaged`);
    expect(refused.err).toContain(`delete it to continue from ${earlier}: ${path}`);
    rmSync(path);
    expect(await resume(run, "--images", "32")).toMatchObject({ code: 0, err: "" });
    expect(checkpoints(run).at(-1)).toBe("000000032.safetensors");
  });

  test("that is the best one is refused before anything is trained", async () => {
    const run = copy("damaged best");
    const path = join(run, "checkpoints", "best.safetensors");
    truncateSync(path, 100_000);
    const refused = await resume(run, "--images", "32");
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`delete it and --resume; the best state after that is kept: ${path}`);
    expect(checkpoints(run).at(-1)).toBe("000000024.safetensors");
    rmSync(path);
    expect((await resume(run, "--images", "32")).code).toBe(0);
    expect(existsSync(path)).toBe(true);
  });
});

describe("a run folder that does not fit", () => {
  const edited = (name: string, change: (config: Record<string, never>) => void) => {
    const run = copy(name);
    const config = JSON.parse(readFileSync(join(run, "config.json"), "utf8"));
    change(config);
    writeFileSync(join(run, "config.json"), JSON.stringify(config));
    return run;
  };

  test("because another recipe was written into config.json", async () => {
    const run = edited("edited gamma", ({ recipe }) => Object.assign(recipe!, { gamma: 3 }));
    const { code, err } = await resume(run, "--images", "32");
    expect(code).toBe(1);
    expect(err).toMatch(/another recipe, seed, dataset or number of threads than config\.json says; put back/);
    expect(checkpoints(run).at(-1)).toBe("000000024.safetensors");
  });

  test("because config.json asks for other networks", async () => {
    const { code, err } = await resume(
      edited("edited resolution", (config) => Object.assign(config, { resolution: 16 })),
      "--images",
      "32",
    );
    expect(code).toBe(1);
    expect(err).toContain("the checkpoint was made for other networks than config.json describes; put back");
  });

  test("because config.json is broken: every field is listed", async () => {
    const run = edited("edited broken", (config) =>
      Object.assign(config, { seed: -1, precision: "double", threads: "2" }),
    );
    const { code, err } = await resume(run, "--images", "32");
    expect(code).toBe(1);
    for (const field of ["seed", "precision", "threads"]) expect(err).toMatch(new RegExp(`^ {2}${field}: `, "m"));
  });

  test("because options differ", async () => {
    const differ = async (...more: string[]) => {
      const { code, err } = await ganglion("train", set, "--out", base, "--resume", "--quiet", ...more);
      expect(code).toBe(2);
      return err;
    };
    expect(await differ("--threads", "2")).toContain("--resume: --threads differ");
    expect(await differ("--resolution", "16")).toContain("--resume: --resolution differ");
    expect(await differ("--batch", "4")).toContain("--resume: --batch differs from the run in");
    expect(await differ("--batch", "4")).toContain("(8, now 4); omit it to go on with the run's");
    expect(await differ("--set", "networks.blocks=3")).toContain("--resume: --set networks.blocks differs");
    expect(await differ("--seed", "5")).toContain("--resume: --seed differ");
  });

  test("but not because the first options are said again, some of them, or none", async () => {
    const [run, first] = [at("of many options"), ["--batch", "4", "--set", "gamma=0.3", "--set", "networks.blocks=2"]];
    const start = ["--preset", "tiny", "--resolution", "8", "--threads", "1", "--seed", "3", "--quiet"];
    expect(await ganglion("train", set, "--out", run, ...start, ...first, "--images", "8")).toMatchObject({ code: 0 });
    const went = async (images: string, ...more: string[]) => {
      const { code, err } = await ganglion(
        "train",
        set,
        "--out",
        run,
        "--resume",
        "--images",
        images,
        "--quiet",
        ...more,
      );
      expect([err, code]).toEqual(["", 0]);
    };
    await went("12");
    await went("16", "--batch", "4");
    await went("20", "--set", "gamma=0.3");
    await went("24", ...first, "--seed", "3");
    expect(checkpoints(run).at(-1)).toBe("000000024.safetensors");
    const other = await ganglion("train", set, "--out", run, "--resume", "--set", "gamma=0.4", "--batch", "4");
    expect(other.code).toBe(2);
    expect(other.err).toContain(`--set gamma differs from the run in ${run} (0.3, now 0.4)`);
    const unknown = await ganglion("train", set, "--out", run, "--resume", "--set", "gama=0.4");
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain("--set gama: there is no such option");
  });

  test("because the dataset changed", async () => {
    const changed = at("changed set");
    cpSync(set, changed, { recursive: true });
    const csv = readFileSync(join(changed, "metadata.csv"), "utf8");
    const image = csv.split("\n").find((line) => line.includes("train"));
    const pixels: RawImage = { width: 16, height: 16, channels: 3, data: new Uint8Array(768).fill(7) };
    writeFileSync(join(changed, image?.split(",")[0] ?? ""), await encodePng(pixels));
    const { code, err } = await ganglion("train", changed, "--out", copy("of changed set"), "--resume", "--quiet");
    expect(code).toBe(2);
    expect(err).toContain("--resume: the images of DATASET differ");
  });

  test("because there is no run, or one already", async () => {
    const none = await resume(at("nothing here"));
    expect(none.code).toBe(2);
    expect(none.err).toContain("holds no run (no config.json); check --out, or omit --resume");
    expect(existsSync(at("nothing here"))).toBe(false);
    const held = await ganglion("train", set, "--out", base, ...small, "--images", "8");
    expect(held.code).toBe(2);
    expect(held.err).toContain("already holds a run; add --resume");
    const taken = at("taken");
    mkdirSync(taken);
    writeFileSync(join(taken, "notes.txt"), "mine");
    const other = await ganglion("train", set, "--out", taken, ...small, "--images", "8");
    expect(other.code).toBe(2);
    expect(other.err).toContain("is not empty and holds no run");
  });
});

test("a full disk is said, ends with 1, and the run can be gone on with", async () => {
  const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
  if (!existsSync(main)) throw new Error("dist is missing: run `npm run build` first");
  const run = copy("full disk");
  const before = readdirSync(join(run, "checkpoints"));
  // A limit on the size of a file, in KiB, stands for the disk: a checkpoint does not fit, smaller files do.
  const words = ["train", set, "--out", run, "--resume", "--images", "48", "--threads", "1", "--quiet"];
  const script = 'ulimit -f 600; exec "$@"';
  const full = spawnSync("bash", ["-c", script, "bash", process.execPath, main, ...words], { encoding: "utf8" });
  expect([full.status, full.signal, full.stdout]).toEqual([1, null, ""]);
  expect(full.stderr).toMatch(/^ganglion: cannot write .*000000048\.safetensors: /);
  expect(full.stderr).not.toMatch(/\n\s+at /);
  expect(readdirSync(join(run, "checkpoints"))).toEqual(before);
  expect(await resume(run, "--images", "48")).toMatchObject({ code: 0, err: "" });
  expect(checkpoints(run).at(-1)).toBe("000000048.safetensors");
});

test("a raised budget is written to config.json, so that the next --resume knows it", async () => {
  const run = copy("raised");
  expect((await resume(run, "--images", "32", "--license", "CC0-1.0")).code).toBe(0);
  expect(JSON.parse(readFileSync(join(run, "config.json"), "utf8"))).toMatchObject({ images: 32, license: "CC0-1.0" });
  const again = await resume(run, "--json");
  expect(JSON.parse(again.out)).toMatchObject({ imagesSeen: 32, outcome: "complete" });
  const generator = await openGenerator(join(run, "generator.onnx"), { threads: 1 });
  expect(generator.description).toMatchObject({ license: "CC0-1.0", resolution: 8 });
  await generator.close();
});

test("a run without a schedule does not get one later", async () => {
  const { code, err } = await resume(copy("scheduled later"), "--images", "32", "--set", "schedule.rates.last=0");
  expect([code, err]).toEqual([
    2,
    expect.stringMatching(/--set schedule\.rates\.last differs from the run .*\(not set, now 0\)/),
  ]);
});

test("learning rates out of all proportion end the training with what went wrong, and no generator", async () => {
  const run = at("diverged");
  const rates = ["--set", "generatorRate=1e9", "--set", "discriminatorRate=1e9", "--set", "warmUpImages=0"];
  const { code, err, out } = await ganglion(
    "train",
    set,
    "--out",
    run,
    ...small,
    "--images",
    "4000",
    "--quiet",
    ...rates,
  );
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/training diverged: .* after \d+ images; lower the learning rates or raise gamma/);
  expect(err).toContain("no good checkpoint was reached before");
  expect(existsSync(join(run, "generator.onnx"))).toBe(false);
});

/** Writes squares of random grey or colour in class folders named by a column. */
async function squares(out: string, channels: 1 | 3, labels: readonly string[]): Promise<string> {
  const rng = new Rng(out.length, "squares");
  const rows = labels.map((label, i) => {
    const data = Uint8Array.from({ length: 64 * channels }, () => rng.integer(256));
    const image: RawImage = { width: 8, height: 8, channels, data };
    return { fileName: `images/${i}.png`, image, columns: { label } };
  });
  await writeDataset(out, { rows, description: { label: "label" } });
  return out;
}

describe("trains on", () => {
  const train = async (name: string, channels: 1 | 3, labels: readonly string[]) => {
    const data = await squares(at(`${name} set`), channels, labels);
    const result = await ganglion("train", data, "--out", at(name), ...small, "--images", "16", "--json");
    expect(result.code, result.err).toBe(0);
    const generator = await openGenerator(join(at(name), "generator.onnx"), { threads: 1 });
    await generator.close();
    return { ...result, description: generator.description, json: JSON.parse(result.out) };
  };

  test("grey images, one of them alone in its class, and says so", async () => {
    const { err, description, json } = await train("grey", 1, ["a", "b", "a", "a", "b", "alone", "a", "b"]);
    expect(description).toMatchObject({ channels: 1, classes: ["a", "alone", "b"] });
    expect(err).toContain("class alone has one image: it can only be copied, not learned");
    expect(json.best.distance).toEqual(expect.any(Number));
  });

  test("a single class, whose quality is followed too", async () => {
    const { description, json } = await train("single", 3, ["only", "only", "only", "only"]);
    expect(description.classes).toEqual(["only"]);
    expect(json).toMatchObject({ best: { imagesSeen: 16 }, generatorImagesSeen: 16, outcome: "complete" });
  });
});
