import { join } from "node:path";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { orMissing, readInside, statInside } from "../../core/inside-folder.ts";
import { parseCsv } from "../../data/csv.ts";
import { PROVENANCE, type ProvenanceRecord, readProvenance } from "../../sample/provenance.ts";
import type { FoundItem } from "../project/find-items.ts";
import { readLeftOut, writeLeftOut } from "../project/left-out.ts";
import type { OpenedProject } from "../project/open-project.ts";
import type { SetImage, SetPage } from "../project-api.ts";
import { below } from "./inside.ts";
import type { OpenedDataset } from "./opened-dataset.ts";
import { notFound } from "./reply.ts";
import { checked, jsonBody, queryOf, wholeNumber } from "./request-values.ts";
import type { OpenedWorkspace } from "./workspace.ts";

/** File of an audit with the nearest training image of each synthetic one. */
const NEAREST = "nearest.csv";

const pageQuery = z.object({
  offset: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0),
  limit: wholeNumber(1, 200).default(60),
  /** `nearest`: those most like a training image first. */
  order: z.enum(["set", "nearest"]).default("set"),
});
const leaveSchema = z.strictObject({ index: z.int().nonnegative(), leftOut: z.boolean() });

/** A line of {@link NEAREST}. */
interface Neighbour {
  readonly train: string;
  readonly transform: string;
  readonly score: number;
  readonly copy: boolean;
}

/** Paths below `/api/project/sets`: synthetic images with how they came to be and what they are nearest to. */
export function setRoutes(project: OpenedProject | null, workspace: OpenedWorkspace): Hono {
  const routes = new Hono();
  const provenance = onceChanged(readRecords);
  const neighbours = onceChanged(readNeighbours);
  /** Lists are written one after the other: each is read, changed and replaced. */
  let writing: Promise<unknown> = Promise.resolve();

  const setOf = (c: Context): { item: FoundItem; opened: OpenedDataset } | null => {
    const item = project?.item(c.req.param("id") ?? "");
    const opened = item?.kind === "set" ? workspace.dataset(item.id) : undefined;
    return item === undefined || opened === undefined ? null : { item, opened };
  };

  routes.get("/:id", async (c) => {
    const found = setOf(c);
    if (project === null || found === null) return notFound(c, "set of this id");
    const { offset, limit, order } = checked(pageQuery, queryOf(c), "the images cannot be listed like this");
    const { item, opened } = found;
    const { samples } = opened.dataset;
    const records = await provenance(item.folder, PROVENANCE);
    const audit = await project.auditOf(item);
    const near = audit === null ? null : await neighbours(audit.folder, NEAREST);
    const real = near === null ? null : await trainingOf(project, workspace, near);
    const left = await readLeftOut(project.paths.project, item.path);
    const indices = [...samples.keys()];
    const scoreOf = (i: number) => near?.get(samples[i]!.fileName)?.score ?? Number.POSITIVE_INFINITY;
    if (order === "nearest" && near !== null) indices.sort((a, b) => scoreOf(a) - scoreOf(b) || a - b);
    const images = indices.slice(offset, offset + limit).map((index): SetImage => {
      const { fileName, label } = samples[index]!;
      const neighbour = near?.get(fileName);
      const place = neighbour === undefined ? undefined : real?.places.get(neighbour.train);
      return {
        index,
        label,
        leftOut: left.has(fileName),
        record: records?.get(fileName) ?? null,
        nearest:
          neighbour === undefined || place === undefined
            ? null
            : { index: place, score: neighbour.score, transform: neighbour.transform, copy: neighbour.copy },
      };
    });
    const answer: SetPage = {
      path: item.path,
      total: samples.length,
      leftOut: samples.filter(({ fileName }) => left.has(fileName)).length,
      real: real?.id ?? null,
      images,
    };
    return c.json(answer);
  });

  routes.post("/:id/left-out", async (c) => {
    const found = setOf(c);
    if (project === null || found === null) return notFound(c, "set of this id");
    const { index, leftOut } = checked(leaveSchema, await jsonBody(c), "this image cannot be left out");
    const { item, opened } = found;
    const { samples } = opened.dataset;
    const name = samples[index]?.fileName;
    if (name === undefined) return notFound(c, "image of this number");
    const folder = project.paths.project;
    const change = writing.then(async () => {
      const left = new Set(await readLeftOut(folder, item.path));
      if (leftOut) left.add(name);
      else left.delete(name);
      const names = samples.map(({ fileName }) => fileName).filter((one) => left.has(one));
      await writeLeftOut(folder, item.path, names);
      return names.length;
    });
    writing = change.catch(() => undefined);
    return c.json({ leftOut: await change });
  });
  return routes;
}

/** Reads a file of a folder again only when it has changed; null where it is not there. */
function onceChanged<T>(read: (folder: string, name: string) => Promise<T | null>) {
  const known = new Map<string, { readonly stamp: string; readonly value: Promise<T | null> }>();
  return async (folder: string, name: string): Promise<T | null> => {
    const found = await statInside(...below(folder, name));
    if (found === null) return null;
    const stamp = `${found.mtimeNs}:${found.size}:${found.ino}`;
    const last = known.get(folder);
    if (last?.stamp === stamp) return last.value;
    const value = read(folder, name);
    known.set(folder, { stamp, value });
    // Lists of large sets are large.
    for (const old of [...known.keys()].slice(0, -2)) known.delete(old);
    return value;
  };
}

/** Keys of a record that say how an image was drawn; its name and class stand beside it. */
const shownRecord = ({
  generator,
  seed,
  drawn_as: drawnAs,
  probability,
  sampler,
  device,
  score,
  pool,
}: ProvenanceRecord) =>
  Object.fromEntries(
    Object.entries({ seed, drawnAs, sampler, probability, score, pool, device, generator }).filter(
      ([, value]) => value !== undefined,
    ),
  ) as Record<string, string | number>;

async function readRecords(
  folder: string,
  name: string,
): Promise<ReadonlyMap<string, Record<string, string | number>>> {
  const records = await readProvenance(join(folder, name));
  return new Map(records.map((record) => [record.file_name, shownRecord(record)]));
}

async function readNeighbours(folder: string, name: string): Promise<ReadonlyMap<string, Neighbour> | null> {
  const bytes = await orMissing(readInside(...below(folder, name)));
  if (bytes === null) return null;
  const { rows, problems } = parseCsv(bytes.toString("utf8"), name);
  if (problems.length > 0) throw new GanglionError("dataset", `${name} cannot be read; audit the set again`);
  return new Map(
    rows.map(([file, train, transform, score, copy]) => [
      file!,
      { train: train!, transform: transform!, score: Number(score), copy: copy === "1" },
    ]),
  );
}

/** The dataset that the audit compared with: that of the project's chain, else one that has all the images it names. */
async function trainingOf(
  project: OpenedProject,
  workspace: OpenedWorkspace,
  near: ReadonlyMap<string, Neighbour>,
): Promise<{ readonly id: string; readonly places: ReadonlyMap<string, number> } | null> {
  const { steps, items } = await project.look();
  const first = steps.find(({ name }) => name === "data")?.id;
  const others = items.filter(({ kind }) => kind === "dataset").map(({ id }) => id);
  const wanted = new Set([...near.values()].map(({ train }) => train));
  for (const id of [...(first == null ? [] : [first]), ...others]) {
    const opened = workspace.dataset(id);
    if (opened === undefined) continue;
    const places = new Map(opened.dataset.samples.map(({ fileName }, i) => [fileName, i]));
    if ([...wanted].every((name) => places.has(name))) return { id, places };
  }
  return null;
}
