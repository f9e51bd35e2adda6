import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { silent } from "../../core/progress.ts";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { averagePool, emitOnnx, input, prepare, readOnnx, reshape } from "../../graph/index.ts";
import { frozenNetwork } from "../../model/testing/frozen-network.ts";
import { writePhantom } from "../../phantom/index.ts";
import type { TrainRequest } from "../../train/index.ts";
import { openLabeller } from "../classifier/labeller.ts";
import type { TrainedResidual } from "../classifier/train-residual.ts";
import { parseStudyConfig, type StudyConfig } from "../config.ts";
import { readClassifier } from "../data/classifier-file.ts";
import { readPackedArtefact } from "../data/packed-images.ts";
import { readScores } from "../data/scores.ts";
import { readStudySources } from "../data/study-sources.ts";
import { handlers } from "../handlers.ts";
import { type ArtefactStore, openArtefactStore } from "../jobs/artefact-store.ts";
import type { Job } from "../jobs/job.ts";
import { performJob } from "../jobs/perform-job.ts";
import { planStudy, type StudyPlan } from "../plan.ts";
import { studyConfig } from "../testing/config.ts";
import { trainedRun } from "../testing/trained-run.ts";
import { localHandlers } from "./local-handlers.ts";

let folder: string;
let skin: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  skin = join(folder, "skin");
  await writePhantom(skin, { count: 90, size: 16, seed: 0 });
});

const shared = () => ({
  ...studyConfig(),
  data: { dataset: skin, resolution: 8, positive: "melanoma", heldOut: 0.3 },
  classifier: { kind: "network", epochs: 1, patience: 1, views: 2 },
  seeds: [0],
});
const parse = (changes: object): StudyConfig => parseStudyConfig({ ...shared(), ...changes }, "study.json");

/** Folder of a run that was trained on the set. */
const runOf = (name: string, options: Partial<TrainRequest> = {}) =>
  trainedRun(join(folder, name), { dataset: skin, ...options });

interface Performed {
  readonly plan: StudyPlan;
  readonly store: ArtefactStore;
  readonly notes: readonly string[];
}

/** Does every job of a study in this process. */
async function perform(config: StudyConfig, name: string): Promise<Performed> {
  const sources = await readStudySources(config);
  const plan = planStudy(config, sources.facts);
  const store = await openArtefactStore(join(folder, name));
  const all = { ...handlers, ...localHandlers(sources) };
  const how = { threads: 1, onProgress: silent, signal: new AbortController().signal };
  for (const job of plan.jobs.values()) await performJob(job, store, all, how);
  return { plan, store, notes: sources.notes };
}

function filesOf(path: string): string[] {
  return readdirSync(path).flatMap((name) => {
    const own = join(path, name);
    return statSync(own).isDirectory() ? filesOf(own) : [own];
  });
}

/** Hash over the contents of all artefacts. */
async function contentsOf(plan: StudyPlan, store: ArtefactStore): Promise<string> {
  const hash = createHash("sha256");
  for (const id of [...plan.jobs.keys()].sort()) {
    const artefact = (await store.find(id)) as string;
    for (const path of filesOf(artefact).sort()) hash.update(path.slice(artefact.length)).update(readFileSync(path));
  }
  return hash.digest("hex");
}

/** The classes that a classifier gives images. */
async function classesBy(classifier: string, images: string): Promise<string[]> {
  const trained = await readClassifier(classifier);
  const { classes, pixels, resolution, channels } = await readPackedArtefact(images);
  const labeller = await openLabeller(trained as TrainedResidual, classes, { resolution, channels }, 1);
  try {
    const p = await labeller.label(pixels);
    const rows = Array.from({ length: p.length / classes.length }, (_, i) =>
      p.slice(i * classes.length, (i + 1) * classes.length),
    );
    return rows.map((row) => classes[row.indexOf(Math.max(...row))]!);
  } finally {
    await labeller.close();
  }
}

test("relabel gives images the class that the classifier of the real images gives them, whatever classes the generator has", async () => {
  const run = await runOf("of five");
  const synthetic = [{ generators: ["own", "taken"], samplers: ["relabel"], only: [0.2] }];
  const generators = { own: { from: "train", images: 32 }, taken: { from: "run", run } };
  const data = { ...shared().data, heldOut: undefined };
  const apart = {
    name: "apart",
    distribution: "out",
    dataset: skin,
    classes: { melanoma: "melanoma", nevus: "other" },
  };
  const config = parse({ data, generators, testSets: [apart], arms: { duplicated: false, synthetic } });
  const { plan, store } = await perform(config, "relabelled");
  const jobs = plan.drawn.map(({ job }) => plan.jobs.get(job)!);
  expect(jobs).toHaveLength(2);
  for (const { id, inputs, parameters } of jobs) {
    const { classes, labels } = await readPackedArtefact(await found(store, id));
    const { counts } = parameters as unknown as { counts: Record<string, number> };
    expect(classes.map((_, c) => labels.filter((label) => label === c).length)).toEqual(
      classes.map((name) => counts[name]),
    );
    const said = await classesBy(await found(store, inputs.labeller!), await found(store, id));
    expect(said).toEqual(labels.map((label) => classes[label]));
  }
});

const found = async (store: ArtefactStore, id: string) => (await store.find(id)) as string;

describe("a generator from noise, a share of the patients, and every control", () => {
  const config = () =>
    parse({
      generators: { gan: { from: "train", images: 32 } },
      arms: {
        strongAugmentation: true,
        synthetic: [
          { generators: ["gan"], samplers: ["truncation:0.5", "best:2"], ratios: [0.5, "balance"], only: true },
        ],
        reduced: { generators: ["gan"], shares: [0.5] },
      },
    });

  test("artefacts are what the plan says, and the same bytes when they are made again", async () => {
    const { plan, store } = await perform(config(), "noise");
    for (const { arm, job } of plan.drawn) {
      const { counts } = plan.jobs.get(job)!.parameters as unknown as { counts: Record<string, number> };
      const { labels, classes, pixels } = await readPackedArtefact(await found(store, job));
      expect([arm, ...classes.map((_, c) => labels.filter((label) => label === c).length)]).toEqual([
        arm,
        counts.melanoma,
        counts.other,
      ]);
      expect(new Set(pixels).size).toBeGreaterThan(2);
    }
    for (const { job } of plan.trials) {
      const scores = await readScores(await found(store, job));
      for (let i = 0; i < scores.length; i += 2) expect(scores[i]! + scores[i + 1]!).toBeCloseTo(1, 5);
    }
    const again = await perform(config(), "again");
    expect(await contentsOf(again.plan, again.store)).toBe(await contentsOf(plan, store));
  });
});

test("a generator that fills maps takes those of the arm's own images", async () => {
  const config = parse({
    data: { ...shared().data, resolution: 16 },
    generators: { maps: { from: "train", model: "dermgan", images: 16 } },
    arms: { duplicated: false, synthetic: [{ generators: ["maps"], ratios: [1], classes: ["minority"] }] },
  });
  const { plan, store } = await perform(config, "maps");
  const [{ job }] = plan.drawn as [StudyPlan["drawn"][number]];
  expect(Object.keys(plan.jobs.get(job)!.inputs).sort()).toEqual(["generator", "images", "maps"]);
  const { labels } = await readPackedArtefact(await found(store, job));
  // The minority alone: as many as there are real images that are learnt from.
  expect(new Set(labels)).toEqual(new Set([0]));
  expect(labels.length).toBeGreaterThan(30);
});

test("a probe reads the features of an extractor", async () => {
  const path = join(folder, "extractor.onnx");
  const pooled = averagePool(averagePool(input("images", [16, 3, 8, 8])));
  writeFileSync(path, emitOnnx(prepare({ features: reshape(pooled, [16, 12]) })));
  const config = parse({
    generators: { gan: { from: "train", images: 16 } },
    classifier: { kind: "probe", features: `onnx:${path}` },
  });
  const { plan, store } = await perform(config, "probe");
  for (const job of plan.jobs.values()) {
    if (job.kind !== "train-classifier") continue;
    const classifier = await readClassifier(await found(store, job.id));
    expect(classifier.kind === "probe" && classifier.weights.length).toBe(2 * 12);
  }
  for (const { job } of plan.trials) expect((await readScores(await found(store, job))).length).toBeGreaterThan(0);
});

test("a generator begins from a start and learns by a frozen network, as it says; what it began from is in its file", async () => {
  const network = join(folder, "network.onnx");
  writeFileSync(network, frozenNetwork());
  const start = await runOf("start", { license: "CC0-1.0", frozen: `onnx:${network}` });
  const config = (changes: object) =>
    parse({
      generators: { gan: { from: "train", images: 48, ...changes } },
      arms: { duplicated: false, synthetic: [{ generators: ["gan"], ratios: [1] }] },
    });
  const asked = {
    start,
    frozen: `onnx:${network}`,
    startClasses: { other: "nevus" },
    set: { "features.fromImages": 0, "features.rampImages": 1 },
  };
  const { plan, store, notes } = await perform(config(asked), "begun");
  const [trained] = [...plan.jobs.values()].filter(({ kind }) => kind === "train-generator");
  expect(Object.keys(trained!.inputs).sort()).toEqual(["frozen", "images", "start"]);
  const weights = async (made: ArtefactStore, job: Job) =>
    readOnnx(readFileSync(join(await found(made, job.id), "generator.onnx")));
  const { metadata } = await weights(store, trained!);
  const { imagesSeen, startedFrom } = JSON.parse(metadata.description!);
  expect([imagesSeen, startedFrom.map(({ license }: { license: string }) => license)]).toEqual([48, ["CC0-1.0"]]);
  expect(notes.join("\n")).toMatch(
    /generator gan begins from .*start, which learned from \d+ images of .*: test images that are among them/,
  );
  // Start, its classes and the frozen network count: without each of them the training ends elsewhere.
  const lacking = [
    {},
    { ...asked, startClasses: { other: "melanoma" } },
    { start, startClasses: asked.startClasses, set: {} },
  ];
  for (const [i, changes] of lacking.entries()) {
    const other = await perform(config(changes), `other ${i}`);
    const [job] = [...other.plan.jobs.values()].filter(({ kind }) => kind === "train-generator");
    expect((await weights(other.store, job!)).metadata.weights_sha256).not.toBe(metadata.weights_sha256);
  }
}, 240_000);

test("a generator of a run draws its own classes, which become those of the study", async () => {
  const run = await runOf("run");
  // The run has seen the training split; the study must not hold out other images.
  const { plan, store: made } = await perform(
    parse({
      data: { dataset: skin, resolution: 8, positive: "melanoma" },
      generators: { gan: { from: "run", run } },
      arms: { duplicated: false, synthetic: [{ generators: ["gan"], ratios: [1] }] },
    }),
    "taken",
  );
  const [{ job }] = plan.drawn as [StudyPlan["drawn"][number]];
  const { counts } = plan.jobs.get(job)!.parameters as unknown as { counts: Record<string, number> };
  expect(Object.keys(counts).length).toBeGreaterThan(2);
  const { labels } = await readPackedArtefact(await found(made, job));
  expect(labels.filter((label) => label === 0)).toHaveLength(counts.melanoma!);
  expect(labels).toHaveLength(Object.values(counts).reduce((sum, count) => sum + count, 0));
});
