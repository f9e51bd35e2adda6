import { join } from "node:path";
import { Rng } from "../../core/rng.ts";
import {
  designArchitecture,
  discriminatorLayout,
  generatorLayout,
  initialise,
  type ParameterLayout,
  presetNetworks,
  type R3ganArchitecture,
  writeCheckpoint,
  writeGenerator,
} from "../index.ts";

export interface TestRunOptions {
  /** Defaults to 8. */
  readonly resolution?: number;
  /** Defaults to 3. */
  readonly channels?: 1 | 3;
  /** Defaults to 1. */
  readonly seed?: number;
}

/** First weights with every zero made a small number, so that each layer does something. */
function weightsOf(layout: ParameterLayout, seed: number, network: string): Float32Array {
  const flat = initialise(layout, seed, network);
  const rng = new Rng(seed, "shake", network);
  for (let i = 0; i < flat.length; i++) flat[i]! += 0.05 * rng.normal();
  return flat;
}

/** Writes what `train` leaves and `sample` reads: `generator.onnx` and `checkpoints/best.safetensors`, untrained. */
export async function writeTestRun(
  folder: string,
  classNames: readonly string[],
  options: TestRunOptions = {},
): Promise<R3ganArchitecture> {
  const { resolution = 8, channels = 3, seed = 1 } = options;
  const a = designArchitecture(presetNetworks.tiny, { resolution, channels, classes: classNames.length });
  const average = weightsOf(generatorLayout(a), seed, "generator");
  const discriminator = weightsOf(discriminatorLayout(a), seed, "discriminator");
  await writeGenerator(join(folder, "generator.onnx"), a, average, {
    classes: classNames,
    resolution,
    channels,
    latent: a.latent,
    imagesSeen: 100,
    seed,
    license: "CC0-1.0",
  });
  await writeCheckpoint(join(folder, "checkpoints", "best.safetensors"), {
    architecture: a,
    classNames,
    progress: { step: 1, imagesSeen: 100, seconds: 1, augmentProbability: 0, signals: {}, best: null },
    state: {
      generator: average,
      generatorSecond: new Float32Array(average.length),
      average,
      discriminator,
      discriminatorSecond: new Float32Array(discriminator.length),
    },
  });
  return a;
}
