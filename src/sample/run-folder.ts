import { availableParallelism } from "node:os";
import { join } from "node:path";
import { GanglionError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { listInside, readNotLinked } from "../core/inside-folder.ts";
import { type Device, readOnnx } from "../graph/index.ts";
import { type Checkpoint, readCheckpoint } from "../model/checkpoint.ts";
import { type Generator, openGenerator } from "../model/generator-file.ts";
import { type ImageScorer, scorerOf } from "../model/image-scorer.ts";
import { runFamily } from "./run-family.ts";

/** A run folder that images can be drawn from. Close it: it holds native memory. */
export interface Run {
  readonly folder: string;
  /** Name of its family. */
  readonly model: string;
  readonly generator: Generator;
  /** The discriminator that was trained with the generator; opened at the first call. @throws GanglionError */
  scorer(): Promise<ImageScorer>;
  close(): Promise<void>;
}

export interface RunOptions {
  /** Threads inside one operator; the images do not depend on it. Defaults to the number of cores, 8 at most. */
  readonly threads?: number | undefined;
  /** Where the generator computes; the discriminator scores on the CPU. Defaults to `cpu`. */
  readonly device?: Device | undefined;
}

const GENERATOR = "generator.onnx";
const CHECKPOINTS = "checkpoints";
const BEST = "best.safetensors";

/**
 * Opens a run folder.
 * @throws GanglionError `files` when there is no such folder, `run` when it holds no generator, a damaged one,
 *   or is of a family that is not known
 */
export async function openRun(folder: string, { threads, device }: RunOptions = {}): Promise<Run> {
  const options = { threads: threads ?? Math.min(8, availableParallelism()), device };
  const { name: model } = await runFamily(folder);
  const path = join(folder, GENERATOR);
  const generator = await openGeneratorFile(folder, () => openGenerator(path, options));
  let scorer: Promise<ImageScorer> | undefined;
  return {
    folder,
    model,
    generator,
    scorer() {
      scorer ??= openScorerOf(folder, path, options);
      return scorer;
    },
    async close() {
      await generator.close();
      await scorer?.then(
        (opened) => opened.close(),
        () => undefined,
      );
    },
  };
}

/** Opens the generator of a run folder; says what to do where there is none or a damaged one. @throws GanglionError `run` */
export async function openGeneratorFile<T>(folder: string, open: (path: string) => Promise<T>): Promise<T> {
  const path = join(folder, GENERATOR);
  try {
    return await open(path);
  } catch (cause) {
    if (!(cause instanceof GanglionError)) throw cause;
    const system = (cause.cause as NodeJS.ErrnoException | undefined)?.code;
    if (cause.code === "files" && system === "ENOENT") {
      const message = `${folder} holds no ${GENERATOR}; give the folder of a \`ganglion train\` run that has ended, or let it end with --resume`;
      throw new GanglionError("run", message, { cause });
    }
    if (cause.code !== "graph") throw cause;
    const message = `${path} cannot be used (${cause.message}); copy it again from where it was trained, or train again`;
    throw new GanglionError("run", message, { cause });
  }
}

/** The checkpoint whose moving average is the generator: `best` as a rule, else another one of the run. */
async function openScorerOf(folder: string, path: string, options: RunOptions): Promise<ImageScorer> {
  const wanted = readOnnx(await readNotLinked(path)).metadata.weights_sha256;
  const names = await listInside(folder, CHECKPOINTS);
  const files = names.filter((name) => name.endsWith(".safetensors") && !name.startsWith("."));
  files.sort((a, b) => Number(b === BEST) - Number(a === BEST) || (a < b ? 1 : -1));
  const found: string[] = [];
  for (const name of files) {
    let checkpoint: Checkpoint;
    try {
      checkpoint = await readCheckpoint(join(folder, CHECKPOINTS, name), folder);
    } catch (cause) {
      if (!(cause instanceof GanglionError)) throw cause;
      found.push(cause.message);
      continue;
    }
    const { average } = checkpoint.state;
    const hash = sha256(new Uint8Array(average.buffer, average.byteOffset, average.byteLength));
    if (hash === wanted) return scorerOf(checkpoint, options);
    found.push(`${name} is of another moment of the training, or of another run`);
  }
  const said = found.length === 0 ? `there is no ${CHECKPOINTS}/${BEST}` : found.join("; ");
  throw new GanglionError(
    "run",
    `${folder}: the discriminator that belongs to ${GENERATOR} is not there (${said}); reject, best, worst and diverse need it: use the whole run folder as it was written, or --sampler random or truncation:PSI`,
  );
}
