import { describe, expect, test } from "vitest";
import { checkStudyJob } from "./check-job.ts";
import { defineJob, idProblem, type Job, type Json } from "./jobs/job.ts";
import { POOLED_JOBS } from "./plan.ts";
import { FACTS, plannedStudy, RUN_FACTS } from "./testing/planned-study.ts";

const pooled = (study = plannedStudy()) =>
  [...study.plan.jobs.values()].filter(({ kind }) => (POOLED_JOBS as readonly string[]).includes(kind));

describe("what a worker takes", () => {
  test("is every job that a plan hands out", () => {
    const probe = { classifier: { kind: "probe", features: "onnx:x" } };
    const run = { gan: { from: "run", run: "run" } };
    const arms = {
      synthetic: [{ generators: ["gan"], ratios: [0.5], samplers: ["random", "truncation:0.7"] }],
      reduced: { generators: ["gan"], shares: [0.5] },
      strongAugmentation: true,
    };
    const halves = [
      ...FACTS.shares,
      { share: 0.5, hash: "half", counts: [50, 10], regions: { box: [50, 10], mask: [50, 10] } },
    ];
    const studies = [
      plannedStudy(),
      plannedStudy(probe, { ...FACTS, extractor: "e" }),
      plannedStudy({ generators: run }, { ...FACTS, runs: { gan: RUN_FACTS } }),
      plannedStudy({ generators: { gan: { from: "train", model: "dermgan" } } }, FACTS),
      plannedStudy(
        {
          generators: {
            gan: { from: "train", start: "skin-64", startClasses: { positive: "nevus" }, frozen: "onnx:x" },
          },
        },
        { ...FACTS, starts: { gan: { hash: "s", data: [] } }, frozen: { gan: "f" } },
      ),
      plannedStudy({ arms }, { ...FACTS, shares: halves }),
    ];
    const kinds = new Set<string>();
    // The id still is the hash after a way through JSON: of what a queue carries and of manifests.
    for (const { plan } of studies) {
      for (const job of plan.jobs.values()) expect(idProblem(JSON.parse(JSON.stringify(job)) as Job)).toBeNull();
    }
    for (const job of studies.flatMap(pooled)) {
      kinds.add(job.kind);
      expect(checkStudyJob(job), job.title).toBeNull();
    }
    expect([...kinds].sort()).toEqual([...POOLED_JOBS].sort());
  });

  test("is no job with a parameter, a role or a kind that the plan never makes", () => {
    const changed = ({ kind, title, parameters, inputs }: Job, more: object, roles: object = {}) => ({
      ...defineJob(kind, title, { ...(parameters as object), ...more } as Json),
      inputs: { ...inputs, ...roles },
    });
    const of = (kind: string) => pooled().find((job) => job.kind === kind)!;
    const wrong: [Job, string][] = [
      [defineJob("pack-images", "x", {}), "its kind"],
      [defineJob("toString", "x", {}), "its kind"],
      [changed(of("score"), { views: "../x" }), "its parameters are not those of score in this version (views)"],
      [changed(of("score"), { more: 1 }), "its parameters"],
      [changed(of("train-classifier"), { epochs: -1 }), "(epochs)"],
      [changed(of("train-generator"), { model: "/etc/passwd" }), "(model)"],
      [changed(of("train-generator"), { set: JSON.parse('{"constructor": 1}') }), "(set.constructor)"],
      [changed(of("sample"), { sampler: "file:/etc/passwd" }), "(sampler)"],
      [changed(of("sample"), {}, { other: of("score").id }), "its inputs"],
      [changed(of("sample"), {}, { generator: "../victim" }), "(generator)"],
    ];
    for (const [job, words] of wrong) expect(checkStudyJob(job), words).toContain(words);
  });
});
