import type { Tensor } from "../../graph/index.ts";
import { type R3ganConfig, r3ganArchitecture } from "../r3gan/config.ts";
import type { Private } from "./private-config.ts";
import { buildClippedSum, buildPrivateUpdate } from "./step-graphs.ts";

/** Records of a pass: a step's own number varies, and rows that are left over cost as much as others. */
export const ROWS = 16;

/** The graphs of a private run: passes without and with the penalties, then updates without and with. */
export function privateStepGraphs(config: R3ganConfig & Private): Record<string, Tensor>[] {
  const architecture = r3ganArchitecture(config);
  const { batch, gamma, penaltyInterval, beta2, epsilon } = config.recipe;
  // gamma / 2 for each of R1 and R2, times the interval.
  const weights = [0, (gamma / 2) * penaltyInterval];
  const { clip } = config.differentialPrivacy;
  return [
    ...weights.map((penaltyWeight) => buildClippedSum({ architecture, rows: ROWS, clip, penaltyWeight })),
    ...weights.map((penaltyWeight) =>
      buildPrivateUpdate({ architecture, batch, penaltyWeight, adam: { beta2, epsilon } }),
    ),
  ];
}
