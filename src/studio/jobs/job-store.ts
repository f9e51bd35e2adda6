import { join } from "node:path";
import { z } from "zod";
import {
  isMissing,
  listInside,
  makeFolderInside,
  openInside,
  orMissing,
  orUnusable,
  readInside,
  readJsonInside,
  removeInside,
  statInside,
  writeInside,
  writeJsonInside,
} from "../../core/inside-folder.ts";
import { MACHINE, OWNER, ownerEnded, processEnded } from "../../core/process-owner.ts";
import {
  hasEnded,
  JOB_ID,
  JOBS_FOLDER,
  type JobRecord,
  jobRecordSchema,
  jobSettingsSchema,
  type WhenStopped,
} from "./job-record.ts";
import { checkProjectThere } from "./project-there.ts";
import { writeOnce } from "./write-once.ts";

/** Content of `jobs/turns/N.json`, N from 1: who runs which job. Written once, never changed. */
const turnSchema = z.object({ job: z.string(), owner: z.string() });
type Turn = z.infer<typeof turnSchema>;

const TURNS = `${JOBS_FOLDER}/turns`;
const SETTINGS = `${JOBS_FOLDER}/settings.json`;
/** Is there while no further job may begin. */
const HOLD = `${JOBS_FOLDER}/hold`;
/** Names of the images that a job leaves out, one a line; seen from the project. */
export const leftOutFile = (id: string): string => `${JOBS_FOLDER}/${id}.left-out.txt`;
const numberOf = (n: number): string => String(n).padStart(6, "0");

/** What is asked of a job that is to end: at its next safe point, or at once. */
export type Ending = "stop" | "kill";

/** The jobs of a project as they stand. */
export interface JobsFound {
  /** Oldest first. */
  readonly jobs: readonly JobRecord[];
  /** Turns that were taken. */
  readonly turns: number;
  /** The last turn is still going on: its runner or its command lives. */
  readonly busy: boolean;
}

/**
 * Jobs of a project on disk: `ID.json` (its record), `ID.log`, `ID.result.json` (what the command printed) and `ID.end`
 * (somebody wants it to end), all in `jobs`. Jobs run one at a time: a runner takes the next number of `jobs/turns`, which only
 * one process can, and only when the turn before has ended. Whoever makes a job writes its record first; from the turn on
 * only the runner does.
 */
export class JobStore {
  /** Real path of the project. */
  readonly project: string;
  readonly #turns = new Map<number, Turn>();

  constructor(project: string) {
    this.project = project;
  }

  /**
   * @param leftOut Content of its {@link leftOutFile}; without a name there is no file. Defaults to none.
   * @returns whether the job is new; false where there is one of this id
   */
  async create(record: JobRecord, leftOut: readonly string[] = []): Promise<boolean> {
    await checkProjectThere(this.project);
    await makeFolderInside(this.project, TURNS);
    if (leftOut.length > 0) await writeInside(this.project, leftOutFile(record.id), `${leftOut.join("\n")}\n`);
    return writeOnce(join(this.project, JOBS_FOLDER, `${record.id}.json`), `${JSON.stringify(record, null, 2)}\n`);
  }

  /** Replaces a record: only its runner. */
  async write(record: JobRecord): Promise<void> {
    await checkProjectThere(this.project);
    return writeJsonInside(this.project, `${JOBS_FOLDER}/${record.id}.json`, record);
  }

  /** All jobs, and whether one of them runs. A record that cannot be read is left out. */
  async read(): Promise<JobsFound> {
    const names = await listInside(this.project, JOBS_FOLDER);
    const turns = await this.#readTurns();
    const last = turns.at(-1);
    const found: JobRecord[] = [];
    for (const name of names) {
      const id = name.replace(/\.json$/, "");
      if (name === id || !JOB_ID.test(id)) continue;
      const record = await this.#record(id);
      if (record !== null) found.push(await this.#asItIs(record, turns, last));
    }
    found.sort((a, b) => (a.created === b.created ? (a.id < b.id ? -1 : 1) : a.created < b.created ? -1 : 1));
    const current = found.find(({ id }) => id === last?.job);
    // A turn whose job left no record is over with its runner.
    const busy = last !== undefined && (current === undefined ? !ownerEnded(last.owner) : !hasEnded(current));
    return { jobs: found, turns: turns.length, busy };
  }

  /** One job as it stands; null where there is none. */
  async one(id: string): Promise<JobRecord | null> {
    const record = JOB_ID.test(id) ? await this.#record(id) : null;
    if (record === null) return null;
    const turns = await this.#readTurns();
    return this.#asItIs(record, turns, turns.at(-1));
  }

  /** Whether the runner of a job lives. */
  async isWatched(id: string): Promise<boolean> {
    const turn = (await this.#readTurns()).find(({ job }) => job === id);
    return turn !== undefined && !ownerEnded(turn.owner);
  }

  /** Takes a turn for a job. @returns false where another process was first */
  takeTurn(number: number, job: string): Promise<boolean> {
    const turn: Turn = { job, owner: OWNER };
    return writeOnce(join(this.project, TURNS, `${numberOf(number)}.json`), JSON.stringify(turn));
  }

  /** Asks for the end of a job; `kill` comes after `stop`. */
  async askToEnd(id: string, how: Ending): Promise<void> {
    await checkProjectThere(this.project);
    return writeJsonInside(this.project, `${JOBS_FOLDER}/${id}.end`, how);
  }

  /** What was asked by {@link askToEnd}; null for nothing. */
  async ending(id: string): Promise<Ending | null> {
    const found = await orUnusable(readJsonInside(this.project, `${JOBS_FOLDER}/${id}.end`));
    return found === "stop" || found === "kill" ? found : null;
  }

  /** What becomes of jobs when the studio is stopped; they go on unless a person said otherwise. */
  async whenStopped(): Promise<WhenStopped> {
    const found = await orUnusable(readJsonInside(this.project, SETTINGS)).catch(() => null);
    return jobSettingsSchema.safeParse(found).data?.whenStopped ?? "go-on";
  }

  async setWhenStopped(whenStopped: WhenStopped): Promise<void> {
    await checkProjectThere(this.project);
    await makeFolderInside(this.project, TURNS);
    await writeJsonInside(this.project, SETTINGS, { whenStopped });
  }

  /** Lets no further job begin, or lets them again. */
  async hold(holds: boolean): Promise<void> {
    if (holds) {
      await checkProjectThere(this.project);
      await writeJsonInside(this.project, HOLD, true);
    } else if (await this.isHeld()) await removeInside(this.project, HOLD);
  }

  async isHeld(): Promise<boolean> {
    return (await statInside(this.project, HOLD)) !== null;
  }

  /** A part of a job's log. @param offset In bytes; the end of what is there is `next`. */
  async log(id: string, offset: number): Promise<{ text: string; next: number }> {
    const file = await orMissing(openInside(this.project, `${JOBS_FOLDER}/${id}.log`, "read"));
    if (file === null) return { text: "", next: 0 };
    try {
      const { size } = await file.stat();
      const from = Math.min(offset, size);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size - from, 256 * 1024)), 0, null, from);
      const whole = buffer.subarray(0, bytesRead).lastIndexOf("\n") + 1;
      return { text: buffer.toString("utf8", 0, whole), next: from + whole };
    } finally {
      await file.close();
    }
  }

  /** What the command printed, a JSON object; null where it printed none. */
  async result(id: string): Promise<unknown> {
    if (!JOB_ID.test(id) || (await statInside(this.project, `${JOBS_FOLDER}/${id}.result.json`)) === null) return null;
    return orUnusable(readJsonInside(this.project, `${JOBS_FOLDER}/${id}.result.json`));
  }

  async #record(id: string): Promise<JobRecord | null> {
    try {
      const bytes = await readInside(this.project, `${JOBS_FOLDER}/${id}.json`);
      return jobRecordSchema.safeParse(JSON.parse(bytes.toString("utf8"))).data ?? null;
    } catch (cause) {
      if (isMissing(cause) || cause instanceof SyntaxError) return null;
      throw cause;
    }
  }

  async #readTurns(): Promise<Turn[]> {
    const turns: Turn[] = [];
    for (let n = 1; ; n++) {
      const known = this.#turns.get(n);
      const turn = known ?? (await this.#turn(n));
      if (turn === null) return turns;
      this.#turns.set(n, turn);
      turns.push(turn);
    }
  }

  async #turn(n: number): Promise<Turn | null> {
    const name = `${TURNS}/${numberOf(n)}.json`;
    const value = await orMissing(readJsonInside(this.project, name));
    return value === null ? null : turnSchema.parse(value);
  }

  /** A record with what became of its processes. */
  async #asItIs(record: JobRecord, turns: readonly Turn[], last: Turn | undefined): Promise<JobRecord> {
    if (hasEnded(record)) return record;
    const turn = turns.find(({ job }) => job === record.id);
    if (turn === undefined) {
      return (await this.ending(record.id)) === null ? record : { ...record, state: "cancelled" };
    }
    const alive = !ownerEnded(turn.owner) || (record.process !== null && !hasDied(record.process));
    if (alive && turn === last) return { ...record, state: "running" };
    // It may have ended well between the two looks: a runner writes the record before it ends or takes the next turn.
    const now = await this.#record(record.id);
    return now !== null && hasEnded(now) ? now : { ...record, state: "interrupted" };
  }
}

/** Whether the command's process has ended, as far as it can be seen from here. */
const hasDied = ({ machine, pid, start }: NonNullable<JobRecord["process"]>): boolean =>
  machine === MACHINE && processEnded(pid, start);
