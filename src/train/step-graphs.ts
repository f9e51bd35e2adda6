import type { Tensor } from "../graph/index.ts";
import { architectureOf, type RunConfig } from "./config.ts";
import { buildDermganStep } from "./dermgan/step-graph.ts";
import { isPrivate } from "./dp/private-config.ts";
import { privateStepGraphs } from "./dp/run-graphs.ts";
import { buildStep } from "./r3gan/step-graph.ts";

/** Outputs of a training step by name. */
export type StepGraph = Record<string, Tensor>;

/**
 * The graphs that steps run, `scheduleRun` says which: of r3gan the step without the gradient penalty and the one with it, of
 * dermgan the one there is; of a private run those of `privateStepGraphs`.
 */
export function stepGraphs(config: RunConfig): StepGraph[] {
  if (config.model === "dermgan") {
    return [buildDermganStep({ architecture: architectureOf(config), recipe: config.recipe })];
  }
  if (isPrivate(config)) return privateStepGraphs(config);
  const architecture = architectureOf(config);
  const { batch, updates, gamma, penaltyInterval, beta2, epsilon } = config.recipe;
  const lossScaled = config.precision === "half";
  const graphOf = (penaltyWeight: number) =>
    buildStep({ architecture, batch, penaltyWeight, updates, adam: { beta2, epsilon }, lossScaled });
  return [graphOf(0), graphOf(gamma * penaltyInterval)];
}
