import { Hono } from "hono";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { syntheticMarks } from "../../data/synthetic-column.ts";
import type { MakeStudyOptions, StudySource } from "../reader-study/make-study.ts";
import type { Studies } from "../reader-study/studies.ts";
import { KINDS } from "../reader-study/study-file.ts";
import { notFound } from "./reply.ts";
import { checked, jsonBody } from "./request-values.ts";
import type { OpenedWorkspace } from "./workspace.ts";

/** Most images of each kind in a study. */
const MAX_PER_KIND = 1000;
const DAY = 24 * 3600 * 1000;

/** A name as people write it; begins with a letter or a digit, so that no table takes it for a formula. */
const personName = z
  .string()
  .transform((name) => name.trim().normalize("NFC"))
  .pipe(z.string().regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._'’-]{0,63}$/u, "begin with a letter or digit, 64 at most"));
/** `all` stands for everyone in results. */
const readerName = personName.refine((name) => name.toLowerCase() !== "all", "a reader cannot be called all");

const requestSchema = z.strictObject({
  name: personName,
  realDataset: z.string(),
  syntheticDataset: z.string(),
  perKind: z.int().min(1).max(MAX_PER_KIND),
  seed: z.int().nonnegative(),
});
const answerSchema = z.strictObject({
  reader: readerName,
  key: z.string(),
  answer: z.enum(KINDS),
  milliseconds: z
    .number()
    .min(0)
    .transform((value) => Math.min(DAY, Math.round(value))),
});

/** Images of a dataset that may stand for a kind: not those that are marked as the other one. */
function sourceOf(workspace: OpenedWorkspace, id: string, kind: (typeof KINDS)[number]): StudySource {
  const opened = workspace.dataset(id);
  if (opened === undefined) throw new GanglionError("usage", `${kind} images: there is no dataset of id ${id}`);
  const { name, dataset } = opened;
  const other = kind === "real";
  const marks = syntheticMarks(dataset);
  const indices = [...dataset.samples.keys()].filter((index) => marks[index] !== other);
  if (indices.length > 0) return { name, dataset, indices };
  throw new GanglionError(
    "usage",
    `${name} holds no ${kind} images according to its column synthetic; choose another set`,
  );
}

/** Paths below `/api/studies`. */
export function studyRoutes(workspace: OpenedWorkspace, studies: Studies): Hono {
  const routes = new Hono();
  routes.get("/", async (c) => c.json(await studies.list()));

  routes.post("/", async (c) => {
    const asked = checked(requestSchema, await jsonBody(c), "this study cannot be made");
    if (asked.realDataset === asked.syntheticDataset) {
      throw new GanglionError("usage", "real and synthetic images must be of two datasets; choose another one");
    }
    const options: MakeStudyOptions = {
      name: asked.name,
      real: sourceOf(workspace, asked.realDataset, "real"),
      synthetic: sourceOf(workspace, asked.syntheticDataset, "synthetic"),
      perKind: asked.perKind,
      seed: asked.seed,
      created: new Date().toISOString(),
    };
    return c.json(await studies.make(options), 201);
  });

  routes.get("/:id/next", async (c) => {
    const reader = checked(readerName, c.req.query("reader") ?? "", "the reader's name cannot be used");
    const question = await studies.next(c.req.param("id"), reader);
    return question === null ? notFound(c, "study of this id") : c.json(question);
  });

  routes.post("/:id/answers", async (c) => {
    const answer = checked(answerSchema, await jsonBody(c), "this answer cannot be taken");
    const question = await studies.answer(c.req.param("id"), answer, new Date().toISOString());
    return question === null ? notFound(c, "study of this id") : c.json(question);
  });

  routes.get("/:id/results", async (c) => {
    const results = await studies.results(c.req.param("id"));
    return results === null ? notFound(c, "study of this id") : c.json(results);
  });

  routes.get("/:id/answers.csv", async (c) => {
    const csv = await studies.csv(c.req.param("id"));
    if (csv === null) return notFound(c, "study of this id");
    return c.body(csv, 200, {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": 'attachment; filename="answers.csv"',
    });
  });

  routes.get("/:id/results.json", async (c) => {
    const json = await studies.json(c.req.param("id"));
    if (json === null) return notFound(c, "study of this id");
    return c.body(json, 200, {
      "Content-Type": "application/json; charset=utf-8",
      "Content-Disposition": 'attachment; filename="results.json"',
    });
  });

  routes.get("/:id/images/:file", async (c) => {
    const key = /^([0-9a-f]{16})\.png$/.exec(c.req.param("file"))?.[1] ?? "";
    const png = await studies.picture(c.req.param("id"), key);
    if (png === null) return notFound(c, "image of this key");
    return c.body(new Uint8Array(png), 200, { "Content-Type": "image/png" });
  });
  return routes;
}
