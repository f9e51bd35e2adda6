import type { FileHandle } from "node:fs/promises";
import { isMissing, listInside, openInside, orMissing, readInside } from "../../core/inside-folder.ts";
import { type LiveProgress, liveProgressSchema } from "../../train/live-progress.ts";
import { outcomeSchema } from "../../train/outcome-file.ts";
import { isBeingTrained } from "../../train/run-lock.ts";
import type { RunProgress } from "../api.ts";
import { below } from "./inside.ts";
import type { OpenedRun } from "./opened-run.ts";

type StatsLine = RunProgress["stats"][number];

/** Names of sample grids that the studio lists and sends. */
export const SAMPLE_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Follows a `stats.jsonl` while it grows. */
export class StatsTail {
  readonly #folder: string;
  #offset = 0;
  #last: StatsLine | null = null;
  #writtenAt: number | null = null;

  /** @param folder Of the run. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The newest line of those read. */
  get last(): StatsLine | null {
    return this.#last;
  }

  /** When the file was last written, in milliseconds since 1970; null while there is none. */
  get writtenAt(): number | null {
    return this.#writtenAt;
  }

  /** Whole lines since the last call; all of them when the file became shorter, as a resumed run makes it. */
  async read(): Promise<StatsLine[]> {
    let file: FileHandle | undefined;
    try {
      file = await openInside(...below(this.#folder, "stats.jsonl"), "read");
      const { size, mtimeMs } = await file.stat();
      this.#writtenAt = mtimeMs;
      if (size < this.#offset) {
        this.#offset = 0;
        this.#last = null;
      }
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(size - this.#offset),
        0,
        size - this.#offset,
        this.#offset,
      );
      const end = buffer.subarray(0, bytesRead).lastIndexOf("\n") + 1;
      this.#offset += end;
      const lines = buffer.toString("utf8", 0, end).split("\n").flatMap(parseLine);
      this.#last = lines.at(-1) ?? this.#last;
      return lines;
    } catch (cause) {
      if (isMissing(cause)) return [];
      throw cause;
    } finally {
      await file?.close();
    }
  }
}

/** A line that a killed process left torn says nothing. */
function parseLine(text: string): StatsLine[] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? [value as StatsLine] : [];
  } catch {
    return [];
  }
}

const numberOf = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);

/** Seconds until the first of the budgets is used up; null where the run has none or no rate is known yet. */
function secondsLeft(
  { images, minutes }: { readonly images: number | null; readonly minutes: number | null },
  last: StatsLine | null,
  secondsSince: number,
): number | null {
  if (last === null) return null;
  const rate = numberOf(last.imagesPerSecond);
  const lefts: number[] = [];
  if (images !== null && rate > 0) lefts.push((images - numberOf(last.imagesSeen)) / rate);
  if (minutes !== null) lefts.push(minutes * 60 - numberOf(last.seconds));
  return lefts.length === 0 ? null : Math.max(0, Math.min(...lefts) - secondsSince);
}

/** Names of the sample grids: those of words first (`real`), then by images seen. */
async function sampleNames(folder: string): Promise<string[]> {
  const names = await listInside(...below(folder, "samples"));
  const grids = names.filter((name) => name.endsWith(".png")).map((name) => name.slice(0, -".png".length));
  const isCount = (name: string) => /^\d+$/.test(name);
  return grids
    .filter((name) => SAMPLE_NAME.test(name))
    .sort((a, b) =>
      isCount(a) && isCount(b) ? Number(a) - Number(b) : Number(isCount(a)) - Number(isCount(b)) || (a < b ? -1 : 1),
    );
}

/** What the run came to; null where nothing is said, or not as this version says it. */
async function readOutcome(folder: string): Promise<RunProgress["outcome"]> {
  const bytes = await orMissing(readInside(...below(folder, "outcome.json")));
  if (bytes === null) return null;
  try {
    return outcomeSchema.safeParse(JSON.parse(bytes.toString("utf8"))).data ?? null;
  } catch {
    return null;
  }
}

/** What the process that trains wrote last, and when in milliseconds since 1970; null of an older run. */
async function readLive(folder: string): Promise<(LiveProgress & { readonly at: number }) | null> {
  const path = below(folder, "live.json");
  try {
    const file = await openInside(...path, "read");
    try {
      const [{ mtimeMs }, text] = [await file.stat(), await file.readFile("utf8")];
      const live = liveProgressSchema.safeParse(JSON.parse(text)).data;
      return live === undefined ? null : { ...live, at: mtimeMs };
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

/**
 * Where a run stands, with the lines of statistics that are new to `tail`.
 * @param now Milliseconds since 1970.
 */
export async function readProgress(run: OpenedRun, tail: StatsTail, now = Date.now()): Promise<RunProgress> {
  const { images, minutes } = run.config;
  const stats = await tail.read();
  const training = await isBeingTrained(run.folder);
  const live = await readLive(run.folder);
  const since = (writtenAt: number | null) => (writtenAt === null ? 0 : Math.max(0, now - writtenAt) / 1000);
  const stepping = live?.stage === "train" ? live : null;
  const estimated =
    stepping === null || stepping.secondsLeft === null
      ? secondsLeft({ images, minutes }, tail.last, since(tail.writtenAt))
      : Math.max(0, stepping.secondsLeft - since(stepping.at));
  return {
    state: training ? "training" : "ended",
    // What comes before and after the steps.
    stage:
      training && live !== null && stepping === null
        ? { name: live.stage, done: live.done, total: live.total, unit: live.unit }
        : null,
    images,
    minutes,
    imagesSeen: Math.max(numberOf(tail.last?.imagesSeen), stepping?.done ?? 0),
    seconds: Math.max(numberOf(tail.last?.seconds), stepping?.seconds ?? 0),
    secondsLeft: training ? estimated : null,
    stats,
    samples: await sampleNames(run.folder),
    outcome: training ? null : await readOutcome(run.folder),
  };
}

export const statsTail = ({ folder }: OpenedRun): StatsTail => new StatsTail(folder);
