import { expect, test } from "vitest";
import { silent } from "../core/progress.ts";
import { handlerOf } from "./job-schemas.ts";
import { defineJob } from "./jobs/job.ts";
import type { JobContext } from "./jobs/perform-job.ts";
import { LOCAL_JOBS } from "./plan.ts";
import { FACTS, plannedStudy, RUN_FACTS } from "./testing/planned-study.ts";

const context: JobContext = {
  ...{ inputs: {}, out: "", scratch: "", threads: 1, onProgress: silent },
  signal: new AbortController().signal,
};

/** Jobs of the coordinator of two studies: every kind of them. */
const local = [
  plannedStudy({ classifier: { kind: "probe", features: "onnx:x" } }, { ...FACTS, extractor: "e" }),
  plannedStudy({ generators: { gan: { from: "train", model: "dermgan" } } }, FACTS),
  plannedStudy(
    { generators: { gan: { from: "train", start: "skin-64", frozen: "onnx:x" } } },
    { ...FACTS, starts: { gan: { hash: "s", data: [] } }, frozen: { gan: "f" } },
  ),
  plannedStudy(
    { generators: { gan: { from: "run", run: "run" } } },
    {
      ...FACTS,
      runs: { gan: RUN_FACTS },
    },
  ),
].flatMap(({ plan }) => [...plan.jobs.values()].filter(({ kind }) => LOCAL_JOBS.some((own) => own === kind)));

test("handlers of the coordinator receive the parameters of the plan as they are", async () => {
  const seen = new Set<string>();
  for (const job of local) {
    const kind = LOCAL_JOBS.find((own) => own === job.kind)!;
    await handlerOf(kind, async (parameters) => {
      seen.add(kind);
      expect(JSON.stringify(parameters)).toBe(JSON.stringify(job.parameters));
    })(job, context);
  }
  expect([...seen].sort()).toEqual([...LOCAL_JOBS].sort());
});

test("a handler is not called with parameters of another form", async () => {
  const job = defineJob("score", "score it", { views: "two" });
  const never = handlerOf("score", () => Promise.reject(new Error("called")));
  await expect(never(job, context)).rejects.toMatchObject({
    code: "internal",
    message: "internal: score it: the parameters are not those of score (views)",
  });
});
