import { Hono } from "hono";
import { z } from "zod";
import { JOB_COMMANDS, type JobCommand } from "../job-forms.ts";
import { WHEN_STOPPED } from "../jobs/job-record.ts";
import type { OpenedProject } from "../project/open-project.ts";
import { studyPlanSchema, writeStudyPlan } from "../project/study-plan.ts";
import { notFound } from "./reply.ts";
import { checked, jsonBody } from "./request-values.ts";

const dryRunSchema = z.strictObject({
  command: z.enum(JOB_COMMANDS as [JobCommand, ...JobCommand[]]),
  values: z.record(z.string(), z.unknown()),
});
const stoppedSchema = z.strictObject({ whenStopped: z.enum(WHEN_STOPPED) });

/** Paths below `/api/project/plans`: what a command would do, and what is settled before one is run. */
export function planRoutes(project: OpenedProject | null): Hono {
  const routes = new Hono();
  const none = "project: a run, a study or a dataset was opened";

  routes.post("/dry-run", async (c) => {
    if (project === null) return notFound(c, none);
    const { command, values } = checked(dryRunSchema, await jsonBody(c), "this cannot be asked");
    return c.json(await project.dryRuns.ask(command, values, c.req.raw.signal));
  });

  routes.post("/study", async (c) => {
    if (project === null) return notFound(c, none);
    const request = checked(studyPlanSchema, await jsonBody(c), "this study cannot be planned");
    return c.json({ path: await writeStudyPlan(project.paths, request) }, 201);
  });

  routes.post("/when-stopped", async (c) => {
    if (project === null) return notFound(c, none);
    const { whenStopped } = checked(stoppedSchema, await jsonBody(c), "this cannot be settled");
    await project.jobs.store.setWhenStopped(whenStopped);
    return c.json({ whenStopped });
  });
  return routes;
}
