import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { GanglionError } from "../../core/errors.ts";
import { listed, placed } from "../../core/quoted.ts";
import { type Checkpoint, type Origin, readCheckpoint, START_FILE, startFolders } from "../../model/index.ts";
import { architectureOf, readConfig } from "../config.ts";
import { stagesOf } from "../growth/stages.ts";
import { RunFolder } from "../run-folder.ts";
import { openGeneratorStart } from "./generator-start.ts";
import { openPackedStart } from "./packed-start.ts";
import { type Start, weightsHash } from "./start.ts";
import { licenseOf } from "./start-license.ts";

/**
 * Opens networks to begin a training from: the folder of a run, of which the best state is taken, one of its checkpoints, or a
 * generator file, a start in a folder of its own, or the name of one that the package ships.
 * @param license Under which the start may be used, where it names none itself.
 * @throws GanglionError `usage` when nothing is there or no licence is named, `run`, `checkpoint` or `graph` when it is
 * damaged or something else
 */
export async function openStart(path: string, license?: string): Promise<Start> {
  if (!existsSync(path)) {
    const shipped = await startFolders();
    const found = shipped.find(({ folder, start }) => (start?.name ?? basename(folder)) === path);
    if (found !== undefined) return openPackedStart(found.folder, path);
    const names = shipped.flatMap(({ start }) => start?.name ?? []);
    throw new GanglionError(
      "usage",
      `--from ${placed(path)}: there is no such file, folder or start${names.length === 0 ? "" : ` (${listed(names)})`}; ${WANTED}`,
    );
  }
  if (statSync(path).isDirectory()) {
    if (existsSync(join(path, "config.json"))) return openRunStart(path, license);
    if (existsSync(join(path, START_FILE))) return openPackedStart(path, path);
    throw new GanglionError("usage", `--from ${placed(path)}: the folder holds no run (no config.json); ${WANTED}`);
  }
  const folder = dirname(dirname(path));
  if (path.endsWith(".safetensors") && existsSync(join(folder, "config.json"))) {
    return openRunStart(folder, license, await readCheckpoint(path, folder), path);
  }
  if (path.endsWith(".safetensors")) {
    const message = `--from ${placed(path)}: the file is not in the checkpoints folder of its run, whose config.json says what it holds; ${WANTED}`;
    throw new GanglionError("usage", message);
  }
  try {
    return await openGeneratorStart(path, license);
  } catch (cause) {
    // What no ONNX model is, the reader of models knows by its bytes alone.
    if (!(cause instanceof GanglionError) || cause.code !== "graph" || cause.message.includes(path)) throw cause;
    throw new GanglionError("run", `--from ${placed(path)}: ${cause.message}; ${WANTED}`, { cause });
  }
}

const WANTED = "give the folder of a run, a file in its checkpoints folder, or a generator.onnx";

/**
 * @param chosen Defaults to the best state of the run, or the latest where none was measured.
 * @param path As the start was given.
 */
async function openRunStart(
  folder: string,
  stated: string | undefined,
  chosen: Checkpoint | null = null,
  path = folder,
): Promise<Start> {
  const run = new RunFolder(folder);
  const config = await readConfig(run.configPath);
  const best = existsSync(run.bestPath) ? await readCheckpoint(run.bestPath, folder) : null;
  const checkpoint = chosen ?? best ?? (await run.latestCheckpoint());
  if (checkpoint === null) {
    const message = `--from ${placed(path)}: the run holds no state to begin from (checkpoints/best.safetensors)`;
    throw new GanglionError("run", message);
  }
  if (config.recipe.grow !== undefined && checkpoint.progress.growth?.stage !== stagesOf(config).length - 1) {
    const message = `--from ${placed(path)}: its networks have not grown to their ${config.resolution} pixels yet; --resume that training first`;
    throw new GanglionError("run", message);
  }
  if (!isDeepStrictEqual(checkpoint.architecture, architectureOf(config))) {
    const message = `--from ${placed(path)}: its checkpoint is of other networks than its config.json describes; use a folder that nobody changed`;
    throw new GanglionError("run", message);
  }
  const license = licenseOf(path, config.license, stated);
  const { architecture, state, progress, classNames } = checkpoint;
  const { model, preset, networks, dataset } = config;
  const { hash, counts, classes } = dataset;
  const own: Origin = {
    name: null,
    weights: weightsHash(state.average),
    model,
    resolution: config.resolution,
    channels: config.channels,
    imagesSeen: progress.imagesSeen,
    license,
    data: { title: null, hash, images: counts.reduce((a, b) => a + b, 0), classes },
  };
  const { generator, average, discriminator } = state;
  const origins = [own, ...(config.start?.origins ?? [])];
  return { path, architecture, classNames, preset, networks, generator, average, discriminator, origins };
}
