import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { SliceViews } from "../../data/dicom/slice-views.ts";
import { shippedStarts } from "../../model/shipped-starts.ts";
import { JOB_COMMANDS, type JobCommand } from "../job-forms.ts";
import { JOB_ID } from "../jobs/job-record.ts";
import { previewOf } from "../project/found-columns.ts";
import { inspectionSummary } from "../project/inspection.ts";
import { problemsOfJob } from "../project/job-problems.ts";
import type { OpenedProject } from "../project/open-project.ts";
import type { FolderListing, JobProblems } from "../project-api.ts";
import { readOpened } from "./inside.ts";
import { PICTURE_SIZES } from "./picture.ts";
import { notFound } from "./reply.ts";
import { checked, jsonBody, queryOf, wholeNumber } from "./request-values.ts";
import { REPORT_HEADERS } from "./security-headers.ts";
import type { OpenedWorkspace } from "./workspace.ts";

/** How often a project is looked at while a page follows it, in milliseconds. */
const LOOK = 1000;
/** Longest silence of a stream of events, in milliseconds: shows both ends that the other is there. */
const SILENCE = 10_000;
/** Folders of a listing. */
const MOST_FOLDERS = 2000;

const IMAGES = new Set([
  ".png",
  ".jpg",
  ".jpeg",
  ".tif",
  ".tiff",
  ".bmp",
  ".webp",
  ".gif",
  ".pgm",
  ".ppm",
  ".pnm",
  ".dcm",
  ".nii",
]);

const jobSchema = z.strictObject({
  id: z.string().regex(JOB_ID, "12 to 32 hexadecimal digits"),
  command: z.enum(JOB_COMMANDS as [JobCommand, ...JobCommand[]]),
  values: z.record(z.string(), z.unknown()),
});
const endSchema = z.strictObject({ how: z.enum(["stop", "kill"]) });
const resumeSchema = z.strictObject({ id: z.string() });
const somePath = z.string().min(1).max(4096);
const columnName = z.string().max(200).optional();
const previewSchema = z.strictObject({
  path: somePath,
  read: z
    .strictObject({
      label: columnName,
      patient: columnName,
      split: columnName,
      mask: columnName,
      skipDamaged: z.boolean().optional(),
    })
    .default({}),
});
const slicesSchema = z.strictObject({ path: somePath });
const sliceQuery = z.object({
  center: z.coerce.number().min(-1e9).max(1e9).optional(),
  width: z.coerce.number().positive().max(1e9).optional(),
  size: wholeNumber(PICTURE_SIZES.least, PICTURE_SIZES.most).default(PICTURE_SIZES.usual),
});
const inspectionQuery = z.object({ dataset: z.string().max(100).optional() });
const foldersQuery = z.object({ root: wholeNumber(0, 100).default(0), path: z.string().max(4096).default("") });
const logQuery = z.object({ offset: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0) });

/** Paths below `/api/project`. */
export function projectRoutes(
  project: OpenedProject | null,
  workspace: OpenedWorkspace,
  note: (message: string) => void,
  closing: AbortSignal,
): Hono {
  const routes = new Hono();
  const slices = new SliceViews();
  const none = (c: Context) => notFound(c, "project: a run, a study or a dataset was opened");

  routes.get("/", async (c) => (project === null ? none(c) : c.json(await project.look())));

  routes.get("/events", (c) => {
    if (project === null) return none(c);
    return streamSSE(c, async (stream) => {
      let shown = "";
      let saidAt = 0;
      while (!stream.aborted && !closing.aborted) {
        const data = await project.look().then(JSON.stringify, (error: Error) => {
          note(`studio: ${error.message}`);
          return null;
        });
        // The folder is gone, or cannot be read; the browser asks again and is told when it is back.
        if (data === null) return void (await stream.writeSSE({ event: "gone", data: "" }));
        if (data !== shown || Date.now() - saidAt >= SILENCE) {
          await stream.writeSSE({ data });
          shown = data;
          saidAt = Date.now();
        }
        await stream.sleep(LOOK);
      }
    });
  });

  routes.get("/folders", async (c) => {
    if (project === null) return none(c);
    const { root, path } = checked(foldersQuery, queryOf(c), "this folder cannot be listed");
    const from = project.paths.roots[root];
    if (from === undefined) throw new GanglionError("usage", `there is no root of number ${root}`);
    return c.json(await listFolder(await project.paths.find(join(from, path))));
  });

  routes.post("/preview", async (c) => {
    if (project === null) return none(c);
    const { path, read } = checked(previewSchema, await jsonBody(c), "this cannot be looked at");
    // What was not said is left out, so that it is no reading of its own.
    const said = Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined && value !== false));
    return c.json(await previewOf(workspace, await project.paths.find(path), said));
  });

  routes.post("/slices", async (c) => {
    if (project === null) return none(c);
    const { path } = checked(slicesSchema, await jsonBody(c), "this cannot be looked at");
    return c.json(await slices.open(await project.paths.find(path)));
  });

  routes.get("/starts/:file", async (c) => {
    const [, name] = /^(.+)\.png$/.exec(c.req.param("file")) ?? [];
    const start = (await shippedStarts()).find((one) => one.name === name);
    const png = start === undefined ? null : await readOpened(start.folder, start.picture.file);
    if (png === null) return notFound(c, "start of this name");
    return c.body(new Uint8Array(png), 200, { "Content-Type": "image/png" });
  });

  routes.get("/slices/:id/:file", async (c) => {
    const [, digits] = /^(\d{1,3})\.png$/.exec(c.req.param("file")) ?? [];
    const { center, width, size } = checked(sliceQuery, queryOf(c), "the slice cannot be shown like this");
    const window = center === undefined || width === undefined ? undefined : { center, width };
    const png = await slices.picture(c.req.param("id"), Number(digits), window, size);
    if (png === null) return notFound(c, "slice of this number");
    return c.body(new Uint8Array(png), 200, { "Content-Type": "image/png" });
  });

  routes.get("/files/:id/report.html", async (c) => {
    const item = project?.item(c.req.param("id"));
    const bytes = item === undefined ? null : await readOpened(item.folder, "report.html");
    if (bytes === null) return notFound(c, "report of this name");
    return c.body(new Uint8Array(bytes), 200, { "Content-Type": "text/html; charset=utf-8", ...REPORT_HEADERS });
  });
  return routes;
}

/** Paths below `/api/jobs`. */
export function jobRoutes(project: OpenedProject | null, workspace: OpenedWorkspace): Hono {
  const routes = new Hono();
  const none = (c: Context) => notFound(c, "job of this id");

  routes.post("/", async (c) => {
    if (project === null) return notFound(c, "project: a run, a study or a dataset was opened");
    const { id, command, values } = checked(jobSchema, await jsonBody(c), "this job cannot be run");
    const nameOf = (dataset: string, index: number) =>
      workspace.dataset(dataset)?.dataset.samples[index]?.fileName ?? null;
    return c.json(await project.jobs.add(id, command, values, nameOf), 201);
  });

  routes.post("/:id/end", async (c) => {
    const { how } = checked(endSchema, await jsonBody(c), "this job cannot be ended");
    const job = JOB_ID.test(c.req.param("id")) ? await project?.jobs.end(c.req.param("id"), how) : null;
    return job == null ? none(c) : c.json(job);
  });

  routes.post("/:id/resume", async (c) => {
    const { id } = checked(resumeSchema, await jsonBody(c), "this job cannot go on");
    const job = await project?.jobs.resume(c.req.param("id"), id);
    return job == null ? none(c) : c.json(job, 201);
  });

  routes.post("/:id/finish", async (c) => {
    const { id } = checked(resumeSchema, await jsonBody(c), "this job cannot be ended with what it has");
    const job = await project?.jobs.finish(c.req.param("id"), id);
    return job == null ? none(c) : c.json(job, 201);
  });

  routes.get("/:id", async (c) => {
    const job = await project?.jobs.store.one(c.req.param("id"));
    return job == null ? none(c) : c.json(job);
  });

  routes.get("/:id/log", async (c) => {
    const { offset } = checked(logQuery, queryOf(c), "this log cannot be read");
    const job = await project?.jobs.store.one(c.req.param("id"));
    return job == null ? none(c) : c.json(await project!.jobs.store.log(job.id, offset));
  });

  routes.get("/:id/problems", async (c) => {
    const job = await project?.jobs.store.one(c.req.param("id"));
    return job == null ? none(c) : c.json((await problemsOfJob(job, project!.paths, workspace)) satisfies JobProblems);
  });

  routes.get("/:id/inspection", async (c) => {
    const { dataset } = checked(inspectionQuery, queryOf(c), "this inspection cannot be shown");
    const opened = dataset === undefined ? undefined : workspace.dataset(dataset);
    const result = await project?.jobs.store.result(c.req.param("id"));
    const summary = inspectionSummary(result, opened?.dataset ?? null);
    return summary === null ? notFound(c, "inspection by this job") : c.json(summary);
  });
  return routes;
}

/** What a folder holds that a person may choose. Links and hidden files are left out. */
async function listFolder(folder: string): Promise<FolderListing> {
  if (!(await stat(folder)).isDirectory()) throw new GanglionError("usage", "this is a file, not a folder");
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith("."));
  const named = (list: typeof entries) =>
    list.map(({ name }) => name).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const folders = named(entries.filter((one) => one.isDirectory()));
  const files = entries.filter((one) => one.isFile());
  const archives = files.filter(({ name }) => extname(name).toLowerCase() === ".npz");
  return {
    folder,
    folders: folders.slice(0, MOST_FOLDERS),
    archives: named(archives).slice(0, MOST_FOLDERS),
    images: files.filter(({ name }) => IMAGES.has(extname(name.replace(/\.gz$/i, "")).toLowerCase())).length,
    cut: folders.length > MOST_FOLDERS,
  };
}
