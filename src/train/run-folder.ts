import { appendFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { GanglionError } from "../core/errors.ts";
import { fileError, writeFileAtomic, writeJson } from "../core/files.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../model/index.ts";
import type { RunConfig } from "./config.ts";

/** One line of `stats.jsonl`. */
export type StatsLine = Readonly<Record<string, number | string | null>> & { readonly imagesSeen: number };

/** Checkpoints that are kept besides the best one. */
const KEPT = 2;

const checkpointName = (imagesSeen: number): string => `${String(imagesSeen).padStart(9, "0")}.safetensors`;
const CHECKPOINT = /^\d{9,}\.safetensors$/;
/** Names of unfinished files that a killed process leaves; see {@link writeFileAtomic}. */
const LEFTOVER = /^\..+\.[0-9a-f]{12}\.tmp$/;

/**
 * The run folder: `config.json`, `stats.jsonl`, `samples/`, `tensorboard/`, `checkpoints/` with the latest states by
 * images seen and `best.safetensors`, and `generator.onnx`. `cache/` holds the packed training images.
 */
export class RunFolder {
  readonly path: string;

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
    return join(this.path, "checkpoints", "best.safetensors");
  }
  /** Private steps that were begun; of private runs. */
  get privacyPath(): string {
    return join(this.path, "privacy.json");
  }
  get statsPath(): string {
    return join(this.path, "stats.jsonl");
  }

  /** Makes the folder. @throws GanglionError `usage` when it holds a run already */
  async create(config: RunConfig): Promise<void> {
    let entries: string[] = [];
    try {
      await mkdir(this.path, { recursive: true });
      entries = await readdir(this.path);
    } catch (cause) {
      throw fileError("create", this.path, cause);
    }
    if (entries.includes("config.json")) {
      throw new GanglionError(
        "usage",
        `${this.path} holds a run already; add --resume to go on with it, or name another folder`,
      );
    }
    if (entries.some((name) => name !== "cache" && !LEFTOVER.test(name))) {
      throw new GanglionError("usage", `${this.path} is not empty and holds no run; name another folder`);
    }
    await this.writeConfig(config);
  }

  async writeConfig(config: RunConfig): Promise<void> {
    await writeJson(this.configPath, config);
  }

  /** Removes unfinished files of a process that was killed. */
  async removeLeftovers(): Promise<void> {
    for (const folder of [".", "samples", "checkpoints", "cache"]) {
      const names = await readdir(join(this.path, folder)).catch(() => [] as string[]);
      for (const name of names) if (LEFTOVER.test(name)) await rm(join(this.path, folder, name), { force: true });
    }
  }

  async writeSample(name: string, png: Uint8Array): Promise<void> {
    await writeFileAtomic(join(this.path, "samples", `${name}.png`), png);
  }

  /** Cuts lines behind `imagesSeen`, which a resumed run writes again. */
  async truncateStats(imagesSeen: number): Promise<void> {
    const text = await readFile(this.statsPath, "utf8").catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === "ENOENT") return "";
      throw fileError("read", this.statsPath, cause);
    });
    const kept = text.split("\n").filter((line) => {
      try {
        return (JSON.parse(line) as StatsLine).imagesSeen <= imagesSeen;
      } catch {
        return false;
      }
    });
    await writeFileAtomic(this.statsPath, kept.map((line) => `${line}\n`).join(""));
  }

  async appendStats(line: StatsLine): Promise<void> {
    try {
      await appendFile(this.statsPath, `${JSON.stringify(line)}\n`);
    } catch (cause) {
      throw fileError("write", this.statsPath, cause);
    }
  }

  /** Writes the state under its images seen and removes all but the latest ones and the best. */
  async saveCheckpoint(checkpoint: Checkpoint): Promise<void> {
    await writeCheckpoint(this.#checkpoint(checkpointName(checkpoint.progress.imagesSeen)), checkpoint);
    const names = await this.#checkpoints();
    for (const name of names.slice(0, -KEPT)) await rm(this.#checkpoint(name), { force: true });
  }

  async saveBest(checkpoint: Checkpoint): Promise<void> {
    await writeCheckpoint(this.bestPath, checkpoint);
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
    const remedy = earlier === undefined ? "delete it to begin again" : `delete it to go on from ${earlier}`;
    return readOrAdvise(this.#checkpoint(name), remedy);
  }

  /**
   * The state with the best quality, or null when there is none.
   * @throws GanglionError `checkpoint` that says how to go on when it is damaged
   */
  async bestCheckpoint(): Promise<Checkpoint | null> {
    const names = await readdir(join(this.path, "checkpoints")).catch(() => [] as string[]);
    if (!names.includes("best.safetensors")) return null;
    return readOrAdvise(this.bestPath, "delete it and --resume; the best state after that is kept");
  }

  #checkpoint(name: string): string {
    return join(this.path, "checkpoints", name);
  }

  async #checkpoints(): Promise<string[]> {
    const names = await readdir(join(this.path, "checkpoints")).catch(() => [] as string[]);
    // Numbers of equal length sort as text; a run long enough to need more digits sorts by length first.
    return names.filter((name) => CHECKPOINT.test(name)).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  }
}

/** Reads a checkpoint; an error about its content ends with what can be done in a run folder. */
async function readOrAdvise(path: string, remedy: string): Promise<Checkpoint> {
  try {
    return await readCheckpoint(path);
  } catch (cause) {
    if (!(cause instanceof GanglionError) || cause.code !== "checkpoint") throw cause;
    const { code, message, problems } = cause;
    throw new GanglionError(code, `${message}\n  ${remedy}: ${path}`, { cause, problems });
  }
}
