import { existsSync } from "node:fs";
import { readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { GanglionError } from "../core/errors.ts";
import { fileError } from "../core/files.ts";
import {
  appendInside,
  listInside,
  makeFolderInside,
  orMissing,
  readInside,
  removeInside,
  writeInside,
  writeJsonInside,
} from "../core/inside-folder.ts";
import { makeFolder } from "../core/make-folder.ts";
import { TEMPORARY_NAME } from "../core/scratch/temporary-beside.ts";
import { RUN_SPLIT, type SplitTable, writeSplitTable } from "../data/index.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../model/index.ts";
import type { LiveProgress } from "./live-progress.ts";
import type { Outcome } from "./outcome-file.ts";
import type { MeasuredState } from "./quality-monitor.ts";
import type { RunConfig } from "./run-config.ts";

/** One line of `stats.jsonl`. */
export type StatsLine = Readonly<Record<string, number | string | null>> & { readonly imagesSeen: number };

/** Checkpoints that are kept besides the best one. */
const KEPT = 2;

const CHECKPOINTS = "checkpoints";
const BEST = `${CHECKPOINTS}/best.safetensors`;
const STATS = "stats.jsonl";
const LIVE = "live.json";
const OUTCOME = "outcome.json";
const checkpointName = (imagesSeen: number): string => `${String(imagesSeen).padStart(9, "0")}.safetensors`;
const CHECKPOINT = /^\d{9,}\.safetensors$/;

/**
 * The run folder: `config.json`, `split.csv` where images were held out for it, `stats.jsonl`, `samples/`, `tensorboard/`, `checkpoints/` with the latest states by
 * images seen and `best.safetensors`, `generator.onnx`, and `outcome.json` once it has ended. `cache/` holds the packed training images. Links below the folder
 * are refused, for reading and writing.
 */
export class RunFolder {
  readonly path: string;
  /** What `create` found: names in the folder, and the first folder that it made. */
  #found: { readonly names: readonly string[]; readonly made: string | undefined } | undefined;

  constructor(path: string) {
    this.path = path;
  }

  get configPath(): string {
    return join(this.path, "config.json");
  }
  get generatorPath(): string {
    return join(this.path, "generator.onnx");
  }
  get cachePath(): string {
    return join(this.path, "cache");
  }
  get tensorboardPath(): string {
    return join(this.path, "tensorboard");
  }
  get bestPath(): string {
    return join(this.path, BEST);
  }
  /** Private steps that were begun; of private runs. */
  get privacyPath(): string {
    return join(this.path, "privacy.json");
  }
  get statsPath(): string {
    return join(this.path, STATS);
  }

  /** Makes the folder. @param heldOut Split that was drawn for the run, to be kept. @throws GanglionError `usage` when it holds a run already */
  async create(config: RunConfig, heldOut?: SplitTable): Promise<void> {
    let entries: string[] = [];
    let made: string | undefined;
    try {
      made = await makeFolder(this.path);
      entries = await readdir(this.path);
    } catch (cause) {
      throw fileError("create", this.path, cause);
    }
    if (entries.includes("config.json")) {
      throw new GanglionError(
        "usage",
        `${this.path} already holds a run; add --resume to continue it, or name another folder`,
      );
    }
    if (entries.some((name) => name !== "cache" && name !== RUN_SPLIT && !TEMPORARY_NAME.test(name))) {
      throw new GanglionError("usage", `${this.path} is not empty and holds no run; name another folder`);
    }
    this.#found = { names: entries, made };
    try {
      if (heldOut !== undefined) await writeSplitTable(this.path, RUN_SPLIT, heldOut);
      await this.writeConfig(config);
    } catch (cause) {
      await this.withdraw();
      throw cause;
    }
  }

  /**
   * Takes a run back whose training did not begin, so that the same command, corrected, finds the place as it was: removes what
   * was written since `create` and the folders that it made. A run with a state of images seen, statistics or private steps
   * stays, and one that `create` of this object did not make. What cannot be removed stays.
   */
  async withdraw(): Promise<void> {
    if (this.#found === undefined) return;
    const { names, made } = this.#found;
    this.#found = undefined;
    const reached = (await this.#checkpoints()).some((name) => name !== checkpointName(0));
    const counted = ((await orMissing(readInside(this.path, STATS)))?.length ?? 0) > 0;
    if (reached || counted || existsSync(this.bestPath) || existsSync(this.privacyPath)) return;
    for (const name of await readdir(this.path).catch(() => [] as string[])) {
      if (names.includes(name)) continue;
      await rm(join(this.path, name), { recursive: true, force: true }).catch(() => undefined);
    }
    if (made === undefined) return;
    const first = resolve(made);
    for (let folder = resolve(this.path); folder.length >= first.length; folder = dirname(folder)) {
      try {
        await rmdir(folder);
      } catch {
        return;
      }
    }
  }

  async writeConfig(config: RunConfig): Promise<void> {
    await writeJsonInside(this.path, "config.json", config);
  }

  /** Makes the folder of {@link cachePath}. @throws GanglionError `files` for a link in its place */
  async makeCache(): Promise<void> {
    await makeFolderInside(this.path, "cache");
  }

  /** Removes unfinished files of a process that was killed. @throws GanglionError `files` for a linked folder */
  async removeLeftovers(): Promise<void> {
    for (const folder of [".", "samples", CHECKPOINTS, "cache"]) {
      const names = await listInside(this.path, folder);
      for (const name of names) if (TEMPORARY_NAME.test(name)) await removeInside(this.path, join(folder, name));
    }
  }

  async writeSample(name: string, png: Uint8Array): Promise<void> {
    await writeInside(this.path, `samples/${name}.png`, png);
  }

  /** Cuts lines behind `imagesSeen`, which a resumed run writes again. */
  async truncateStats(imagesSeen: number): Promise<void> {
    const kept = (await this.#statsLines()).filter((line) => line.imagesSeen <= imagesSeen);
    await writeInside(this.path, STATS, kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  async appendStats(line: StatsLine): Promise<void> {
    await appendInside(this.path, STATS, `${JSON.stringify(line)}\n`);
  }

  /** What the statistics say of measured states, oldest first. */
  async measuredStates(): Promise<MeasuredState[]> {
    return (await this.#statsLines()).flatMap(({ imagesSeen, distance, score }) =>
      typeof distance === "number"
        ? [{ imagesSeen, distance, score: typeof score === "number" ? score : distance }]
        : [],
    );
  }

  async #statsLines(): Promise<StatsLine[]> {
    const text = (await orMissing(readInside(this.path, STATS)))?.toString("utf8") ?? "";
    return text.split("\n").flatMap((line) => {
      try {
        return [JSON.parse(line) as StatsLine];
      } catch {
        return [];
      }
    });
  }

  async writeOutcome(outcome: Outcome): Promise<void> {
    await writeJsonInside(this.path, OUTCOME, outcome);
  }

  /** Writes `live.json`. Nobody waits for it: a disk that refuses is said by what must be written. */
  async writeLive(live: LiveProgress): Promise<void> {
    await writeJsonInside(this.path, LIVE, live).catch(() => undefined);
  }

  /** Takes back what was said of a training that now goes on. */
  async removeOutcome(): Promise<void> {
    await orMissing(removeInside(this.path, OUTCOME));
  }

  /** Writes the state under its images seen and removes all but the latest ones and the best. */
  async saveCheckpoint(checkpoint: Checkpoint): Promise<void> {
    await writeCheckpoint(this.#checkpoint(checkpointName(checkpoint.progress.imagesSeen)), checkpoint, this.path);
    const names = await this.#checkpoints();
    for (const name of names.slice(0, -KEPT)) await removeInside(this.path, `${CHECKPOINTS}/${name}`);
  }

  async saveBest(checkpoint: Checkpoint): Promise<void> {
    await writeCheckpoint(this.bestPath, checkpoint, this.path);
  }

  /**
   * The latest state, or null when there is none.
   * @throws GanglionError `checkpoint` that says how to go on when it is damaged
   */
  async latestCheckpoint(): Promise<Checkpoint | null> {
    const names = await this.#checkpoints();
    const name = names.at(-1);
    if (name === undefined) return null;
    const earlier = names.at(-2);
    const remedy = earlier === undefined ? "delete it to start again" : `delete it to continue from ${earlier}`;
    return readOrAdvise(this.path, this.#checkpoint(name), remedy);
  }

  /**
   * The state with the best quality, or null when there is none.
   * @throws GanglionError `checkpoint` that says how to go on when it is damaged
   */
  async bestCheckpoint(): Promise<Checkpoint | null> {
    const names = await listInside(this.path, CHECKPOINTS);
    if (!names.includes("best.safetensors")) return null;
    return readOrAdvise(this.path, this.bestPath, "delete it and --resume; the best state after that is kept");
  }

  #checkpoint(name: string): string {
    return join(this.path, CHECKPOINTS, name);
  }

  async #checkpoints(): Promise<string[]> {
    const names = await listInside(this.path, CHECKPOINTS);
    // Numbers of equal length sort as text; a run long enough to need more digits sorts by length first.
    return names.filter((name) => CHECKPOINT.test(name)).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  }
}

/** Reads a checkpoint; an error about its content ends with what can be done in a run folder. */
async function readOrAdvise(folder: string, path: string, remedy: string): Promise<Checkpoint> {
  try {
    return await readCheckpoint(path, folder);
  } catch (cause) {
    if (!(cause instanceof GanglionError) || cause.code !== "checkpoint") throw cause;
    const { code, message, problems } = cause;
    throw new GanglionError(code, `${message}\n  ${remedy}: ${path}`, { cause, problems });
  }
}
