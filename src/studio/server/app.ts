import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { OpenedProject } from "../project/open-project.ts";
import { Studies } from "../reader-study/studies.ts";
import { sameSecret, showsToken, tokenCookie } from "./access-token.ts";
import { datasetRoutes } from "./dataset-routes.ts";
import { pageFile } from "./page-files.ts";
import { planRoutes } from "./plan-routes.ts";
import { jobRoutes, projectRoutes } from "./project-routes.ts";
import { releaseRoutes } from "./release-routes.ts";
import { errorReply, failureReply, notFound } from "./reply.ts";
import { refusalOf } from "./request-rules.ts";
import { runRoutes } from "./run-routes.ts";
import { NOT_KEPT, SECURITY_HEADERS } from "./security-headers.ts";
import { setRoutes } from "./set-routes.ts";
import { studyRoutes } from "./study-routes.ts";
import { isFileOfUpload, uploadRoutes } from "./upload-routes.ts";
import { watchRoutes } from "./watch-routes.ts";
import type { OpenedWorkspace } from "./workspace.ts";

export interface AppOptions {
  readonly workspace: OpenedWorkspace;
  /** Null where a run, a study or a dataset was opened, which is no place for jobs. */
  readonly project: OpenedProject | null;
  /** Address or name that is listened on. */
  readonly host: string;
  /** Port that is listened on. */
  port(): number;
  /** Secret that every request must show. */
  readonly token: string;
  /** Folder of the built page. */
  readonly pageFolder: string;
  /** Told of failures that the page is not told of. */
  note(message: string): void;
  /** Ends streams when aborted. */
  readonly closing: AbortSignal;
}

/** Longest body of a request in bytes; a mask of 1024 pixels in base64 is well below. */
const MAX_BODY_BYTES = 4 * 2 ** 20;

const UNKNOWN_VISITOR = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Ganglion studio</title>
<h1>This studio does not know you yet</h1>
<p>Open the URL that <code>ganglion studio</code> printed in the terminal, with its token. Each start has a new one.</p>
</html>
`;

/** Everything that the studio answers, in the order in which a request passes it. */
export function studioApp(options: AppOptions): Hono {
  const { workspace, project, host, token, pageFolder, note, closing } = options;
  const app = new Hono();
  const studies = new Studies(workspace.studiesParent, note);
  const isApi = (path: string) => path === "/api" || path.startsWith("/api/");

  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      // A reply that is no page of ours says itself what it may do.
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
    if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", NOT_KEPT);
  });
  app.use(async (c, next) => {
    const type = isFileOfUpload(c.req.path) ? "application/octet-stream" : "application/json";
    const refusal = refusalOf(c.req.method, c.req.raw.headers, host, options.port(), type);
    return refusal === null ? next() : errorReply(c, refusal.status, refusal.code, refusal.message);
  });
  app.use(async (c, next) => {
    const port = options.port();
    const given = c.req.query("token");
    if (given !== undefined && !isApi(c.req.path) && c.req.method === "GET" && sameSecret(given, token)) {
      const { pathname } = new URL(c.req.url);
      c.header("Set-Cookie", tokenCookie(port, token));
      return c.redirect(pathname.replace(/^[/\\]+/, "/"), 302);
    }
    if (showsToken(c.req.raw.headers, port, token)) return next();
    if (!isApi(c.req.path)) return c.html(UNKNOWN_VISITOR, 401);
    return errorReply(c, 401, "token", "the token is missing or of an earlier start; open the URL that was printed");
  });
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (c) => errorReply(c, 413, "too-large", `a request holds at most ${MAX_BODY_BYTES} bytes`),
  });
  // An upload has its own limits, and is never held in memory.
  app.use((c, next) => (isFileOfUpload(c.req.path) ? next() : limit(c, next)));

  app.get("/api/workspace", async (c) => c.json({ ...(await workspace.list()), project: project !== null }));
  app.route("/api/runs", runRoutes(workspace, note, closing));
  app.route("/api/datasets", datasetRoutes(workspace));
  app.route("/api/studies", studyRoutes(workspace, studies));
  app.route("/api/watch", watchRoutes(workspace, closing));
  app.route("/api/project/plans", planRoutes(project));
  app.route("/api/project/sets", setRoutes(project, workspace));
  app.route("/api/project/releases", releaseRoutes(project));
  app.route("/api/project", projectRoutes(project, workspace, note, closing));
  app.route("/api/jobs", jobRoutes(project, workspace));
  app.route("/api/uploads", uploadRoutes(project));
  app.all("/api/*", (c) => notFound(c, "such call"));
  app.get("*", (c) => pageFile(c, pageFolder));
  app.onError((error, c) => failureReply(c, error, note));
  app.notFound((c) => errorReply(c, 404, "not-found", "there is nothing here"));
  return app;
}
