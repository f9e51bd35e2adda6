import { isDeepStrictEqual } from "node:util";
import { GanglionError } from "../core/errors.ts";
import type { Checkpoint } from "../model/index.ts";
import { architectureOf } from "./config.ts";
import { stagesOf } from "./growth/stages.ts";
import { configHash, type RunConfig } from "./run-config.ts";
import type { RunFolder } from "./run-folder.ts";

/**
 * The latest state of a run to go on from, and the folder tidied; null when the run was stopped before the first one.
 * @throws GanglionError `run` when the state was not reached with this configuration, `checkpoint` when one is damaged
 */
export async function resumeState(run: RunFolder, config: RunConfig): Promise<Checkpoint | null> {
  const latest = await run.latestCheckpoint();
  if (latest === null) return null;
  const remedy = "put back the config.json that belongs to the checkpoints, or train again in another folder";
  const stage = stagesOf(config)[latest.progress.growth?.stage ?? 0];
  const { fading, ...shapes } = latest.architecture;
  // How far the newest layers are faded in follows from the progress.
  const found = fading === undefined ? shapes : { ...shapes, fading: 0 };
  if (stage === undefined || !isDeepStrictEqual(found, architectureOf(config, stage))) {
    const message = `${run.path}: the checkpoint was made for other networks than config.json describes; ${remedy}`;
    throw new GanglionError("run", message);
  }
  if (latest.configHash !== undefined && latest.configHash !== configHash(config)) {
    const message = `${run.path}: the checkpoint was made with another recipe, seed, dataset or number of threads than config.json says; ${remedy}`;
    throw new GanglionError("run", message);
  }
  const best = await run.bestCheckpoint();
  await run.removeLeftovers();
  // Without the file of the best state, which a user may have deleted, its figure is worth nothing.
  return best === null ? { ...latest, progress: { ...latest.progress, best: null } } : latest;
}
