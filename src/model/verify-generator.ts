import { join } from "node:path";
import { GanglionError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { listInside } from "../core/inside-folder.ts";
import { readOnnx } from "../graph/index.ts";
import { type Checkpoint, readCheckpoint } from "./checkpoint.ts";
import { encodeGenerator, type GeneratorDescription } from "./generator-file.ts";
import { familyOf } from "./known-families.ts";
import type { MapDescription } from "./map-description.ts";
import { encodeMapGenerator } from "./map-generator-file.ts";

const CHECKPOINTS = "checkpoints";

/** The checkpoint of a run whose averaged weights have this hash; null where none has. */
async function checkpointOf(run: string, weights: string | undefined): Promise<Checkpoint | null> {
  const names = await listInside(run, CHECKPOINTS).catch(() => []);
  for (const name of names.filter((each) => each.endsWith(".safetensors"))) {
    let checkpoint: Checkpoint;
    try {
      checkpoint = await readCheckpoint(join(run, CHECKPOINTS, name), run);
    } catch (cause) {
      if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
      continue;
    }
    const { average } = checkpoint.state;
    if (sha256(new Uint8Array(average.buffer, average.byteOffset, average.byteLength)) === weights) return checkpoint;
  }
  return null;
}

/**
 * Whether a generator file is, byte for byte, what training writes for the weights of a checkpoint of its run: then no unused
 * weights, no other operators and no words are in it.
 * @param known What the file says of itself, as this version reads it: other keys are words of somebody else.
 */
export async function verifyGenerator(
  run: string,
  bytes: Uint8Array,
  known: GeneratorDescription | MapDescription,
): Promise<"as-written" | "no-checkpoint" | "other-content"> {
  const { metadata } = readOnnx(bytes);
  const checkpoint = await checkpointOf(run, metadata.weights_sha256);
  if (checkpoint === null) return "no-checkpoint";
  const { architecture: a, state } = checkpoint;
  const described = JSON.parse(metadata.description ?? "{}") as GeneratorDescription & MapDescription;
  if (Object.keys(described).some((key) => !Object.hasOwn(known, key))) return "other-content";
  const encode = familyOf(a).input === "maps" ? encodeMapGenerator : encodeGenerator;
  return Buffer.from(encode(a, state.average, described)).equals(bytes) ? "as-written" : "other-content";
}
