import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { parseStudyConfig } from "../../study/config.ts";
import type { AllowedPaths } from "../jobs/allowed-paths.ts";
import { FOLDER_NAME } from "../jobs/build-words.ts";
import { writeOnce } from "../jobs/write-once.ts";
import type { StudyPlanRequest } from "../project-api.ts";

export const studyPlanSchema = z.strictObject({
  name: z.string().regex(FOLDER_NAME, "a name of letters, digits, spaces and . _ -, 64 at most"),
  dataset: z.string().min(1).max(4096),
  positive: z.string().min(1).max(200).nullable(),
  resolution: z.int().min(8).max(256),
  seeds: z.int().min(1).max(50),
  images: z.int().min(1).max(1e9).nullable(),
  run: z.string().min(1).max(4096).nullable(),
  heldOut: z.number().min(0.05).max(0.9).nullable(),
  epochs: z.int().min(1).max(1000),
}) satisfies z.ZodType<StudyPlanRequest>;

/**
 * Writes the configuration of a short study, preset `quick` with what the form says: `NAME.json` of the project.
 * @returns its path, seen from the project
 * @throws GanglionError `usage` for a form that does not fit, or where another file has the name
 */
export async function writeStudyPlan(paths: AllowedPaths, request: StudyPlanRequest): Promise<string> {
  const { name, positive, resolution, seeds, images, heldOut, epochs } = request;
  const dataset = paths.word(await paths.find(request.dataset));
  const run = request.run === null ? null : paths.word(await paths.find(request.run));
  const trained = { from: "train", ...(images === null ? {} : { images }) };
  const value = {
    format: "ganglion.study/1",
    preset: "quick",
    data: { dataset, positive, resolution, heldOut },
    testSets: [{ name: "held-out", distribution: "in" }],
    generators: { model: run === null ? trained : { from: "run", run } },
    arms: { synthetic: [{ generators: ["model"], ratios: [1, "balance"], only: true }] },
    classifier: { kind: "network", epochs, patience: Math.max(1, Math.ceil(epochs / 3)), views: 4 },
    seeds: Array.from({ length: seeds }, (_, i) => i),
  };
  const path = `${name}.json`;
  parseStudyConfig(value, path);
  const text = `${JSON.stringify(value, null, 2)}\n`;
  const file = join(paths.project, path);
  if (await writeOnce(file, text)) return path;
  const there = await readFile(file, "utf8").catch((cause) => {
    throw fileError("open", file, cause);
  });
  if (there === text) return path;
  throw new GanglionError("usage", `${path} is there and says something else; choose another name`);
}
