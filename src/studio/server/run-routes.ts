import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { DrawingSets } from "./drawing-set.ts";
import { readOpened } from "./inside.ts";
import { GENERATOR, runSummary } from "./opened-run.ts";
import { notFound } from "./reply.ts";
import { jsonBody } from "./request-values.ts";
import { readProgress, SAMPLE_NAME, statsTail } from "./run-progress.ts";
import type { OpenedWorkspace } from "./workspace.ts";

/** How often a training is looked at, in milliseconds. */
const LOOK = 1000;
/** Longest silence of a stream of events, in milliseconds: shows both ends that the other is there. */
const SILENCE = 10_000;

/** Paths below `/api/runs`. */
export function runRoutes(workspace: OpenedWorkspace, note: (message: string) => void, closing: AbortSignal): Hono {
  const routes = new Hono();
  const sets = new DrawingSets();
  const runOf = (c: Context) => workspace.run(c.req.param("id") ?? "");

  routes.get("/:id/generator.onnx", async (c) => {
    const run = runOf(c);
    const bytes = run === undefined ? null : await readOpened(run.folder, GENERATOR);
    if (bytes === null) return notFound(c, "generator of this run");
    return c.body(new Uint8Array(bytes), 200, { "Content-Type": "application/octet-stream" });
  });

  routes.get("/:id/samples/:file", async (c) => {
    const run = runOf(c);
    const name = /^(.+)\.png$/.exec(c.req.param("file"))?.[1] ?? "";
    const png =
      run === undefined || !SAMPLE_NAME.test(name) ? null : await readOpened(run.folder, `samples/${name}.png`);
    if (png === null) return notFound(c, "grid of this name");
    return c.body(new Uint8Array(png), 200, { "Content-Type": "image/png" });
  });

  routes.get("/:id/progress", async (c) => {
    const run = runOf(c);
    return run === undefined ? notFound(c, "run of this id") : c.json(await readProgress(run, statsTail(run)));
  });

  routes.get("/:id/progress/events", (c) => {
    const run = runOf(c);
    if (run === undefined) return notFound(c, "run of this id");
    return streamSSE(c, async (stream) => {
      const tail = statsTail(run);
      let shown = "";
      let saidAt = 0;
      while (!stream.aborted && !closing.aborted) {
        const progress = await readProgress(run, tail).catch((error: Error) => {
          note(`studio: ${error.message}`);
          return null;
        });
        if (progress === null) return;
        // What changes by itself while nothing happens: the time that is left.
        const { secondsLeft: _, stats, ...rest } = progress;
        const seen = JSON.stringify(rest);
        if (stats.length > 0 || seen !== shown || Date.now() - saidAt >= SILENCE) {
          await stream.writeSSE({ data: JSON.stringify(progress) });
          shown = seen;
          saidAt = Date.now();
        }
        await stream.sleep(LOOK);
      }
    });
  });

  routes.post("/:id/set", async (c) => {
    const run = runOf(c);
    if (run === undefined) return notFound(c, "run of this id");
    return c.json(await sets.add(run.folder, await runSummary(run, note), await jsonBody(c)));
  });
  return routes;
}
