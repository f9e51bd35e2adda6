import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { readOpened } from "./inside.ts";
import { RESULT_TYPES } from "./opened-study.ts";
import { notFound } from "./reply.ts";
import { REPORT_HEADERS } from "./security-headers.ts";
import type { OpenedWorkspace } from "./workspace.ts";

/** How often a study is looked at, in milliseconds. */
const LOOK = 1000;
/** Longest silence of a stream of events, in milliseconds: shows both ends that the other is there. */
const SILENCE = 10_000;

/** Paths below `/api/watch`. */
export function watchRoutes(workspace: OpenedWorkspace, closing: AbortSignal): Hono {
  const routes = new Hono();
  const studyOf = (c: Context) => workspace.study(c.req.param("id") ?? "");

  routes.get("/:id", async (c) => {
    const study = studyOf(c);
    return study === undefined ? notFound(c, "study of this id") : c.json(await study.look());
  });

  routes.get("/:id/events", (c) => {
    const study = studyOf(c);
    if (study === undefined) return notFound(c, "study of this id");
    return streamSSE(c, async (stream) => {
      let shown = "";
      let saidAt = 0;
      while (!stream.aborted && !closing.aborted) {
        const watched = await study.look().catch(() => null);
        // The folder is gone; the browser asks again and is told.
        if (watched === null) return;
        const data = JSON.stringify(watched);
        if (data !== shown || Date.now() - saidAt >= SILENCE) {
          await stream.writeSSE({ data });
          shown = data;
          saidAt = Date.now();
        }
        await stream.sleep(LOOK);
      }
    });
  });

  routes.get("/:id/files/:name", async (c) => {
    const study = studyOf(c);
    const name = c.req.param("name");
    const isResult = Object.hasOwn(RESULT_TYPES, name);
    const bytes = study === undefined || !isResult ? null : await readOpened(study.folder, name);
    if (bytes === null) return notFound(c, "result of this name");
    const isPage = name === "report.html";
    return c.body(new Uint8Array(bytes), 200, {
      "Content-Type": RESULT_TYPES[name]!,
      ...(isPage ? REPORT_HEADERS : { "Content-Disposition": `attachment; filename="${name}"` }),
    });
  });
  return routes;
}
