import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { GanglionError } from "../../core/errors.ts";
import { placed } from "../../core/quoted.ts";
import { type Checkpoint, type Origin, readCheckpoint } from "../../model/index.ts";
import { architectureOf, readConfig } from "../config.ts";
import { RunFolder } from "../run-folder.ts";
import { type Start, weightsHash } from "./start.ts";

/**
 * Opens networks to begin a training from: the folder of a run, of which the best state is taken, or one of its checkpoints.
 * @param license Under which the start may be used, where it names none itself.
 * @throws GanglionError `usage` when nothing is there or no licence is named, `run`, `checkpoint` or `graph` when it is
 * damaged or something else
 */
export async function openStart(path: string, license?: string): Promise<Start> {
  if (!existsSync(path)) {
    throw new GanglionError("usage", `--from ${placed(path)}: there is no such file or folder; ${WANTED}`);
  }
  if (statSync(path).isDirectory()) {
    if (existsSync(join(path, "config.json"))) return openRunStart(path, license);
    throw new GanglionError("usage", `--from ${placed(path)}: the folder holds no run (no config.json); ${WANTED}`);
  }
  const folder = dirname(dirname(path));
  if (path.endsWith(".safetensors") && existsSync(join(folder, "config.json"))) {
    return openRunStart(folder, license, await readCheckpoint(path, folder), path);
  }
  throw new GanglionError("usage", `--from ${placed(path)}: it is no start; ${WANTED}`);
}

const WANTED = "give the folder of a run, or a file in its checkpoints folder";

/** The licence of a start. @throws GanglionError `usage` where none is named */
function licenseOf(path: string, said: string, stated: string | undefined): string {
  const license = said.trim() || stated?.trim() || "";
  if (license !== "") return license;
  const message = `--from ${placed(path)}: it names no licence under which its weights may be used; state it with --from-license ID (LicenseRef-own for images of your own)`;
  throw new GanglionError("usage", message);
}

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
