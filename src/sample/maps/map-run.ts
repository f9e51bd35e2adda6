import { availableParallelism } from "node:os";
import { GanglionError } from "../../core/errors.ts";
import type { Device } from "../../graph/index.ts";
import { familyNames } from "../../model/known-families.ts";
import type { MapGenerator } from "../../model/map-generator.ts";
import { openMapGenerator } from "../../model/map-generator-file.ts";
import { runFamily } from "../run-family.ts";
import { openGeneratorFile, type RunOptions } from "../run-folder.ts";

/** A map-to-image run that images can be drawn from. Close it: it holds native memory. */
export interface MapRun {
  readonly folder: string;
  readonly generator: MapGenerator;
  readonly device: Device;
  close(): Promise<void>;
}

/**
 * Opens the folder of a map-to-image run.
 * @throws GanglionError `files` when there is no such folder, `run` when it holds no map-to-image generator or a damaged one
 */
export async function openMapRun(folder: string, { threads, device = "cpu" }: RunOptions = {}): Promise<MapRun> {
  const { name, input } = await runFamily(folder);
  if (input !== "maps") {
    const message = `${folder} is a run of ${name}, which draws from noise and takes no maps; use --counts or --per-class, or give a run of \`ganglion train --model ${familyNames("maps").join(" or ")}\``;
    throw new GanglionError("run", message);
  }
  const options = { threads: threads ?? Math.min(8, availableParallelism()), device };
  const generator = await openGeneratorFile(folder, (path) => openMapGenerator(path, options));
  return { folder, generator, device, close: () => generator.close() };
}
