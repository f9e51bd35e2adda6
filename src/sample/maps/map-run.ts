import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { orUnusable, readInside, readJsonInside } from "../../core/inside-folder.ts";
import { type Device, readOnnx } from "../../graph/index.ts";
import { MAP_GENERATOR_FORMAT } from "../../model/map-description.ts";
import type { MapGenerator } from "../../model/map-generator.ts";
import { openMapGenerator } from "../../model/map-generator-file.ts";
import { openGeneratorFile, type RunOptions } from "../run-folder.ts";

/** Models a run may be of. */
export type RunModel = "r3gan" | "dermgan";

/** A map-to-image run that images can be drawn from. Close it: it holds native memory. */
export interface MapRun {
  readonly folder: string;
  readonly generator: MapGenerator;
  readonly device: Device;
  close(): Promise<void>;
}

const modelSchema = z.object({ model: z.enum(["r3gan", "dermgan"]) });

/**
 * Which model a run is of: by its `config.json`, else by its generator (a folder may be copied without the first).
 * @throws GanglionError `files` when there is no such folder, `run` when nothing in it says what it is
 */
export async function runModel(folder: string): Promise<RunModel> {
  try {
    if (!(await stat(folder)).isDirectory()) {
      const message = `${folder} is a file; give the run folder that \`ganglion train --out\` wrote`;
      throw new GanglionError("run", message);
    }
  } catch (cause) {
    throw cause instanceof GanglionError ? cause : fileError("open the run", folder, cause);
  }
  const config = await orUnusable(readJsonInside(folder, "config.json"));
  const stated = modelSchema.safeParse(config);
  if (stated.success) return stated.data.model;
  const bytes = await orUnusable(readInside(folder, "generator.onnx"));
  // What is wrong with a generator is said by whoever opens it.
  if (bytes === null) return "r3gan";
  try {
    return readOnnx(bytes).metadata.format === MAP_GENERATOR_FORMAT ? "dermgan" : "r3gan";
  } catch {
    return "r3gan";
  }
}

/**
 * Opens the folder of a map-to-image run.
 * @throws GanglionError `files` when there is no such folder, `run` when it holds no map-to-image generator or a damaged one
 */
export async function openMapRun(folder: string, { threads, device = "cpu" }: RunOptions = {}): Promise<MapRun> {
  if ((await runModel(folder)) !== "dermgan") {
    const message = `${folder} is a run of r3gan, which draws from noise and takes no maps; use --counts or --per-class, or give a run of \`ganglion train --model dermgan\``;
    throw new GanglionError("run", message);
  }
  const options = { threads: threads ?? Math.min(8, availableParallelism()), device };
  const generator = await openGeneratorFile(folder, (path) => openMapGenerator(path, options));
  return { folder, generator, device, close: () => generator.close() };
}
