import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { fileError } from "../core/files.ts";
import { orUnusable, readInside, readJsonInside } from "../core/inside-folder.ts";
import { readOnnx } from "../graph/index.ts";
import type { ModelFamily } from "../model/family.ts";
import { inputOfFormat } from "../model/generator-file.ts";
import { DEFAULT_FAMILY, familyNames, modelFamily } from "../model/known-families.ts";
import { RUN_FORMAT } from "../model/run-format.ts";

/** What is asked of the family of a run. */
export type RunFamily = Pick<ModelFamily, "name" | "input">;

const namedSchema = z.object({ model: z.string(), format: z.string().optional() });

/** What a description in a generator file calls its family; null where it does not. */
function describedFamily(description: string | undefined): string | null {
  try {
    const parsed = namedSchema.safeParse(JSON.parse(description ?? ""));
    return parsed.success ? parsed.data.model : null;
  } catch {
    return null;
  }
}

/**
 * Which family a run is of: by its `config.json`, else by its generator (a folder may be copied without the first).
 * @throws GanglionError `files` when there is no such folder, `run` when it is a file, or of a format or family that is not known
 */
export async function runFamily(folder: string): Promise<RunFamily> {
  try {
    if (!(await stat(folder)).isDirectory()) {
      const message = `${folder} is a file; give the run folder that \`ganglion train --out\` wrote`;
      throw new GanglionError("run", message);
    }
  } catch (cause) {
    throw cause instanceof GanglionError ? cause : fileError("open the run", folder, cause);
  }
  const path = join(folder, "config.json");
  const stated = namedSchema.safeParse(await orUnusable(readJsonInside(folder, "config.json")));
  if (stated.success) {
    const { model, format = RUN_FORMAT } = stated.data;
    if (format !== RUN_FORMAT) {
      const message = `${path}: the format is ${JSON.stringify(format)}, and this version reads ${RUN_FORMAT}; use the version that trained the run`;
      throw new GanglionError("run", message);
    }
    return modelFamily(model, path);
  }
  const file = join(folder, "generator.onnx");
  const bytes = await orUnusable(readInside(folder, "generator.onnx"));
  const metadata = bytes === null ? {} : metadataOf(bytes);
  const input = inputOfFormat(metadata.format ?? "");
  // What is wrong with a generator is said by whoever opens it.
  if (input === undefined) return modelFamily(DEFAULT_FAMILY, file);
  return modelFamily(describedFamily(metadata.description) ?? familyNames(input)[0]!, file);
}

function metadataOf(bytes: Uint8Array): Readonly<Record<string, string>> {
  try {
    return readOnnx(bytes).metadata;
  } catch {
    return {};
  }
}
