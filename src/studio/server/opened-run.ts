import { realpath } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { readInside, readJsonInside, statInside } from "../../core/inside-folder.ts";
import { schemaText } from "../../core/schema-problems.ts";
import { readOnnx } from "../../graph/onnx/read.ts";
import { modelFamily } from "../../model/known-families.ts";
import { mapDescriptionSchema } from "../../model/map-description.ts";
import type { RunSummary } from "../api.ts";
import { folderId } from "./folder-id.ts";
import { below } from "./inside.ts";

/** What the studio needs of a run's `config.json`; the rest is the training's own business. */
const configSchema = z.looseObject({
  model: z.string(),
  resolution: z.int().positive(),
  channels: z.union([z.literal(1), z.literal(3)]),
  images: z.int().positive().nullable(),
  minutes: z.number().positive().nullable(),
  dataset: z.looseObject({ path: z.string(), label: z.string().nullable(), classes: z.array(z.string()).min(1) }),
});

export interface OpenedRun {
  readonly id: string;
  readonly name: string;
  /** Real path. */
  readonly folder: string;
  readonly config: z.infer<typeof configSchema>;
  /** What the generator says of itself; null while there is none. Read again when the file has changed. */
  generator(): Promise<GeneratorFacts | null>;
}

/** What the page is told of a generator. */
interface GeneratorFacts {
  readonly hash: string;
  readonly latent: number;
  readonly classes: readonly string[];
  readonly resolution: number;
  readonly maps?: Pick<z.infer<typeof mapDescriptionSchema>, "mapKind" | "tonesEstimated">;
}

export const GENERATOR = "generator.onnx";

const generatorSchema = z.looseObject({
  latent: z.int().nonnegative(),
  classes: z.array(z.string()).min(1),
  resolution: z.int().positive(),
});

/** @throws GanglionError `run` for a file that is no generator */
function generatorFacts(bytes: Uint8Array, path: string): GeneratorFacts {
  let description: unknown;
  try {
    description = JSON.parse(readOnnx(bytes).metadata.description ?? "");
  } catch (cause) {
    throw new GanglionError("run", `${path} does not say what it draws; train again`, { cause });
  }
  const maps = mapDescriptionSchema.safeParse(description);
  const known = generatorSchema.safeParse(description);
  if (!known.success) throw new GanglionError("run", `${path} does not say what it draws; train again`);
  const { latent, classes, resolution } = known.data;
  return { hash: sha256(bytes), latent, classes, resolution, ...(maps.success ? { maps: maps.data } : {}) };
}

/**
 * Opens a run folder for looking at and drawing in the browser.
 * @throws GanglionError `files` or `run` when its `config.json` is not a run's
 */
export async function openRunFolder(folder: string): Promise<OpenedRun> {
  const path = join(folder, "config.json");
  const value = await readJsonInside(...below(folder, "config.json"));
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) {
    const said = schemaText(configSchema, parsed.error, value, "run-config");
    throw new GanglionError("run", `${path} is not the configuration of a run (${said})`);
  }
  modelFamily(parsed.data.model, path);
  let known: { stamp: string; facts: GeneratorFacts } | undefined;
  return {
    id: folderId(folder),
    name: basename(folder),
    folder,
    config: parsed.data,
    async generator() {
      const file = join(folder, GENERATOR);
      const found = await statInside(...below(folder, GENERATOR));
      if (found === null) return null;
      const stamp = `${found.mtimeNs}:${found.size}:${found.ino}`;
      if (known?.stamp !== stamp) {
        known = { stamp, facts: generatorFacts(await readInside(...below(folder, GENERATOR)), file) };
      }
      return known.facts;
    },
  };
}

/** A run as the page lists it; a generator that cannot be read counts as none, and `note` says why. */
export async function runSummary(run: OpenedRun, note: (message: string) => void): Promise<RunSummary> {
  const { id, name, config } = run;
  const generator = await run.generator().catch((error: Error) => {
    note(`studio: ${error.message}`);
    return null;
  });
  return {
    id,
    name,
    model: config.model,
    input: modelFamily(config.model, run.folder).input,
    resolution: config.resolution,
    channels: config.channels,
    classes: generator?.classes ?? config.dataset.classes,
    latent: generator?.latent ?? 0,
    ...(generator?.maps === undefined
      ? {}
      : { mapKind: generator.maps.mapKind, tonesEstimated: generator.maps.tonesEstimated }),
    hasGenerator: generator !== null,
    generatorHash: generator?.hash ?? null,
  };
}

/** Real path of the dataset that a run was trained on, as seen from here or from the run; null when it is not there. */
export async function datasetOfRun({ folder, config }: OpenedRun): Promise<string | null> {
  for (const base of [process.cwd(), resolve(folder, "..")]) {
    const found = await realpath(resolve(base, config.dataset.path)).catch(() => null);
    if (found !== null) return found;
  }
  return null;
}
