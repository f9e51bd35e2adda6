/**
 * Folders that somebody else made, with a link, a FIFO or a folder planted in the place of a file. What a link leads to is a
 * whole and valid copy, so that whoever follows it succeeds: every use must be refused, and nothing outside may change.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkRun, runImages } from "../src/audit/run-check.ts";
import { GanglionError } from "../src/core/errors.ts";
import { writeInside } from "../src/core/inside-folder.ts";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { pngOf } from "../src/data/testing/fixtures.ts";
import { readCheckpoint } from "../src/model/index.ts";
import { writeTestRun } from "../src/model/testing/run.ts";
import { verifyRelease, writeChecksums } from "../src/release/checksums.ts";
import { sendRelease } from "../src/release/dicom/send-release.ts";
import { checkTrainedOn } from "../src/release/gate/run-rules.ts";
import { readReleasedGenerator } from "../src/release/released-generator.ts";
import { releaseCase, writeCase } from "../src/release/testing/case.ts";
import { openMapRun, openRun, readMapFile, readProvenance, runFamily } from "../src/sample/index.ts";
import { describe as describeMaps, writeMapTestRun } from "../src/sample/testing/map-run.ts";
import type { Workspace } from "../src/studio/api.ts";
import { type Studio, startStudio } from "../src/studio/server/start-studio.ts";
import { ask } from "../src/studio/testing/request.ts";
import { studyProgress } from "../src/studio/testing/study-progress.ts";
import { mapGenerator, writeWorkspace } from "../src/studio/testing/workspace.ts";
import { readRunSource } from "../src/study/data/run-source.ts";
import { readStudyProgress, writeStudyProgress } from "../src/study/watch/progress-file.ts";
import { PrivacyLedger } from "../src/train/dp/ledger.ts";
import { RunFolder, readConfig } from "../src/train/index.ts";
import { isBeingTrained, lockRun } from "../src/train/run-lock.ts";
import { EventWriter } from "../src/train/tensorboard.ts";

/** Stands in every text file and in no message or answer. */
const CANARY = "canary-4c1f";

let root: string;
let count = 0;
beforeAll(async () => {
  root = await temporaryFolder();
});

const exists = (path: string) =>
  readFile(path).then(
    () => true,
    (error) => error.code === "EISDIR",
  );

/** Puts a trap in the place of a file or folder; what was there goes to `outside`. */
async function plant(
  trap: "link" | "dangling" | "pipe" | "folder" | "link to a folder",
  path: string,
  outside: string,
) {
  await mkdir(outside, { recursive: true });
  await mkdir(dirname(path), { recursive: true });
  const kept = join(outside, basename(path));
  if (await exists(path)) await rename(path, kept);
  else await writeFile(kept, CANARY);
  if (trap === "link") await symlink(kept, path);
  if (trap === "dangling") await symlink(`${kept}.absent`, path);
  if (trap === "link to a folder") await symlink(outside, path);
  if (trap === "folder") await mkdir(path);
  if (trap === "pipe") execFileSync("mkfifo", [path]);
}
const TRAPS = ["link", "dangling", "pipe", "folder", "link to a folder"] as const;

/** Names and contents of all that lies in a folder. */
async function snapshot(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const bytes = await readFile(join(folder, name)).catch(() => null);
    found[name] = bytes === null ? "folder" : createHash("sha256").update(bytes).digest("hex");
  }
  return found;
}

/** What a use ends with; fails when it hangs, succeeds, or says what stands in the canary. */
async function refusal(use: () => Promise<unknown>): Promise<GanglionError> {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("it hangs")), 10_000).unref());
  try {
    await Promise.race([use(), late]);
  } catch (error) {
    expect(error).toBeInstanceOf(GanglionError);
    expect((error as GanglionError).code).not.toBe("internal");
    expect((error as Error).message).not.toContain(CANARY);
    return error as GanglionError;
  }
  throw new Error("it was not refused");
}
const WORDS = /symbolic link|a FIFO|a folder/;

/** Uses of one file of a folder: all are refused, whatever lies in its place. */
interface Case {
  readonly name: string;
  readonly make: (folder: string) => Promise<unknown>;
  readonly uses: Readonly<Record<string, (folder: string) => Promise<unknown>>>;
  /** Words of the refusal, where a release names it by a rule of its own. */
  readonly words?: RegExp;
}

const CONFIG = {
  format: "ganglion.run/1",
  model: "r3gan",
  note: CANARY,
  dataset: { hash: "0", label: "d", path: ".", where: [] },
};
const run = async (folder: string) => {
  await writeTestRun(folder, ["melanoma", "nevus"]);
  await writeFile(join(folder, "config.json"), JSON.stringify(CONFIG));
};
const mapRun = async (folder: string) => {
  await writeMapTestRun(folder);
};
const scored = async (folder: string) => {
  const opened = await openRun(folder, { threads: 1 });
  try {
    await (await opened.scorer()).close();
  } finally {
    await opened.close();
  }
};
const stats = (folder: string) => writeInside(folder, "stats.jsonl", `{"imagesSeen":1,"note":"${CANARY}"}\n`);
const dicom = async (folder: string) => {
  await writeInside(folder, "objects/a.dcm", CANARY);
  await writeInside(folder, "metadata.csv", "file_name,sop_instance_uid\nobjects/a.dcm,1.2.3\n");
  await writeChecksums(folder);
};
const addMask = async (folder: string) => {
  await writeInside(folder, "maps.csv", "condition,tone,mask_file_name\nnevus,3,masks/1.png\n");
  await writeInside(folder, "masks/1.png", await pngOf(1, 16, 16, 1));
};

const CASES: readonly Case[] = [
  {
    name: "config.json",
    make: run,
    uses: {
      runFamily,
      readConfig: (folder) => readConfig(join(folder, "config.json")),
      runImages,
      checkTrainedOn: (folder) =>
        checkTrainedOn(folder, { train: { hash: "1" } } as never, { add: () => undefined } as never),
      readRunSource: (folder) => readRunSource(folder, false),
      writeConfig: (folder) => new RunFolder(folder).writeConfig({} as never),
    },
  },
  {
    name: "generator.onnx",
    make: run,
    uses: {
      openRun,
      readReleasedGenerator,
      checkRun: (folder) => checkRun(folder, { synthetic: { dataset: { root: folder, samples: [] } } } as never),
    },
  },
  { name: "generator.onnx", make: mapRun, uses: { openMapRun } },
  { name: "config.json", make: mapRun, uses: { openMapRun } },
  {
    name: "checkpoints/best.safetensors",
    make: run,
    uses: {
      scorer: scored,
      bestCheckpoint: (folder) => new RunFolder(folder).bestCheckpoint(),
      saveBest: async (folder) => {
        const whole = join(root, "whole");
        await writeTestRun(whole, ["a"]);
        await new RunFolder(folder).saveBest(await readCheckpoint(join(whole, "checkpoints/best.safetensors")));
      },
    },
  },
  {
    name: "stats.jsonl",
    make: stats,
    uses: {
      appendStats: (folder) => new RunFolder(folder).appendStats({ imagesSeen: 2 }),
      truncateStats: (folder) => new RunFolder(folder).truncateStats(0),
    },
  },
  {
    name: "samples/000000001.png",
    make: (folder) => writeInside(folder, "samples/000000001.png", CANARY),
    uses: { writeSample: (folder) => new RunFolder(folder).writeSample("000000001", new Uint8Array(3)) },
  },
  {
    name: "privacy.json",
    make: (folder) => writeInside(folder, "privacy.json", '{"format":"ganglion.privacy/1","stepsBegun":4}'),
    uses: { ledger: (folder) => PrivacyLedger.open(join(folder, "privacy.json"), 4) },
  },
  {
    name: "tensorboard/events.out.tfevents.1.ganglion",
    make: async (folder) => {
      await mkdir(folder, { recursive: true });
      await (await EventWriter.open(join(folder, "tensorboard"))).close();
      const [name] = await readdir(join(folder, "tensorboard"));
      await rename(join(folder, "tensorboard", name!), join(folder, "tensorboard/events.out.tfevents.1.ganglion"));
    },
    uses: { eventWriter: async (folder) => (await EventWriter.open(join(folder, "tensorboard"))).close() },
  },
  {
    name: "progress.json",
    make: (folder) => writeStudyProgress(folder, studyProgress("half", new Date().toISOString())),
    uses: {
      readStudyProgress,
      writeStudyProgress: (folder) => writeStudyProgress(folder, studyProgress("half", new Date().toISOString())),
    },
  },
  {
    name: "masks/1.png",
    make: addMask,
    uses: { readMapFile: (folder) => readMapFile(join(folder, "maps.csv"), describeMaps(), { seed: 0 }) },
  },
  { name: "SHA256SUMS", make: dicom, uses: { verifyRelease } },
  {
    name: "objects/a.dcm",
    make: dicom,
    uses: {
      verifyRelease,
      sendRelease: (folder) => sendRelease(folder, { url: "http://127.0.0.1:9/studies" } as never),
    },
    words: /this is a link or a device|the file is missing|a symbolic link/,
  },
];

describe.each(CASES)("$name", ({ name, make, uses, words = WORDS }) => {
  const each = Object.entries(uses);
  const parents = dirname(name) === "." ? [] : [dirname(name)];
  let whole = "";
  beforeAll(async () => {
    whole = join(root, String(count++));
    await make(whole);
  });

  test.each(TRAPS)("that is a %s is refused", async (trap) => {
    for (const [, use] of each) {
      const base = join(root, String(count++));
      const [folder, outside] = [join(base, "folder"), join(base, "outside")];
      await cp(whole, folder, { recursive: true });
      await plant(trap, join(folder, name), outside);
      const before = await snapshot(outside);
      expect((await refusal(() => use(folder))).message).toMatch(words);
      expect(await snapshot(outside)).toEqual(before);
    }
  });

  test.each(parents)("in %s that is a link to another folder is refused", async (parent) => {
    for (const [, use] of each) {
      const base = join(root, String(count++));
      const [folder, outside] = [join(base, "folder"), join(base, "outside")];
      await cp(whole, folder, { recursive: true });
      await plant("link", join(folder, parent), outside);
      const before = await snapshot(outside);
      expect((await refusal(() => use(folder))).message).toMatch(words);
      expect(await snapshot(outside)).toEqual(before);
    }
  });

  test("is used where it is itself, also in a folder that is named by a link", async () => {
    const base = join(root, String(count++));
    await cp(whole, join(base, "folder"), { recursive: true });
    await symlink(join(base, "folder"), join(base, "named"));
    for (const [use, work] of each) {
      const said = await work(join(base, "named")).then(() => "", String);
      expect(said, use).not.toMatch(WORDS);
    }
  });
});

test("the folders of a run that a training cleans or fills are not links", async () => {
  for (const name of ["samples", "checkpoints", "cache", "tensorboard"]) {
    const base = join(root, String(count++));
    const folder = new RunFolder(join(base, "folder"));
    await mkdir(folder.path, { recursive: true });
    await writeInside(folder.path, `${name}/.left.0123456789ab.tmp`, CANARY);
    await plant("link", join(folder.path, name), join(base, "outside"));
    const before = await snapshot(join(base, "outside"));
    expect(
      (
        await refusal(() =>
          folder
            .removeLeftovers()
            .then(() => folder.makeCache())
            .then(() => EventWriter.open(folder.tensorboardPath)),
        )
      ).message,
    ).toMatch(WORDS);
    expect(await snapshot(join(base, "outside"))).toEqual(before);
  }
});

test("a mark of a training that is a link or a FIFO is no mark, and is replaced, not written through", async () => {
  for (const trap of ["link", "dangling", "pipe"] as const) {
    const base = join(root, String(count++));
    await plant(trap, join(base, "folder/.lock"), join(base, "outside"));
    const before = await snapshot(join(base, "outside"));
    expect(await isBeingTrained(join(base, "folder"))).toBe(false);
    await (await lockRun(join(base, "folder")))();
    expect(await snapshot(join(base, "outside"))).toEqual(before);
  }
});

test("a synthetic set with a link anywhere is not released, and what it leads to is not read", async () => {
  const whole = join(root, "case");
  await writeCase(whole);
  const names = (await readdir(join(whole, "set"), { recursive: true })).filter((name) =>
    /\.(png|jsonl|json)$/.test(name),
  );
  for (const name of ["provenance.jsonl", names.find((one) => one.endsWith(".png"))!, "images"]) {
    const base = join(root, String(count++));
    await cp(whole, base, { recursive: true });
    await plant("link", join(base, "set", name), join(base, "outside"));
    const error = await refusal(() => releaseCase(base));
    expect([error.code, error.problems.map(({ code }) => code)], name).toEqual(["refused", ["link"]]);
  }
  const base = join(root, String(count++));
  await cp(whole, base, { recursive: true });
  await plant("pipe", join(base, "set/provenance.jsonl"), join(base, "outside"));
  expect((await refusal(() => releaseCase(base))).problems.map(({ code }) => code)).toEqual(["link"]);
  await refusal(() => readProvenance(join(base, "set/provenance.jsonl")));
});

describe("the studio", () => {
  let origin: string;
  const started: Studio[] = [];
  let studyId = "";
  let key = "";
  beforeAll(async () => {
    origin = join(root, "studio");
    const { work } = await writeWorkspace(origin);
    await rm(join(work, "skin/images/ISIC_0021.png"));
    await writeFile(join(work, "skin/images/ISIC_0021.png"), await pngOf(7, 24, 24));
    await rm(join(work, "run/samples/escape.png"));
    await rm(join(work, "elsewhere"));
    await writeFile(join(work, "run/generator.onnx"), mapGenerator(16));
    await writeStudyProgress(join(work, "trial"), studyProgress("done", new Date().toISOString()));
    await writeFile(join(work, "trial/report.html"), `<p>${CANARY}</p>`);
    const opened = await visit(work);
    await opened.post(`/api/runs/${opened.id("run")}/set`, drawing);
    const asked = {
      name: "Pilot",
      realDataset: opened.id("skin"),
      syntheticDataset: opened.id("made"),
      perKind: 2,
      seed: 1,
    };
    studyId = JSON.parse((await opened.post("/api/studies", asked)).text).id;
    key = JSON.parse((await opened.get(`/api/studies/${studyId}/next?reader=Ada`)).text).key;
    expect((await opened.post(`/api/studies/${studyId}/answers`, answer())).status).toBe(200);
    await opened.studio.close();
  });
  afterAll(() => Promise.all(started.map((studio) => studio.close())));

  const mask = async () => {
    const { encodePng } = await import("../src/data/image.ts");
    const data = new Uint8Array(256).fill(255);
    return Buffer.from(await encodePng({ width: 16, height: 16, channels: 1, data })).toString("base64");
  };
  const drawing = { condition: "nevus", tone: 3, seed: 7, boxes: [{ xMin: 0.1, yMin: 0.1, xMax: 0.6, yMax: 0.6 }] };
  const answer = (reader = "Ada") => ({ reader, key, answer: "real", milliseconds: 5 });

  async function visit(work: string) {
    const noted: string[] = [];
    const studio = await startStudio({ path: work, port: 0, note: (message) => noted.push(message) });
    started.push(studio);
    const headers = { authorization: `Bearer ${studio.token}` };
    const get = (path: string) => ask(studio.port, path, { headers });
    const post = (path: string, body: unknown) =>
      ask(studio.port, path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { ...headers, origin: `http://127.0.0.1:${studio.port}`, "content-type": "application/json" },
      });
    const workspace = JSON.parse((await get("/api/workspace")).text) as Workspace;
    const all = [...workspace.runs, ...workspace.datasets, ...workspace.watched];
    return {
      studio,
      noted,
      get,
      post,
      workspace,
      id: (name: string) => all.find((one) => one.name === name)?.id ?? "none",
    };
  }
  type Visit = Awaited<ReturnType<typeof visit>>;
  type Use = readonly [what: string, ask: (visit: Visit) => Promise<{ status: number; text: string }>];

  const generator: Use = ["its generator", (v) => v.get(`/api/runs/${v.id("run")}/generator.onnx`)];
  const progress: Use = ["its progress", (v) => v.get(`/api/runs/${v.id("run")}/progress`)];
  const grid: Use = ["a grid", (v) => v.get(`/api/runs/${v.id("run")}/samples/000000100.png`)];
  const set: Use = [
    "adding to its set",
    async (v) => v.post(`/api/runs/${v.id("run")}/set`, { ...drawing, mask: await mask() }),
  ];
  const report: Use = ["its report", (v) => v.get(`/api/watch/${v.id("trial")}/files/report.html`)];
  const trial: Use = ["where it stands", (v) => v.get(`/api/watch/${v.id("trial")}`)];
  const image: Use = ["an image", (v) => v.get(`/api/datasets/${v.id("skin")}/images/0.png`)];
  const itsMask: Use = ["a mask", (v) => v.get(`/api/datasets/${v.id("skin")}/images/0-mask.png`)];
  const images: Use = ["a page of images", (v) => v.get(`/api/datasets/${v.id("skin")}/images`)];
  const next: Use = ["the next picture", (v) => v.get(`/api/studies/${studyId}/next?reader=Bob`)];
  const results: Use = ["results", (v) => v.get(`/api/studies/${studyId}/results`)];
  const csv: Use = ["the table", (v) => v.get(`/api/studies/${studyId}/answers.csv`)];
  const give: Use = ["an answer", (v) => v.post(`/api/studies/${studyId}/answers`, answer("Bob"))];
  const shown: Use = ["a picture", (v) => v.get(`/api/studies/${studyId}/images/${key}.png`)];
  const newStudy: Use = [
    "a new study",
    (v) =>
      v.post("/api/studies", {
        name: "Next",
        realDataset: v.id("skin"),
        syntheticDataset: v.id("made"),
        perKind: 2,
        seed: 2,
      }),
  ];

  const PLACES: readonly (readonly [name: () => string, uses: readonly Use[]])[] = [
    [() => "run/config.json", [generator, progress, grid, set]],
    [() => "run/generator.onnx", [generator]],
    [() => "run/stats.jsonl", [progress]],
    [() => "run/samples/000000100.png", [grid]],
    [() => "run/samples", [grid, progress]],
    [() => "run/studio-set/maps.csv", [set]],
    [() => "run/studio-set/masks", [set]],
    [() => "run/studio-set", [set]],
    [() => "trial/progress.json", [trial, report]],
    [() => "trial/report.html", [report]],
    [() => "skin/metadata.csv", [image, images]],
    [() => "skin/images/ISIC_0010.png", [image]],
    [() => "skin/images", [image]],
    [() => "skin/masks/ISIC_0010.png", [itsMask]],
    [() => `reader-studies/${studyId}/study.json`, [next, give, results, csv, shown]],
    [() => `reader-studies/${studyId}/answers.jsonl`, [next, give, results, csv]],
    [() => `reader-studies/${studyId}/images/${key}.png`, [shown]],
    [() => `reader-studies/${studyId}/images`, [shown]],
    [() => `reader-studies/${studyId}`, [next, give, results, csv, shown]],
    [() => "reader-studies", [next, give, results, csv, shown, newStudy]],
  ];

  async function copy() {
    const base = join(root, String(count++));
    await cp(join(origin, "work"), join(base, "work"), { recursive: true });
    return { work: join(base, "work"), outside: join(base, "outside") };
  }
  const refused = async (v: Visit, [what, use]: Use) => {
    const { status, text } = await use(v);
    expect(status, what).toBeGreaterThanOrEqual(400);
    expect(text, what).not.toContain(CANARY);
    expect(text, what).not.toContain(root);
  };

  test("answers all of this where nothing is a link, so that the tests below can fail", async () => {
    const v = await visit((await copy()).work);
    for (const [what, use] of PLACES.flatMap(([, uses]) => uses).filter((use) => use !== give && use !== newStudy)) {
      expect((await use(v)).status, what).toBe(200);
    }
    for (const [, use] of [give, newStudy]) expect((await use(v)).status).toBeLessThan(300);
  });

  test.each(PLACES)("reads and writes nothing through a link in place of a file (%#)", async (name, uses) => {
    for (const trap of ["link", "pipe"] as const) {
      const { work, outside } = await copy();
      await plant(trap, join(work, name()), outside);
      const before = await snapshot(outside);
      const v = await visit(work);
      for (const use of uses) await refused(v, use);
      expect(await snapshot(outside), name()).toEqual(before);
      expect(v.noted.join("\n"), name()).not.toContain(CANARY);
      await v.studio.close();
    }
  });

  test.each(PLACES)("nor through one that is put there after it was opened (%#)", async (name, uses) => {
    // What is in memory by then is of before.
    const inMemory = ["config.json", "metadata.csv", "study.json", "answers.jsonl"].includes(basename(name()));
    const inFile = uses.filter(
      (use) => ![next, results, csv].includes(use) && !(use === report && name().endsWith(".json")),
    );
    const again = name().endsWith("answers.jsonl") ? [give] : inMemory ? [] : inFile;
    const { work, outside } = await copy();
    const v = await visit(work);
    await next[1](v);
    await plant("link", join(work, name()), outside);
    const before = await snapshot(outside);
    for (const use of again) await refused(v, use);
    expect(await snapshot(outside), name()).toEqual(before);
    await v.studio.close();
  });

  test("nor from an opened folder that has become a link since", async () => {
    for (const [name, uses] of [
      ["run", [generator, grid, progress, set]],
      ["trial", [report, trial]],
    ] as const) {
      const { work, outside } = await copy();
      const v = await visit(work);
      await plant("link", join(work, name), outside);
      const before = await snapshot(outside);
      for (const use of uses) await refused(v, use);
      expect(await snapshot(outside)).toEqual(before);
      await v.studio.close();
    }
  });

  test("says in the terminal what it found and where", async () => {
    const { work, outside } = await copy();
    await plant("link", join(work, "run/generator.onnx"), outside);
    const v = await visit(work);
    await generator[1](v);
    expect(v.noted.join("\n")).toMatch(/run.generator\.onnx: this is a symbolic link \(to .*outside.generator\.onnx\)/);
    expect(v.workspace.runs.map(({ hasGenerator }) => hasGenerator)).toEqual([false]);
  });
});
