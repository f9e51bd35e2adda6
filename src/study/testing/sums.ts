import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { defineJob, type Job } from "../jobs/job.ts";

/**
 * Handlers of a toy study. `number` writes its number; `sum` adds up what it reads; both append a line to a journal, wait
 * and go wrong as their parameters say. `climb` counts up to its number, a line each, and goes on from where it was killed.
 */
const HANDLERS = `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
const begin = async (job) => {
  const { journal, wait = 0, failTimes = 0, flag } = job.parameters;
  appendFileSync(journal, job.title + "\\n");
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  if (flag !== undefined && !existsSync(flag)) throw new Error("the flag is not there");
  const tries = readFileSync(journal, "utf8").split("\\n").filter((line) => line === job.title).length;
  if (tries <= failTimes) throw new Error("failed on purpose, try " + tries);
  if (job.parameters.dieTimes >= tries) process.kill(process.pid, "SIGKILL");
};
const write = (out, value) => writeFileSync(join(out, "value.json"), JSON.stringify(value));
const read = (folder) => JSON.parse(readFileSync(join(folder, "value.json"), "utf8"));
export const check = ({ kind }) => (["number", "climb", "sum"].includes(kind) ? null : "its kind is none of these");
export const handlers = {
  async number(job, { out }) {
    await begin(job);
    write(out, job.parameters.value);
  },
  async climb(job, { out, scratch }) {
    const step = join(scratch, "step.json");
    const begun = existsSync(step) ? JSON.parse(readFileSync(step, "utf8")) : 0;
    const { journal, value, dieAt } = job.parameters;
    for (let at = begun + 1; at <= value; at++) {
      appendFileSync(journal, job.title + ", step " + at + "\\n");
      writeFileSync(step, JSON.stringify(at));
      if (at === dieAt) process.kill(process.pid, "SIGKILL");
    }
    write(out, value);
  },
  async sum(job, { inputs, out, onProgress }) {
    await begin(job);
    onProgress({ stage: "sum", done: 1, total: 1, unit: "sums" });
    write(out, Object.values(inputs).reduce((total, folder) => total + read(folder), 0));
  },
};
`;

/** What is wrong with a job of a toy study; the module of the handlers has the same as `check`. */
export const checkToyJob = ({ kind }: Job): string | null =>
  ["number", "climb", "sum"].includes(kind) ? null : "its kind is none of these";

/** Writes the handlers into a folder. @returns their URL */
export function writeSumHandlers(folder: string): string {
  const path = join(folder, "handlers.mjs");
  writeFileSync(path, HANDLERS);
  return pathToFileURL(path).href;
}

export interface ToyParameters {
  /** Milliseconds of each job. */
  readonly wait?: number;
  /** Tries that fail before one does not. */
  readonly failTimes?: number;
  /** Tries in which the process kills itself. */
  readonly dieTimes?: number;
  /** File without which the job fails. */
  readonly flag?: string;
}

export const numberJob = (journal: string, value: number, more: ToyParameters = {}): Job =>
  defineJob("number", `number ${value}`, { journal, value, ...more });

export const sumJob = (journal: string, inputs: readonly Job[], more: ToyParameters = {}): Job =>
  defineJob(
    "sum",
    `sum of ${inputs.map(({ title }) => title).join(", ")}`,
    { journal, ...more },
    Object.fromEntries(inputs.map((job, i) => [`${i}`, job])),
  );

/** @param dieAt Step at which its process kills itself. */
export const climbJob = (journal: string, value: number, dieAt: number): Job =>
  defineJob("climb", `climb to ${value}`, { journal, value, dieAt });
