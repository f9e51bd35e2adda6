import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listFiles } from "../src/core/list-files.ts";
import { Rng } from "../src/core/rng.ts";
import { TEMPORARY_NAME } from "../src/core/scratch/temporary-beside.ts";
import { writeExtractor } from "../src/features/testing/lesions.ts";
import { writeTestRun } from "../src/model/testing/run.ts";
import { CONFIG, writeCase } from "../src/release/testing/case.ts";
import { resultOf } from "./testing/run-result.ts";

/** Kills of each command. */
const KILLS = Number(process.env.GANGLION_COMMAND_KILLS ?? 20);
/** Further moments with another seed. */
const SEED = Number(process.env.GANGLION_KILL_SEED ?? 1);

const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const LESIONS = ["nevus", "melanoma", "keratosis", "basal-cell", "actinic", "vascular", "fibroma"];
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  if (!existsSync(main)) throw new Error("dist is missing: run `npm run build` first");
  folder = mkdtempSync(join(tmpdir(), "ganglion-kill-commands-"));
  for (const [set, seed] of [
    ["set", "1"],
    ["held", "2"],
  ] as const) {
    const words = [main, "phantom", at(set), "--count", "60", "--size", "16", "--seed", seed, "--quiet"];
    expect(spawnSync(process.execPath, words).status).toBe(0);
  }
  await writeTestRun(at("run"), LESIONS);
  const drawn = ["generate", at("run"), "--per-class", "6", "--out", at("drawn"), "--threads", "1", "--quiet"];
  expect(spawnSync(process.execPath, [main, ...drawn]).status).toBe(0);
  await writeCase(at("case"));
  // Instead of an encoder that each command would train first.
  await writeExtractor(folder);
  writeFileSync(at("release.json"), JSON.stringify(CONFIG));
  const study = {
    format: "ganglion.study/1",
    preset: "quick",
    data: { dataset: at("set"), resolution: 8, positive: "nevus", heldOut: 0.3 },
    testSets: [{ name: "held-out", distribution: "in" }],
    generators: { gan: { from: "train", preset: "tiny", images: 16 } },
    arms: { synthetic: [{ generators: ["gan"], samplers: ["random"], ratios: [1] }] },
    classifier: { kind: "network", epochs: 1, patience: 1, views: 1 },
    seeds: [0],
    resamples: 100,
  };
  writeFileSync(at("study.json"), JSON.stringify(study));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Killed {
  readonly name: string;
  /** Words of the command line without `--out`. */
  words(out: string): string[];
  /** Whether each kill is followed by a whole run; else the next kill's run goes on, and one whole run ends the chain. */
  readonly whole: boolean;
  /** What is compared. Defaults to the bytes of every file. */
  result?(out: string): unknown;
  /** Files that may stay until the same command is run again, beside whole ones. */
  readonly waits?: RegExp;
}

const features = () => ["--features", `onnx:${at("small.onnx")}`, "--threads", "1"];
const train = [
  ...["--resolution", "8", "--preset", "tiny", "--batch", "8", "--threads", "1", "--seed", "3"],
  ...["--images", "400", "--checkpoint-seconds", "0.05"],
];

const COMMANDS: readonly Killed[] = [
  { name: "import", whole: true, words: (out) => ["import", at("set"), out, "--size", "12"] },
  {
    name: "generate",
    whole: true,
    words: (out) => ["generate", at("run"), "--per-class", "4", "--threads", "1", "--out", out],
  },
  {
    name: "balance",
    whole: true,
    words: (out) => ["balance", at("set"), "--run", at("run"), "--threads", "1", "--out", out],
  },
  {
    name: "release",
    whole: true,
    words: (out) => [
      ...["release", at("case/set"), "--audit", at("case/audit"), "--run", at("case/run")],
      ...["--config", at("release.json"), "--out", out],
    ],
  },
  {
    name: "evaluate",
    whole: false,
    words: (out) => ["evaluate", "--real", at("set"), "--synthetic", at("drawn"), ...features(), "--out", out],
  },
  {
    name: "audit",
    whole: false,
    words: (out) => [
      ...["audit", "--train", at("set"), "--holdout", at("held"), "--synthetic", at("drawn")],
      ...features(),
      ...["--out", out],
    ],
  },
  {
    name: "study",
    whole: false,
    words: (out) => ["study", at("study.json"), "--workers", "2", "--out", out],
    // What a killed job had done so far, which the next one takes over.
    waits: /^store\/scratch\//,
    // progress.json says when the study ran and store.json has an id that is drawn; all else is compared.
    result: async (out) =>
      (await contents(out)).filter(([name]) => !["progress.json", "store/store.json"].includes(name)),
  },
  {
    name: "train",
    whole: false,
    words: (out) => {
      const resume = existsSync(join(out, "config.json")) ? ["--resume"] : [];
      return ["train", at("set"), ...train, "--out", out, ...resume];
    },
    waits: /^\.lock$/,
    result: resultOf,
  },
];

/** Names and bytes of all files of a folder, sorted; none where it is not there. */
async function contents(out: string): Promise<[string, string][]> {
  if (!existsSync(out)) return [];
  const files = (await listFiles(out)).map(({ name }) => name).sort();
  return files.map((name) => [name, readFileSync(join(out, name), "base64")]);
}

/** A command in surroundings of its own, so that all that it leaves is seen. */
function surroundings(name: string) {
  const home = at(`at-${name}`);
  const places = { TMPDIR: join(home, "tmp"), GANGLION_CACHE: join(home, "cache"), HOME: join(home, "home") };
  const work = join(home, "work");
  for (const path of [work, ...Object.values(places)]) mkdirSync(path, { recursive: true });
  // Set by the product too; here it keeps a file of the runtime's own out of the folders that are looked through.
  const env = { ...process.env, ...places, ORT_DISABLE_TELEMETRY: "1" };

  /** Runs to the end, or kills after some milliseconds. @returns the exit code, null when it was killed */
  async function run(words: readonly string[], killAfter?: number) {
    const child = spawn(process.execPath, [main, ...words, "--quiet"], { env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
    });
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
    // Processes of jobs hold standard error open: "close" comes when they have ended as well.
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    clearTimeout(timer);
    return { code, said };
  }

  /** Unfinished or temporary files in all these folders, but for those that wait for the command itself. */
  async function left(out: string, waits?: RegExp): Promise<string[]> {
    const beside = readdirSync(work).filter((name) => join(work, name) !== out);
    const unfinished = (path: string) => path.split("/").some((part) => TEMPORARY_NAME.test(part));
    const inside = existsSync(out) ? (await listFiles(out)).map(({ name }) => name) : [];
    const inCache = (await listFiles(places.GANGLION_CACHE)).map(({ name }) => name);
    const making = (path: string) => /(^|\/)making\/./.test(path) || /(^|\/)scratch\/./.test(path) || path === ".lock";
    return [
      ...readdirSync(places.TMPDIR),
      ...readdirSync(places.HOME),
      ...beside,
      ...[...inside, ...inCache].filter((path) => (unfinished(path) || making(path)) && !waits?.test(path)),
    ];
  }
  return { work, run, left };
}

/** Two commands at a time, whatever the test runner allows. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];

describe.concurrent(`killed ${KILLS} times`, () => {
  test.concurrent.each(COMMANDS.map((command, k) => [command.name, command, k] as const))(
    "%s leaves nothing after the next command, and run again it ends as if it had been left alone",
    async (name, command, k) => {
      const turn = lanes[k % 2]!.then(() => killOften(command));
      lanes[k % 2] = turn.catch(() => undefined);
      const { kills, seconds } = await turn;
      expect(kills, `${name}: kills in ${seconds.toFixed(1)} s`).toBe(KILLS);
    },
    1_200_000,
  );
});

async function killOften({ name, words, whole, waits, result = contents }: Killed) {
  const begun = performance.now();
  const { work, run, left } = surroundings(name);
  const rng = new Rng(SEED, "kill-commands", name);

  const reference = join(work, "reference");
  expect(await run(words(reference))).toEqual({ code: 0, said: "" });
  const expected = await result(reference);
  rmSync(reference, { recursive: true });
  // Timed when the files of the program are in memory.
  const started = performance.now();
  expect((await run(words(reference))).code).toBe(0);
  let duration = performance.now() - started;
  expect((await result(reference)) as object, "two runs that nobody disturbed").toEqual(expected);
  rmSync(reference, { recursive: true });

  const out = join(work, "out");
  /** What was written is compared and taken away. */
  const compare = async () => {
    const found = await result(out);
    expect(JSON.stringify(found) === JSON.stringify(expected), `${name}: the result of an undisturbed run`).toBe(true);
    rmSync(out, { recursive: true });
  };
  /** The command has ended by itself. */
  const finish = async () => {
    expect(await left(out)).toEqual([]);
    await compare();
  };
  let kills = 0;
  for (let attempt = 0; kills < KILLS; attempt++) {
    expect(attempt, "tries").toBeLessThan(5 * KILLS);
    // One moment in each part of the time that the command takes.
    const moment = (duration * (kills + rng.uniform())) / KILLS;
    const fresh = !existsSync(out);
    const from = performance.now();
    const ended = await run(words(out), moment);
    if (ended.code === 0) {
      // The machine is less busy than it was.
      if (fresh) duration = performance.now() - from;
      await finish();
      continue;
    }
    expect([ended.code, ended.said]).toEqual([null, ""]);
    kills++;
    if (whole) {
      // Killed after it had taken its name, the folder is whole.
      if (existsSync(out)) await compare();
      expect(await run(words(out))).toEqual({ code: 0, said: "" });
      await finish();
      continue;
    }
    // Any command will do, also one that has nothing to do.
    expect((await run(["verify", join(work, "nothing")])).code).toBe(1);
    expect(await left(out, waits)).toEqual([]);
  }
  expect(await run(words(out))).toEqual({ code: 0, said: "" });
  await finish();
  return { kills, seconds: (performance.now() - begun) / 1000 };
}
