import { GanglionError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A piece of work as a pure function: its artefact depends on its kind, parameters and inputs only, so that it may be
 * made anywhere, twice, or not at all where it exists already.
 */
export interface Job {
  /** SHA-256 over kind, parameters and the ids of the inputs. */
  readonly id: string;
  /** Names the handler that does it. */
  readonly kind: string;
  /** What it is, for people. No part of the id. */
  readonly title: string;
  readonly parameters: Json;
  /** Ids of the jobs whose artefacts it reads, by the role that they play. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** JSON with the keys of every object in order, so that equal values have equal texts. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") {
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new GanglionError("internal", `internal: ${value} has no text in JSON`);
    }
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const fields = Object.entries(value as Readonly<Record<string, Json>>).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(",")}}`;
}

/** Whether a text has the form of an id: 64 lower-case hexadecimal digits, so that none is a path. */
export const isJobId = (id: unknown): id is string => typeof id === "string" && /^[0-9a-f]{64}$/.test(id);

/** The id that a job of this kind, with these parameters and inputs, has. */
const idOf = ({ kind, parameters, inputs }: Pick<Job, "kind" | "parameters" | "inputs">): string =>
  sha256(canonicalJson({ kind, parameters, inputs }));

/** What is wrong with the ids of a job that came from elsewhere; null when each has the form of one and its own is its hash. */
export function idProblem(job: Job): string | null {
  if (!isJobId(job.id)) return "its id is not 64 hexadecimal digits";
  if (!Object.values(job.inputs).every(isJobId)) return "the id of an input is not 64 hexadecimal digits";
  return idOf(job) === job.id ? null : "its id is not the hash of its kind, parameters and inputs";
}

/** @throws GanglionError `run` when the ids of a job are not in order */
export function checkIds(job: Job): void {
  const problem = idProblem(job);
  if (problem !== null) throw new GanglionError("run", `${JSON.stringify(job.title)}: ${problem}; it is not done`);
}

/** A job of which the id is made here. @param inputs The jobs whose artefacts it reads, by role. */
export function defineJob(
  kind: string,
  title: string,
  parameters: Json,
  inputs: Readonly<Record<string, Job>> = {},
): Job {
  const ids = Object.fromEntries(Object.entries(inputs).map(([role, { id }]) => [role, id]));
  return { id: idOf({ kind, parameters, inputs: ids }), kind, title, parameters, inputs: ids };
}

/**
 * Jobs by id, each once, inputs before those that read them; equal jobs that were defined twice become one.
 * @throws GanglionError `internal` when an input is not among them
 */
export function jobGraph(jobs: readonly Job[]): ReadonlyMap<string, Job> {
  const known = new Map(jobs.map((job) => [job.id, job]));
  const ordered = new Map<string, Job>();
  const visit = (id: string, reader: string) => {
    if (ordered.has(id)) return;
    const job = known.get(id);
    if (job === undefined) {
      throw new GanglionError("internal", `internal: ${reader} reads the artefact of a job that is not there (${id})`);
    }
    for (const needed of Object.values(job.inputs)) visit(needed, job.title);
    ordered.set(id, job);
  };
  for (const { id, title } of jobs) visit(id, title);
  return ordered;
}
