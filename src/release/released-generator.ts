import { sha256 } from "../core/hash.ts";
import { readInside } from "../core/inside-folder.ts";
import type { GeneratorDescription, MapDescription } from "../model/index.ts";
import { openMapRun, openRun, runFamily } from "../sample/index.ts";
import type { ModelFacts } from "./card/model-card.ts";

/** The one file of a run that may leave it. */
const GENERATOR = "generator.onnx";

/** A generator that is to be released: the bytes of its file and what it says of itself. */
export interface ReleasedGenerator {
  readonly bytes: Uint8Array;
  readonly facts: ModelFacts;
  /** All that the file says of itself. */
  readonly description: GeneratorDescription | MapDescription;
}

/**
 * Reads the generator of a run, and nothing else of the folder. The file is checked against its seal.
 * @throws GanglionError `files` or `run`
 */
export async function readReleasedGenerator(run: string): Promise<ReleasedGenerator> {
  const { name: model, input } = await runFamily(run);
  const opened = await (input === "maps" ? openMapRun(run) : openRun(run));
  try {
    const { description } = opened.generator;
    const { resolution, channels, latent, classes, imagesSeen } = description;
    const bytes = await readInside(run, GENERATOR);
    const facts = { model, input, resolution, channels, latent, classes, imagesSeen, hash: sha256(bytes) };
    return { bytes, facts, description };
  } finally {
    await opened.close();
  }
}
