import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingRedis, startRedis, type TestRedis } from "../src/study/testing/redis.ts";

/** Milliseconds for a test that runs a study, on a busy machine. */
const LONG = 300_000;

const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
/** Everything that a study leaves for people; equal however it ran. */
const REPORT = ["report.html", "results.json", "table.csv", "table.md", "table.tex", "methods.md"];
let folder: string;
let config: string;

const QUICK = {
  format: "ganglion.study/1",
  preset: "quick",
  data: { dataset: "", resolution: 8, positive: "melanoma", heldOut: 0.3 },
  testSets: [{ name: "held-out", distribution: "in" }],
  generators: { gan: { from: "train", preset: "tiny", images: 64 } },
  arms: { synthetic: [{ generators: ["gan"], samplers: ["random", "best"], ratios: [1] }] },
  classifier: { kind: "network", epochs: 2, patience: 2, views: 1 },
  seeds: [0, 1, 2],
  resamples: 100,
};

beforeAll(() => {
  if (!existsSync(main)) throw new Error("dist is missing: run `npm run build` first");
  folder = mkdtempSync(join(tmpdir(), "ganglion-study-"));
  const set = join(folder, "set");
  const words = [main, "phantom", set, "--count", "200", "--size", "16", "--quiet"];
  expect(spawnSync(process.execPath, words).status).toBe(0);
  config = join(folder, "study.json");
  writeFileSync(config, JSON.stringify({ ...QUICK, data: { ...QUICK.data, dataset: set } }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ganglion(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { encoding: "utf8" });
  return { status, stdout, stderr };
}

const reportOf = (out: string) => REPORT.map((name) => readFileSync(join(out, name), "utf8"));

/** Artefacts that are whole, by id, with the time of their manifest. */
function artefacts(store: string): Map<string, number> {
  const root = join(store, "artefacts");
  const found = new Map<string, number>();
  if (!existsSync(root)) return found;
  for (const part of readdirSync(root)) {
    for (const id of readdirSync(join(root, part))) {
      found.set(id, statSync(join(root, part, id, "artefact.json")).mtimeMs);
    }
  }
  return found;
}

const until = async (isTime: () => boolean) => {
  while (!isTime()) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe("a study of invented lesions", () => {
  test("says what it is going to do, and writes nothing", () => {
    const { status, stdout } = ganglion("study", config, "--dry-run", "--json", "--quiet");
    expect(status).toBe(0);
    const said = JSON.parse(stdout) as { arms: { name: string }[]; jobs: Record<string, number> };
    expect(said.arms.map(({ name }) => name)).toEqual([
      "real",
      "real x2",
      "real + 1 gan random",
      "real + 1 gan best:4",
    ]);
    expect(said.jobs).toEqual({
      "pack-images": 2,
      "train-generator": 1,
      sample: 6,
      "train-classifier": 12,
      score: 12,
    });
    expect(readdirSync(folder).sort()).toEqual(["set", "study.json"]);
  });

  test(
    "runs, writes its report, and repeats nothing when it is called again",
    () => {
      const out = join(folder, "first");
      const { status, stderr, stdout } = ganglion("study", config, "--out", out, "--json", "--quiet");
      expect([status, stderr]).toEqual([0, ""]);
      const said = JSON.parse(stdout) as { verdicts: { verdict: string }[]; recommendation: { sentence: string } };
      expect(said.verdicts).toHaveLength(3);
      for (const name of REPORT) expect(existsSync(join(out, name))).toBe(true);
      expect(readFileSync(join(out, "report.html"), "utf8")).toContain("real + 1 gan best:4");
      const made = artefacts(join(out, "store"));
      expect(made.size).toBe(33);
      const before = reportOf(out);
      expect(ganglion("study", config, "--out", out, "--quiet").status).toBe(0);
      expect(artefacts(join(out, "store"))).toEqual(made);
      expect(reportOf(out)).toEqual(before);
    },
    LONG,
  );

  test(
    "killed at two moments goes on, and its report is equal byte for byte",
    async () => {
      const out = join(folder, "killed");
      const store = join(out, "store");
      for (const enough of [4, 15]) {
        const child = spawn(process.execPath, [main, "study", config, "--out", out, "--quiet"], { stdio: "ignore" });
        const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
        await until(() => artefacts(store).size >= enough || child.exitCode !== null);
        child.kill("SIGKILL");
        await ended;
      }
      const kept = artefacts(store);
      expect(kept.size).toBeLessThan(33);
      expect(ganglion("study", config, "--out", out, "--quiet").status).toBe(0);
      const after = artefacts(store);
      expect(after.size).toBe(33);
      for (const [id, time] of kept) expect(after.get(id)).toBe(time);
      expect(reportOf(out)).toEqual(reportOf(join(folder, "first")));
    },
    LONG,
  );

  describe.skipIf(missingRedis("studies over a queue are not tested"))("over Redis", () => {
    let redis: TestRedis;
    beforeAll(async () => {
      redis = await startRedis(folder);
    });
    afterAll(() => redis.kill());

    test(
      "two workers do its jobs, one of which is killed, and its report is equal byte for byte",
      async () => {
        const out = join(folder, "queued");
        const store = join(folder, "common");
        const queue = ["--queue", redis.address, "--store", store, "--quiet"];
        const begin = (...words: string[]) => spawn(process.execPath, [main, ...words], { stdio: "ignore" });
        const study = begin("study", config, "--out", out, ...queue);
        const ended = new Promise<number | null>((resolve) => study.on("close", resolve));
        await until(() => existsSync(store));
        const workers = [begin("worker", ...queue), begin("worker", ...queue)];
        await until(() => artefacts(store).size >= 8);
        workers[0]!.kill("SIGKILL");
        workers.push(begin("worker", ...queue));
        expect(await ended).toBe(0);
        for (const worker of workers.slice(1)) worker.kill("SIGKILL");
        expect(artefacts(store).size).toBe(33);
        expect(reportOf(out)).toEqual(reportOf(join(folder, "first")));
      },
      LONG,
    );
  });
});

describe("bad input", () => {
  test("all mistakes of a configuration are said, with exit code 2", () => {
    const wrong = join(folder, "wrong.json");
    const valid = JSON.parse(readFileSync(config, "utf8")) as object;
    writeFileSync(wrong, JSON.stringify({ ...valid, seeds: [1, 1], metrics: ["auk"] }));
    const { status, stderr } = ganglion("study", wrong, "--out", join(folder, "none"), "--quiet");
    expect(status).toBe(2);
    expect(stderr).toContain("seeds: has 1 twice");
    expect(stderr).toContain("auk");
    expect(existsSync(join(folder, "none"))).toBe(false);
  });

  test("a folder that holds something else is left alone", () => {
    mkdirSync(join(folder, "in use"));
    writeFileSync(join(folder, "in use/notes.txt"), "");
    const { status, stderr } = ganglion("study", config, "--out", join(folder, "in use"), "--quiet");
    expect(status).toBe(2);
    expect(stderr).toContain("is not empty and holds no study");
  });

  test("a missing --out and a missing file are said", () => {
    expect(ganglion("study", config, "--quiet")).toMatchObject({ status: 2 });
    expect(ganglion("study", join(folder, "nowhere.json"), "--out", join(folder, "none")).stderr).toContain(
      "there is no such file",
    );
  });
});
