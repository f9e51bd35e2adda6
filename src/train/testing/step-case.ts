import { Rng } from "../../core/rng.ts";
import {
  designArchitecture,
  discriminatorLayout,
  generatorLayout,
  initialise,
  presetNetworks,
  type R3ganArchitecture,
} from "../../model/index.ts";
import { allocateAugment, drawAugment } from "../draw-augment.ts";
import { buildStep, type StepOptions } from "../r3gan/step-graph.ts";

/** Networks small enough for the interpreter, in which nothing is square or a power of two that need not be. */
export const architecture: R3ganArchitecture = {
  ...designArchitecture(presetNetworks.tiny, { resolution: 8, channels: 3, classes: 2 }),
  code: 4,
  // The code, then a number of noise for each pixel at 8 pixels.
  latent: 4 + 8 ** 2,
  embedding: 3,
  generatorWidths: [6, 5],
  discriminatorWidths: [6, 5],
};
export const BATCH = 3;
export const ADAM = { beta2: 0.9, epsilon: 1e-4 };
export const RATES = { generator: 0.02, discriminator: 0.01 };
export const CORRECTION = 1 / (1 - 0.9 ** 3);
export const DECAY = 0.7;
export const layouts = { generator: generatorLayout(architecture), discriminator: discriminatorLayout(architecture) };

/** Weights of which none is zero, so that every layer does something, and second moments of a run under way. */
function stateOf(name: "generator" | "discriminator") {
  const rng = new Rng(name, "state");
  const weights = initialise(layouts[name], 1, name).map((w) => w + 0.1 * rng.normal());
  return { weights, second: weights.map(() => 0.01 * rng.uniform()) };
}
const [g, d] = [stateOf("generator"), stateOf("discriminator")];

/** State of a training under way. */
export const state = {
  generator: g.weights,
  generatorSecond: g.second,
  average: g.weights.map((w) => 0.9 * w),
  discriminator: d.weights,
  discriminatorSecond: d.second,
};

function inputsOf(): Record<string, Float32Array> {
  const arrays = allocateAugment(2 * BATCH, 3, 8);
  const options = { rotate: true, flip: true, translate: 0.1, scale: 0.2, brightness: 0.1, contrast: 0.2 };
  drawAugment(new Rng("augment"), arrays, 0.7, options, { count: 2 * BATCH, channels: 3, size: 8 });
  return {
    real: new Rng("real").fillNormal(new Float32Array(BATCH * 192)).map((x) => x / 2),
    labels: Float32Array.of(1, 0, 0, 1, 1, 0),
    z: new Rng("z").fillNormal(new Float32Array(BATCH * architecture.latent)),
    ...Object.fromEntries(Object.entries(arrays).map(([name, data]) => [`augment.${name}`, data])),
    generatorRate: Float32Array.of(RATES.generator),
    discriminatorRate: Float32Array.of(RATES.discriminator),
    correction: Float32Array.of(CORRECTION),
    decay: Float32Array.of(DECAY),
  };
}

/** A step's inputs besides the state. */
export const inputs = inputsOf();
export const feeds: Readonly<Record<string, Float32Array>> = { ...state, ...inputs };

export const step = (
  updates: StepOptions["updates"],
  penaltyWeight: StepOptions["penaltyWeight"] = 0.7,
  lossScaled = false,
  options: Pick<StepOptions, "conditioned" | "classLoss"> = {},
) => buildStep({ architecture, batch: BATCH, penaltyWeight, updates, adam: ADAM, lossScaled, ...options });
