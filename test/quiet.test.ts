// Every command stays off the network and within its folders: each runs under strace on a few small images.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { commands } from "../src/cli/commands.ts";
import { progressEvent } from "../src/cli/progress-events.ts";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { freePort } from "../src/core/testing/free-port.ts";
import { parseCsv } from "../src/data/index.ts";
import { writePhantom } from "../src/phantom/write.ts";
import { CONFIG, writeCase, writeMetrics } from "../src/release/testing/case.ts";
import { writeMapTestRun } from "../src/sample/testing/map-run.ts";
import type { Workspace } from "../src/studio/api.ts";
import { ask } from "../src/studio/testing/request.ts";
import { missingRedis, startRedis } from "../src/study/testing/redis.ts";
import { startS3, TEST_KEYS } from "../src/study/testing/s3-server.ts";
import { writeDicomFolder } from "./testing/dicom-folder.ts";
import { startPacs } from "./testing/pacs.ts";
import { elsewhere } from "./testing/places.ts";
import { writeStudioFolder } from "./testing/studio-folder.ts";
import { lookups, missingStrace, type Trace, type Traced, traceNode } from "./testing/trace.ts";

/** Milliseconds for one command, on a busy machine. */
const LONG = 900_000;
const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
/** Exit code after Ctrl-C. */
const INTERRUPTED = 130;
const CLASSES = ["melanoma", "nevus"];

/** What a command line may do. */
interface Leave {
  /** Files and folders that it names to be written. */
  readonly named?: readonly string[];
  /** Ports of this machine that it names. */
  readonly ports?: readonly number[];
  /** The port that it was told to listen at. */
  readonly listens?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Its exit code. Defaults to 0. */
  readonly code?: number;
}

let root: string;
const at = (name: string) => join(root, name);
/** The environment of a user who has set nothing. */
const environment = () => ({ PATH: "/usr/bin:/bin", HOME: at("home"), TMPDIR: at("tmp") });
const trace = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Traced =>
  traceNode(words, { folder: at("records"), cwd: at("cwd"), env: { ...environment(), ...env } });

/** What a program did beyond its leave; empty lists where all is well. */
function beyond(found: Trace, { named = [], ports = [], listens }: Leave) {
  const own = [...ports, ...(listens === undefined ? [] : [listens])].map((port) => `127.0.0.1:${port}`);
  return {
    lookups: lookups(found),
    reached: found.reached.filter((address) => !own.includes(address)),
    // Without a connection of its own, a command has no use of a socket.
    sockets: own.length === 0 ? found.sockets : found.sockets.filter((kind) => kind !== "AF_INET"),
    ran: found.ran.filter((path) => path !== process.execPath),
    written: elsewhere(found.changed, { named, home: at("home"), temporary: at("tmp") }),
  };
}
const NOTHING = { lookups: [], reached: [], sockets: [], ran: [], written: [] };

/** Begins a command, which must end well, say nothing but events on stderr and do nothing beyond its leave. */
function begin([name, ...others]: readonly string[], leave: Leave = {}) {
  const words = [
    name!,
    ...(others[0] === "--help" ? [] : ["--progress", "json"]),
    ...others.filter((word) => word !== "--quiet"),
  ];
  const traced = trace([join(DIST, "cli/main.js"), ...words], leave.env);
  const end = traced.end.then((found) => {
    const { code = 0 } = leave;
    expect([words.join(" "), found.code, found.err]).toEqual([words.join(" "), code, expect.anything()]);
    expect({ words, ...beyond(found, leave) }).toEqual({ words, ...NOTHING });
    expectEvents(found.err, words.includes("--help"));
    return found;
  });
  return { ...traced, end };
}
/** What `--progress json` says fits its schema, and ends with the paths that were written. */
function expectEvents(err: string, none: boolean) {
  const events = err.split("\n").filter((line) => line !== "");
  for (const line of events) expect(progressEvent.safeParse(JSON.parse(line)), line).toMatchObject({ success: true });
  if (!none) expect(JSON.parse(events.at(-1)!).event).toBe("done");
}
/** Presses Ctrl-C for a program: strace, whose child it is, passes no signal on. */
function interrupt({ child: { pid } }: Pick<Traced, "child">): void {
  process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ")[0]), "SIGINT");
}
const ganglion = (words: readonly string[], leave?: Leave) => begin([...words, "--quiet"], leave).end;

/** Sixty invented lesions of two classes, with patients, masks, boxes, tones and a split. */
async function writeLesions(folder: string): Promise<void> {
  await writePhantom(folder, { count: 60, size: 16, seed: 0 });
  const path = join(folder, "metadata.csv");
  const { header, rows } = parseCsv(readFileSync(path, "utf8"), path);
  const label = header.indexOf("label");
  const relabelled = rows.map((row, i) => row.with(label, CLASSES[i % 2]!));
  writeFileSync(path, `${[header, ...relabelled].map((row) => row.join(",")).join("\n")}\n`);
}

/** A study of a few jobs, which trains a generator and classifiers. */
const study = (...seeds: number[]) => ({
  format: "ganglion.study/1",
  preset: "quick",
  data: { dataset: at("skin"), resolution: 8, positive: "melanoma", heldOut: 0.3 },
  testSets: [{ name: "held-out", distribution: "in" }],
  generators: { gan: { from: "train", preset: "tiny", images: 32 } },
  arms: { synthetic: [{ generators: ["gan"], ratios: [1] }] },
  classifier: { kind: "network", epochs: 1, patience: 1, views: 1 },
  resamples: 100,
  seeds,
});

/** Asks a studio for its page, its generator, pictures and tones, and has it make a reader study. */
async function useStudio(port: number, token: string): Promise<void> {
  const origin = `http://127.0.0.1:${port}`;
  const headers = { authorization: `Bearer ${token}`, origin, "content-type": "application/json" };
  const get = async (path: string) => {
    const { status, text } = await ask(port, path, { headers });
    expect([path, status]).toEqual([path, 200]);
    return text;
  };
  const post = async (path: string, body: unknown) => {
    const { status, text } = await ask(port, path, { method: "POST", headers, body: JSON.stringify(body) });
    expect([path, text, status < 300]).toEqual([path, text, true]);
  };
  const page = await get("/");
  for (const [, path] of page.matchAll(/(?:src|href)="\.?(\/[^"]+)"/g)) await get(path!);
  const { runs, datasets } = JSON.parse(await get("/api/workspace")) as Workspace;
  await get(`/api/runs/${runs[0]!.id}/generator.onnx`);
  for (const { id } of datasets) {
    await get(`/api/datasets/${id}/images`);
    await get(`/api/datasets/${id}/images/0.png?size=32`);
  }
  const idOf = (name: string) => datasets.find((one) => one.name === name)!.id;
  await post(`/api/datasets/${idOf("skin")}/tones`, {});
  const [realDataset, syntheticDataset] = [idOf("skin"), idOf("made")];
  await post("/api/studies", { name: "which", realDataset, syntheticDataset, perKind: 3, seed: 1 });
}

/** What is done to see each command at work: all that it can do that reaches other code of the system. */
const WORK: Readonly<Record<string, () => Promise<unknown>>> = {
  demo: () => ganglion(["demo", "--out", at("demo"), "--minutes", "0.01", "--count", "140"], { named: [at("demo")] }),
  phantom: () => ganglion(["phantom", at("phantom"), "--count", "7", "--size", "16"], { named: [at("phantom")] }),
  inspect: () => ganglion(["inspect", at("skin"), "--out", at("look"), "--maps"], { named: [at("look")] }),
  async import() {
    await ganglion(["import", at("skin"), at("small"), "--size", "8"], { named: [at("small")] });
    const syntaxes = await writeDicomFolder(at("scans"));
    expect(syntaxes).toEqual(["native", "rle", "jpeg", "jpeg-ls", "jpeg-2000", "htj2k"]);
    const { out } = await begin(["import", at("scans"), at("slices"), "--json"], { named: [at("slices")] }).end;
    expect(JSON.parse(out)).toMatchObject({ images: syntaxes.length });
  },
  split: () =>
    ganglion(["split", at("parted"), "--folds", "2", "--by", "sex", "--overwrite"], { named: [at("parted")] }),
  export: () => ganglion(["export", at("skin"), at("skin-coco"), "--format", "coco"], { named: [at("skin-coco")] }),
  async train() {
    const train = (out: string, ...words: string[]) =>
      ganglion(["train", at("skin"), "--out", at(out), ...words], { named: [at(out)] });
    const small = ["--preset", "tiny", "--resolution", "8", "--images", "16", "--batch", "4"];
    await train("r3gan", ...small);
    await train("private", ...small, "--dp-epsilon", "8", "--dp-delta", "0.001");
    await train("profiled", ...small, "--profile");
    await train("dermgan", "--model", "dermgan", "--resolution", "16", "--images", "8", "--batch", "4");
  },
  starts: () => ganglion(["starts"], {}),
  async generate() {
    const draw = (run: string, out: string, ...words: string[]) =>
      ganglion(["generate", at(run), "--out", at(out), ...words], { named: [at(out)] });
    await draw("case/run", "drawn", "--per-class", "24");
    await draw("case/run", "nevi", "--counts", "nevus=60");
    await draw("maps", "filled", "--per-class", "24");
    await draw("maps", "strip", "--sweep", "tone");
  },
  balance: () =>
    ganglion(["balance", at("skin"), "--run", at("case/run"), "--out", at("even"), "--to", "nevus=40"], {
      named: [at("even")],
    }),
  async evaluate() {
    const evaluate = (real: string, out: string, ...words: string[]) =>
      ganglion(["evaluate", "--real", at(real), "--out", at(out), ...words], { named: [at(out)] });
    await evaluate("skin", "controls", "--synthetic", at("filled"), "--run", at("maps"));
    const checkpoint = at("case/run/checkpoints/best.safetensors");
    const sets = ["--synthetic", at("nevi"), "--synthetic", checkpoint];
    await evaluate("nevi", "compared", ...sets, "--features", "radiomics");
  },
  ablate: () =>
    ganglion(
      ["ablate", at("skin"), "--out", at("ablation"), "--resolution", "16", "--images", "4", "--set", "batch=4"],
      { named: [at("ablation")] },
    ),
  audit: () =>
    ganglion(
      ["audit", "--train", at("skin"), "--holdout", at("skin"), "--synthetic", at("drawn"), "--out", at("audit")],
      { named: [at("audit")] },
    ),
  async study() {
    writeFileSync(at("study.json"), JSON.stringify(study(0, 1)));
    await ganglion(["study", at("study.json"), "--out", at("study")], { named: [at("study")] });
  },
  async worker() {
    if (missingRedis("no worker is watched")) return;
    const redis = await startRedis(root);
    const s3 = await startS3("studies");
    try {
      writeFileSync(at("queued.json"), JSON.stringify(study(2, 3)));
      const leave = {
        ports: [redis.port, Number(new URL(s3.endpoint).port)],
        env: { ...TEST_KEYS, AWS_ENDPOINT_URL: s3.endpoint, GANGLION_QUEUE_KEY: "a key for a test, 32 long or more" },
      };
      const queue = ["--queue", redis.address, "--store", "s3://studies/skin", "--quiet"];
      const done = begin(["study", at("queued.json"), "--out", at("queued"), ...queue], {
        ...leave,
        named: [at("queued")],
      });
      while (s3.objects.size === 0 && done.child.exitCode === null) await pause(50);
      const worker = begin(["worker", "--concurrency", "2", ...queue], { ...leave, code: INTERRUPTED });
      await done.end;
      interrupt(worker);
      const { out } = await worker.end;
      expect(out).toMatch(/^[1-9]\d* jobs done, 0 failed/);
    } finally {
      await redis.kill();
      await s3.close();
    }
  },
  async release() {
    const { url, port, close } = await startPacs();
    const release = (out: string, leave: Leave, ...words: string[]) =>
      ganglion(
        [
          ...["release", at("case/set"), "--audit", at("case/audit"), "--metrics", at("case/metrics")],
          ...["--run", at("case/run"), "--config", at("release.json"), "--out", at(out), ...words],
        ],
        { named: [at(out)], ...leave },
      );
    await release("shared", {}, "--with-generator", at("case/run"));
    await release("for-pacs", { ports: [port] }, "--format", "dicom", "--stow", url);
    close();
  },
  doctor: () => ganglion(["doctor"]),
  completion: () => ganglion(["completion", "bash"]),
  verify: () => ganglion(["verify", at("shared")]),
  async send() {
    const { url, port, close } = await startPacs();
    await ganglion(["send", at("for-pacs"), "--stow", url], { ports: [port] });
    close();
  },
  async studio() {
    await writeStudioFolder(at("work"), 16);
    const port = await freePort();
    const leave = { named: [at("work")], listens: port, code: INTERRUPTED };
    const studio = begin(["studio", at("work"), "--port", `${port}`], leave);
    let said = "";
    studio.child.stderr!.on("data", (text) => {
      said += text;
    });
    const token = () => /token=([\w-]+)/.exec(said)?.[1];
    while (token() === undefined && studio.child.exitCode === null) await pause(50);
    try {
      await useStudio(port, token() ?? "");
    } finally {
      interrupt(studio);
    }
    await studio.end;
  },
};

describe.skipIf(missingStrace("nothing is known of what the commands reach and write"))("under strace", () => {
  beforeAll(async () => {
    if (!existsSync(join(DIST, "cli/main.js"))) throw new Error("dist is missing: run `npm run build` first");
    root = await temporaryFolder();
    for (const name of ["home", "tmp", "cwd", "records"]) mkdirSync(at(name));
    await writeLesions(at("skin"));
    await writeLesions(at("parted"));
    await writeCase(at("case"));
    await writeMetrics(at("case/metrics"), at("case/set"));
    await writeMapTestRun(at("maps"), { dataset: { path: at("skin"), label: "label", where: ["split=train"] } });
    writeFileSync(at("release.json"), JSON.stringify(CONFIG));
  }, LONG);

  test.each(commands.map(({ name }) => name))(
    "%s looks up no name, connects to what it names alone, and writes where the documents say",
    async (name) => {
      expect(Object.keys(WORK), `add to WORK what shows \`ganglion ${name}\` at work`).toContain(name);
      await begin([name, "--help"]).end;
      await WORK[name]!();
      expect(readdirSync(at("cwd"))).toEqual([]);
    },
    LONG,
  );

  test("so does a command that fails", async () => {
    const { code, ...found } = await trace([join(DIST, "cli/main.js"), "train", at("none"), "--out", at("out")]).end;
    expect([code, beyond(found, {})]).toEqual([1, NOTHING]);
  });

  describe("the library", () => {
    const GRAPH = join(DIST, "graph/index.js");
    const OPEN = `
      const { readFileSync } = await import("node:fs");
      const { openModel } = await import(${JSON.stringify(GRAPH)});
      await openModel(readFileSync(process.env.MODEL)).then((model) => model.close()).catch(({ message }) => console.log(message));`;
    const runs = async (name: string, script: string) => {
      writeFileSync(at(name), script);
      const found = await trace([at(name)], { MODEL: at("case/run/generator.onnx") }).end;
      expect([found.code, found.err]).toEqual([0, ""]);
      return found;
    };

    test("starts nothing of the runtime's own in a program, nor in the threads that it starts afterwards", async () => {
      const main = await runs("main.mjs", OPEN);
      expect([main.out, beyond(main, {})]).toEqual(["", NOTHING]);
      writeFileSync(at("thread.mjs"), OPEN);
      const thread = `import ${JSON.stringify(GRAPH)};
        import { Worker } from "node:worker_threads";
        new Worker(${JSON.stringify(at("thread.mjs"))});`;
      const threaded = await runs("threads.mjs", thread);
      expect([threaded.out, beyond(threaded, {})]).toEqual(["", NOTHING]);
    });

    test("refuses to load the runtime in a thread that cannot keep it quiet", async () => {
      const thread = `import { Worker } from "node:worker_threads"; new Worker(${JSON.stringify(at("thread.mjs"))});`;
      const found = await runs("alone.mjs", thread);
      expect(found.out).toMatch(/ORT_DISABLE_TELEMETRY is not set in this thread.*import ganglion in the main thread/);
      expect(beyond(found, {})).toEqual(NOTHING);
    });
  });

  describe("what must not be is seen", () => {
    test("the runtime as it comes writes to the home and the temporary folder", async () => {
      const require = createRequire(import.meta.url);
      const script = `require(${JSON.stringify(require.resolve("onnxruntime-node"))}).InferenceSession.create(process.env.MODEL)`;
      const found = await trace(["-e", script], { MODEL: at("case/run/generator.onnx") }).end;
      const written = beyond(found, {}).written.join("\n");
      expect(written).toContain(join(at("home"), ".cache/Microsoft"));
      expect(written).toContain(join(at("tmp"), "mat-debug"));
    });

    test.each([
      ["a name looked up", 'require("node:dns").lookup("collector.invalid", () => {})', "lookups"],
      ["a name resolved", 'require("node:dns").resolve("collector.invalid", () => process.exit())', "lookups"],
      ["a connection", 'require("node:net").connect(9, "192.0.2.1").on("error", () => {}).unref()', "reached"],
      [
        "a packet",
        'require("node:dgram").createSocket("udp4").send("x", 9, "192.0.2.1", () => process.exit())',
        "reached",
      ],
      ["a program", 'require("node:child_process").spawnSync("/bin/true")', "ran"],
      ["a file", 'require("node:fs").writeFileSync("here.txt", "")', "written"],
      ["a folder renamed", 'require("node:fs").mkdirSync("a"); require("node:fs").renameSync("a", "b")', "written"],
      ["a file removed", 'require("node:fs").unlinkSync("here.txt")', "written"],
    ] as const)("%s", async (_, script, kind) => {
      const found = await trace(["-e", script]).end;
      expect(found.code).toBe(0);
      expect(beyond(found, {})[kind]).not.toEqual([]);
    });
  });
});
