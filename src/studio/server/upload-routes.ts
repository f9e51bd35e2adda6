import { type Context, Hono } from "hono";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { JOB_ID } from "../jobs/job-record.ts";
import type { OpenedProject } from "../project/open-project.ts";
import type { UploadList } from "../project-api.ts";
import { UPLOADS_FOLDER } from "../uploads/upload-limits.ts";
import { notFound } from "./reply.ts";
import { checked, jsonBody, queryOf } from "./request-values.ts";

/** The call that takes bytes in place of JSON: a file of an upload. */
export const isFileOfUpload = (path: string): boolean => /^\/api\/uploads\/[^/]+\/files$/.test(path);

const beginSchema = z.strictObject({
  id: z.string().regex(JOB_ID, "12 to 32 hexadecimal digits"),
  name: z.string().max(1000),
  files: z.int().min(1),
  bytes: z.int().min(0),
});
const nameSchema = z.strictObject({ name: z.string().min(1).max(255) });
const fileQuery = z.object({ path: z.string().min(1).max(4096) });

/** Paths below `/api/uploads`. */
export function uploadRoutes(project: OpenedProject | null): Hono {
  const routes = new Hono();
  const none = (c: Context) =>
    notFound(c, "upload of this id: the studio was started anew, or nothing was heard of it");
  if (project === null) return routes;
  const { uploads, jobs } = project;
  const list = async (): Promise<UploadList> => {
    const { bytes, files, unpackedBytes } = uploads.limits;
    return { limits: { bytes, files, unpackedBytes }, kept: await uploads.list() };
  };

  routes.get("/", async (c) => c.json(await list()));

  routes.post("/", async (c) => {
    const asked = checked(beginSchema, await jsonBody(c), "this cannot be uploaded");
    return c.json(await uploads.begin(asked), 201);
  });

  routes.post("/remove", async (c) => {
    const { name } = checked(nameSchema, await jsonBody(c), "this upload cannot be removed");
    if (!(await uploads.list()).some((upload) => upload.name === name)) return notFound(c, "upload of this name");
    const below = `${UPLOADS_FOLDER}/${name}/`;
    const open = (await jobs.read()).jobs.filter(({ state }) => state === "queued" || state === "running");
    if (open.some(({ words }) => words.some((word) => `${word}/`.startsWith(below)))) {
      throw new GanglionError("refused", `a job reads ${name}; wait for it, or end it first`);
    }
    await uploads.remove(name);
    return c.json(await list());
  });

  routes.post("/restore", async (c) => {
    const { name } = checked(nameSchema, await jsonBody(c), "this upload cannot be restored");
    return (await uploads.restore(name)) ? c.json(await list()) : notFound(c, "removed upload of this name");
  });

  routes.post("/:id/files", async (c) => {
    const { path } = checked(fileQuery, queryOf(c), "this file cannot be taken");
    const length = c.req.header("content-length");
    const state = await uploads.receive(
      c.req.param("id"),
      path,
      length === undefined ? null : Number(length),
      c.req.raw.body,
    );
    return state === null ? none(c) : c.json(state);
  });

  routes.post("/:id/finish", async (c) => {
    await jsonBody(c);
    const state = await uploads.finish(c.req.param("id"));
    return state === null ? none(c) : c.json(state);
  });

  routes.post("/:id/cancel", async (c) => {
    await jsonBody(c);
    const state = await uploads.cancel(c.req.param("id"));
    return state === null ? none(c) : c.json(state);
  });

  routes.get("/:id", (c) => {
    const state = uploads.state(c.req.param("id"));
    return state === null ? none(c) : c.json(state);
  });
  return routes;
}
