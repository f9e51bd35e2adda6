import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { removeInside, writeInside } from "../../core/inside-folder.ts";
import { MACHINE, processStart } from "../../core/process-owner.ts";
import { redactAddresses } from "../../core/redact.ts";
import { endGroup } from "./end-group.ts";
import { JOBS_FOLDER, type JobRecord } from "./job-record.ts";
import { JobStore } from "./job-store.ts";
import { MAIN } from "./main-module.ts";
import { checkProjectThere } from "./project-there.ts";

/** How often it is looked whether a job is to end, in milliseconds. */
const LOOK = 250;
/** Milliseconds between two records of the same job while it runs. */
const RECORD_EVERY = 1000;
/** Milliseconds that a command has to save what is worth saving, after which it is killed. */
const GRACE = 60_000;
/** Milliseconds between two tries to write how a job ended, and their number: somebody may make room on a full disk. */
const TRY_AGAIN = 1000;
const MOST_TRIES = 600;
/** Warnings that a record keeps. */
const MOST_WARNINGS = 20;
/** Longest result that is kept, in bytes. */
const MOST_RESULT = 16 * 2 ** 20;

/** Lines of standard error with `--progress json`, as far as a job keeps them (docs/progress.schema.json). */
const eventSchema = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("progress"),
    stage: z.string(),
    done: z.number(),
    total: z.number().nullable(),
    unit: z.string(),
    secondsLeft: z.number().nullable(),
  }),
  z.object({ event: z.enum(["note", "warning"]), message: z.string() }),
  z.object({ event: z.literal("done"), outputs: z.record(z.string(), z.string()), next: z.string().nullable() }),
  z.object({
    event: z.literal("error"),
    code: z.string(),
    message: z.string(),
    problems: z.array(z.object({ code: z.string(), path: z.string(), message: z.string() })),
  }),
]);
type JobEvent = z.infer<typeof eventSchema>;

function parseEvent(line: string): JobEvent | null {
  try {
    return eventSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * Runs the jobs of a project that wait, one after the other, until none waits or another process runs one.
 * @param project Real path.
 */
export async function runQueue(project: string): Promise<void> {
  const store = new JobStore(project);
  for (;;) {
    const { jobs, turns, busy } = await store.read();
    const next = jobs.find(({ state }) => state === "queued");
    if (next === undefined || busy || (await store.isHeld())) return;
    if (await store.takeTurn(turns + 1, next.id)) await runJob(store, next);
  }
}

/** Runs a job whose turn was taken. */
async function runJob(store: JobStore, queued: JobRecord): Promise<void> {
  const now = () => new Date().toISOString();
  const { id } = queued;
  let record: JobRecord = { ...queued, state: "running", started: now() };
  // Asked for before the turn, or between.
  if ((await store.ending(id)) !== null) return store.write({ ...record, state: "cancelled", ended: now() });
  const log = createWriteStream(join(store.project, JOBS_FOLDER, `${id}.log`), { flags: "wx" });
  // A log that cannot be written is no reason to end the work.
  log.on("error", () => undefined);
  const say = (kind: string, message: string) => {
    for (const line of redactAddresses(message).split("\n"))
      log.write(`${now().slice(11, 19)} ${kind.padEnd(10)}${line}\n`);
  };
  say("command", record.line);
  const child = spawn(process.execPath, [MAIN, ...record.words, "--json", "--progress", "json"], {
    cwd: store.project,
    // A group of its own, which ends as a whole.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once("error", (error) => {
      say("error", error.message);
      resolve({ code: null, signal: null });
    });
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  const { pid } = child;
  if (pid !== undefined) record = { ...record, process: { machine: MACHINE, pid, start: processStart(pid) } };
  const write = recordWriter(store);
  write(record);
  let stage = "";
  createInterface({ input: child.stderr }).on("line", (line) => {
    const event = parseEvent(line);
    if (event === null) return say("text", line);
    if (event.event === "progress") {
      const { event: _, ...progress } = event;
      if (progress.stage !== stage) say("stage", progress.stage);
      stage = progress.stage;
      record = { ...record, progress };
      return write(record, true);
    }
    if (event.event === "done") record = { ...record, outputs: event.outputs, next: event.next };
    else if (event.event === "error") {
      const { event: _, ...error } = event;
      record = { ...record, error };
      say("error", error.message);
    } else {
      say(event.event, event.message);
      if (event.event === "warning") {
        const warnings = [...record.warnings, redactAddresses(event.message)].slice(-MOST_WARNINGS);
        record = { ...record, warnings };
      }
    }
    write(record);
  });
  const printed: Buffer[] = [];
  let length = 0;
  child.stdout.on("data", (piece: Buffer) => {
    length += piece.length;
    if (length <= MOST_RESULT) printed.push(piece);
  });
  const looking = pid === undefined ? undefined : watchEnding(store, id, pid, say);
  const { code, signal } = await ended;
  clearInterval(looking);
  const asked = await store.ending(id);
  // What the command started and left behind goes with it.
  if (asked !== null && pid !== undefined) endGroup(pid, "SIGKILL");
  if (length > MOST_RESULT) say("note", `the result has ${length} bytes and is not kept`);
  // A training that was to pause and could not save its state has failed.
  const gaveUp = asked !== null && record.error?.code !== "files";
  const state = code === 0 ? "done" : gaveUp ? "cancelled" : code === 3 ? "refused" : "failed";
  say(state, signal === null ? `exit code ${code}` : `ended by ${signal}`);
  await new Promise((resolve) => log.end(resolve));
  const last: JobRecord = { ...record, state, ended: now(), exitCode: code, signal };
  await whileThere(store, async () => {
    if (length > 0 && length <= MOST_RESULT) await writeResult(store, id, Buffer.concat(printed));
    await write.last(last);
  });
  await removeInside(store.project, `${JOBS_FOLDER}/${id}.end`);
}

/** Does what may fail for lack of room until it succeeds, for ten minutes at most. @throws what fails, at once where the project is gone */
async function whileThere({ project }: JobStore, work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      await checkProjectThere(project);
      if (tries >= MOST_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN));
    }
  }
}

async function writeResult({ project }: JobStore, id: string, bytes: Buffer): Promise<void> {
  await checkProjectThere(project);
  await writeInside(project, `${JOBS_FOLDER}/${id}.result.json`, bytes);
}

/** Writes records one after the other; of those that wait only the newest. */
function recordWriter(store: JobStore) {
  let waiting: JobRecord | null = null;
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const record = waiting;
    waiting = null;
    // A disk that is full fails the last record alone, which says what became of the job.
    if (record !== null) writing = writing.then(() => store.write(record)).catch(() => undefined);
  };
  const write = (record: JobRecord, later = false) => {
    waiting = record;
    if (!later) flush();
    else timer ??= setTimeout(flush, RECORD_EVERY);
  };
  return Object.assign(write, {
    async last(record: JobRecord): Promise<void> {
      flush();
      await writing;
      await store.write(record);
    },
  });
}

/** Ends the group of a job when that is asked for: gently first, for good after a while or on a second demand. */
function watchEnding(store: JobStore, id: string, pid: number, say: (kind: string, message: string) => void) {
  let stoppedAt = 0;
  return setInterval(async () => {
    const asked = await store.ending(id).catch(() => null);
    if (asked === null) return;
    if (stoppedAt === 0) {
      stoppedAt = Date.now();
      say("note", "asked to end");
      endGroup(pid, "SIGTERM");
    }
    if (asked === "kill" || Date.now() - stoppedAt > GRACE) endGroup(pid, "SIGKILL");
  }, LOOK);
}
