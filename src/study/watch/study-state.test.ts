import { beforeEach, describe, expect, test } from "vitest";
import type { Job } from "../jobs/job.ts";
import { FACTS, type PlannedStudy, plannedStudy } from "../testing/planned-study.ts";
import type { StudyProgress } from "./progress-schema.ts";
import { openStudyState, type StudyState, type WatchedEvent } from "./study-state.ts";

const START = Date.parse("2026-01-02T03:04:05Z");
const paths = ["/somewhere/store"];

let study: PlannedStudy;
let state: StudyState;
/** Seconds since the start. */
let now: number;

function open(processes: number | null = 2, changes: object = {}, facts = FACTS): void {
  study = plannedStudy(changes, facts);
  state = openStudyState({ ...study, processes, paths, started: START });
  now = 0;
}
beforeEach(() => open());

const tell = (job: Job, told: WatchedEvent["state"], more: Partial<WatchedEvent> = {}) =>
  state.onEvent({ job, state: told, ...more }, START + 1000 * now);
const progress = () => state.progress(START + 1000 * now, []);
/** Has jobs done, each in so many seconds. */
function make(seconds: number, ...jobs: readonly Job[]): void {
  for (const job of jobs) {
    tell(job, "running");
    now += seconds;
    tell(job, "made");
  }
}
const cell = ({ arms }: StudyProgress, arm: string, seed: number) =>
  arms.find(({ name }) => name === arm)!.cells[study.config.seeds.indexOf(seed)];

describe("the cells of arms and seeds", () => {
  const balanced = "balanced by gan random";

  test("wait, run and end with the stage of their jobs", () => {
    const { ofKind, titled, scored } = study;
    expect(cell(progress(), "real", 0)).toEqual({ state: "waiting", stage: "images" });
    make(1, ...ofKind("pack-images"));
    tell(ofKind("train-generator")[0]!, "running");
    make(1, titled("train real, seed 0"));
    tell(scored("real", 0), "running");
    make(1, titled("train real, seed 1"), scored("real", 1), titled("train real, seed 2"));
    tell(titled("train real, seed 3"), "running");
    const found = progress();
    expect([0, 1, 2, 3].map((seed) => cell(found, "real", seed))).toEqual([
      { state: "running", stage: "scoring" },
      { state: "done", stage: null },
      { state: "waiting", stage: "scoring" },
      { state: "running", stage: "training" },
    ]);
    expect(cell(found, balanced, 0)).toEqual({ state: "running", stage: "generator" });
    expect(cell(found, "oversampled", 0)).toEqual({ state: "waiting", stage: "training" });
    make(1, ofKind("train-generator")[0]!);
    expect(cell(progress(), balanced, 0)).toEqual({ state: "waiting", stage: "drawing" });
    state.end("stopped");
    expect(cell(progress(), "real", 3)).toEqual({ state: "waiting", stage: "training" });
  });

  test("fail by their own jobs, and are blocked by those that others need", () => {
    const { ofKind, titled, scored } = study;
    make(1, ...ofKind("pack-images"));
    tell(ofKind("train-generator")[0]!, "failed", { message: "no memory" });
    for (const job of [...ofKind("sample"), ...ofKind("train-classifier"), ...ofKind("score")]) {
      if (/balanced|0\.5/.test(job.title)) tell(job, "blocked");
    }
    tell(titled("train real, seed 2"), "failed", { message: "lost" });
    tell(scored("real", 2), "blocked");
    state.end("failed", "2 of 66 jobs failed");
    const found = progress();
    expect(found.state).toBe("failed");
    expect(cell(found, balanced, 1)).toEqual({ state: "blocked", stage: "generator" });
    expect(cell(found, "real", 2)).toEqual({ state: "failed", stage: "training" });
    expect(found.failures).toEqual([
      { title: "train generator gan", message: "no memory" },
      { title: "train real, seed 2", message: "lost" },
    ]);
    expect(found.jobs.find(({ kind }) => kind === "score")).toMatchObject({ blocked: 9, waiting: 11, failed: 0 });
  });

  test("of a probe draw while features of what was drawn are extracted", () => {
    open(2, { classifier: { kind: "probe", features: "onnx:net.onnx" } }, { ...FACTS, extractor: "weights" });
    const { ofKind, titled } = study;
    const arm = "balanced by gan random";
    const drawn = titled(`draw for ${arm}, seed 1`);
    make(1, ...ofKind("pack-images"), ...ofKind("take-extractor"), ...ofKind("train-generator"), drawn);
    const features = ofKind("extract-features");
    make(1, ...features.filter(({ inputs }) => study.plan.jobs.get(inputs.images!)?.kind === "pack-images"));
    const own = features.find(({ inputs }) => inputs.images === drawn.id)!;
    tell(own, "running");
    expect(cell(progress(), arm, 1)).toEqual({ state: "running", stage: "drawing" });
    make(1, own);
    expect(cell(progress(), arm, 1)).toEqual({ state: "waiting", stage: "training" });
  });

  test("a job that is done again takes its failure back", () => {
    const job = study.titled("train real, seed 2");
    tell(job, "failed", { message: "lost" });
    tell(job, "waiting");
    expect(progress().failures).toEqual([]);
  });
});

describe("the time that is left", () => {
  test("is the mean of each kind for what is left, over the processes, once every kind is known", () => {
    const { ofKind } = study;
    make(1, ...ofKind("pack-images"), ...ofKind("train-generator"), ...ofKind("sample"));
    const [first, second, ...others] = ofKind("train-classifier");
    make(32, second!);
    make(14, ...others);
    // Nothing is known of scores.
    expect(progress().secondsLeft).toBeNull();
    make(4, ofKind("score")[1]!);
    tell(first!, "running");
    now += 10;
    // One classifier after 10 s of (32 + 18 x 14) / 19, and 19 scores of 4 s, by two processes.
    expect(progress().secondsLeft).toBeCloseTo(((32 + 18 * 14) / 19 - 10 + 19 * 4) / 2, 6);
    // One that takes longer than others has nothing left, not less than that.
    now += 100;
    expect(progress().secondsLeft).toBeCloseTo((19 * 4) / 2, 6);
  });

  test("is no less than the longest chain, and taken from a job that says how far it is", () => {
    open(1000);
    const { ofKind } = study;
    make(1, ...ofKind("pack-images"));
    make(10, ofKind("sample")[0]!);
    make(20, ofKind("train-classifier")[0]!);
    make(5, ofKind("score")[0]!);
    const [job] = ofKind("train-generator");
    const since = new Date(START + 1000 * now).toISOString();
    const at = (done: number) => ({ progress: { stage: "train", done, total: 100, unit: "images" } });
    tell(job!, "running");
    now += 60;
    // It goes on from a checkpoint: 10 % a minute.
    tell(job!, "running", at(50));
    expect(progress().secondsLeft).toBeNull();
    now += 60;
    tell(job!, "running", at(60));
    expect(progress().secondsLeft).toBeCloseTo(240 + 10 + 20 + 5, 6);
    expect(progress().running).toEqual([{ title: "train generator gan", since, worker: null, ...at(60) }]);
    state.end("stopped");
    expect(progress()).toMatchObject({ state: "stopped", secondsLeft: null, running: [] });
  });
});

test("over a queue a job runs when a worker has it, and workers are counted", () => {
  open(null);
  const [one, two, three] = study.ofKind("train-classifier");
  for (const job of [one, two, three]) tell(job!, "running");
  expect(progress().running).toEqual([]);
  tell(one!, "running", { worker: "box:1" });
  tell(two!, "running", { worker: "box:2" });
  now += 7;
  tell(two!, "made");
  const found = progress();
  expect(found.running.map(({ title, worker }) => [title, worker])).toEqual([[one!.title, "box:1"]]);
  expect(found.workers).toEqual([
    { name: "box:1", jobs: 0, seen: "2026-01-02T03:04:05.000Z" },
    { name: "box:2", jobs: 1, seen: "2026-01-02T03:04:12.000Z" },
  ]);
  expect(found.jobs.find(({ kind }) => kind === "train-classifier")).toMatchObject({ running: 1, made: 1 });
  // The coordinator does some jobs itself.
  tell(study.ofKind("pack-images")[0]!, "running");
  expect(progress().running).toHaveLength(2);
  tell(study.ofKind("pack-images")[0]!, "made", { worker: "process 7" });
  expect(progress().workers).toEqual(found.workers);
});

test("messages give away no path and nothing of the user's files", () => {
  open(2, { data: { dataset: "/data/Jane Doe/skin" } });
  const fail = (kind: string, message: string) => tell(study.ofKind(kind)[0]!, "failed", { message });
  fail("pack-images", "row 17 of /data/Jane Doe/skin/metadata.csv: patient Jane Doe");
  fail("sample", "cannot read /somewhere/store/artefacts/ab/x.bin: there is no such file; check the path");
  fail("score", "at file:///opt/app/x.js, `C:\\Users\\jane\\x` and /data/Jane Doe/skin/1.png: 3 images/s");
  expect(progress().failures.map(({ message }) => message)).toEqual([
    "the files could not be used; the terminal of `ganglion study` says why",
    "cannot read …: there is no such file; check the path",
    "at …, `…` and …: 3 images/s",
  ]);
  open();
  state.end("failed", "cannot write /home/jane/report.html: the disk is full");
  expect(progress().failures).toEqual([{ title: "the study", message: "cannot write …: the disk is full" }]);
  open();
  state.end("failed", "cannot use redis://:geheim@queue.lan");
  expect(progress().failures[0]!.message).not.toContain("geheim");
});
