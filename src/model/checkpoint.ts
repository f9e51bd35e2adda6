import { dirname, relative } from "node:path";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { readInside, writeInside } from "../core/inside-folder.ts";
import type { Architecture } from "./family.ts";
import { modelFamily } from "./known-families.ts";
import { joinParameter, type ParameterLayout, splitFlat } from "./parameters.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "./safetensors.ts";
import { stateLayouts, stateNames, type TrainingState } from "./state.ts";

const progressSchema = z.object({
  step: z.int().nonnegative(),
  imagesSeen: z.int().nonnegative(),
  /** Seconds of training so far, over all sittings. */
  seconds: z.number().nonnegative(),
  /** Probability p of the adaptive augmentation. */
  augmentProbability: z.number().min(0).max(1),
  /** Moving averages that the loop decides by; NaN is kept as null. */
  signals: z.record(z.string(), z.number().nullable()),
  /** The state with the least score so far; runs of earlier versions ranked states by distance alone, or by KID. */
  best: z
    .union([
      z.object({
        ...{ distance: z.number(), score: z.number(), imagesSeen: z.int() },
        figures: z.record(z.string(), z.number()),
      }),
      z.object({ distance: z.number(), imagesSeen: z.int() }),
      z.object({ kid: z.number(), imagesSeen: z.int() }),
    ])
    .nullable(),
  /** Budget of minutes: what the clock said when it was last noted; absent where no minutes are counted. */
  pace: z
    .object({ imagesSeen: z.int(), seconds: z.number().nonnegative(), secondsPerImage: z.number().nonnegative() })
    .optional(),
  /**
   * Where a training that grows is: the position of its stage, the updates before it, and how far its newest layers are faded in;
   * absent where none grows.
   */
  growth: z
    .object({
      stage: z.int().nonnegative(),
      updates: z.int().nonnegative(),
      reached: z.number().min(0).max(1).optional(),
    })
    .optional(),
  /** Sum and count of each figure since the last line of statistics; absent where there are none. */
  window: z.record(z.string(), z.object({ sum: z.number(), count: z.int() })).optional(),
});

/** Everything besides the weights that the next step depends on; random numbers depend on seed and step alone. */
export type TrainingProgress = z.infer<typeof progressSchema>;

const namedSchema = z.looseObject({ model: z.string() });

/** @throws GanglionError `checkpoint` for an unknown family, zod's own error for what is damaged */
function parseArchitecture(value: unknown, path: string): Architecture {
  const { model } = namedSchema.parse(value);
  return modelFamily(model, path, "checkpoint").architectureSchema.parse(value);
}

export interface Checkpoint {
  readonly architecture: Architecture;
  readonly classNames: readonly string[];
  readonly progress: TrainingProgress;
  readonly state: TrainingState;
  /** SHA-256 of what the run's configuration says of the arithmetic; absent where no run wrote the checkpoint. */
  readonly configHash?: string;
}

const FORMAT = "ganglion.checkpoint/1";

/**
 * Writes a checkpoint atomically: one tensor a parameter and state, `STATE/PARAMETER`.
 * @param folder Below which no link is followed. Defaults to that of the file.
 */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint, folder = dirname(path)): Promise<void> {
  const layouts = stateLayouts(checkpoint.architecture);
  const tensors: Record<string, StoredTensor> = {};
  for (const state of stateNames(checkpoint.architecture)) {
    const parts = splitFlat(layouts[state]!, checkpoint.state[state]!);
    for (const { name, shape } of layouts[state]!.parameters)
      tensors[`${state}/${name}`] = { shape, data: parts[name]! };
  }
  const metadata = {
    format: FORMAT,
    architecture: JSON.stringify(checkpoint.architecture),
    classes: JSON.stringify(checkpoint.classNames),
    progress: JSON.stringify(checkpoint.progress),
    ...(checkpoint.configHash === undefined ? {} : { config_sha256: checkpoint.configHash }),
  };
  await writeInside(folder, relative(folder, path), encodeSafetensors(tensors, metadata));
}

/**
 * Reads a checkpoint whole.
 * @throws GanglionError `files` when it cannot be read, `checkpoint` when it is damaged or of another format
 */
export async function readCheckpoint(path: string, folder = dirname(path)): Promise<Checkpoint> {
  const { tensors, metadata } = decodeSafetensors(await readInside(folder, relative(folder, path)), path);
  const remedy = "use another checkpoint of the run, or train again";
  if (metadata.format !== FORMAT) {
    throw new GanglionError(
      "checkpoint",
      `${path} is not a checkpoint of ganglion (format ${metadata.format}); ${remedy}`,
    );
  }
  let head: Omit<Checkpoint, "state">;
  try {
    head = {
      architecture: parseArchitecture(JSON.parse(metadata.architecture!), path),
      classNames: z.array(z.string()).parse(JSON.parse(metadata.classes!)),
      progress: progressSchema.parse(JSON.parse(metadata.progress!)),
    };
  } catch (cause) {
    if (cause instanceof GanglionError) throw cause;
    throw new GanglionError("checkpoint", `${path} has a damaged description; ${remedy}`, { cause });
  }
  const layouts = stateLayouts(head.architecture);
  const state = Object.fromEntries(
    stateNames(head.architecture).map((name) => [name, joinFlat(path, name, layouts[name]!, tensors)]),
  ) as TrainingState;
  return { ...head, state, configHash: metadata.config_sha256! };
}

function joinFlat(
  path: string,
  state: string,
  layout: ParameterLayout,
  tensors: Readonly<Record<string, StoredTensor>>,
): Float32Array {
  const flat = new Float32Array(layout.length);
  for (const parameter of layout.parameters) {
    const { name, shape } = parameter;
    const tensor = tensors[`${state}/${name}`];
    if (!(tensor?.data instanceof Float32Array) || `${tensor.shape}` !== `${shape}`) {
      throw new GanglionError(
        "checkpoint",
        `${path}: tensor ${state}/${name} should be float32 [${shape}], found ${tensor === undefined ? "none" : `[${tensor.shape}]`}; the run was made for other networks`,
      );
    }
    joinParameter(parameter, tensor.data, flat);
  }
  return flat;
}
