import { type AnyTensor, flopsOf, prepare, sizeOf, topologicalOrder } from "../graph/index.ts";
import type { Stage } from "./growth/stages.ts";
import type { RunConfig } from "./run-config.ts";
import { stepGraphs } from "./step-graphs.ts";

/** What one graph of a step costs, by the graph alone: nothing is compiled. */
export interface StepCost {
  /** 10^9 floating-point operations of products and convolutions. */
  readonly gigaflops: number;
  /** Most that values take at one time when they are computed in order and dropped after their last use, in bytes. */
  readonly liveBytes: number;
}

/** The costs of {@link stepGraphs}, in their order. */
export const stepCosts = (config: RunConfig, stage?: Stage): StepCost[] =>
  stepGraphs(config, stage).map((graph) => {
    const order = topologicalOrder(Object.values(prepare(graph)));
    const flops = order.reduce((sum, node) => sum + flopsOf(node), 0);
    return { gigaflops: flops / 1e9, liveBytes: 4 * liveNumbers(order) };
  });

function liveNumbers(order: readonly AnyTensor[]): number {
  const lastUse = new Map<number, number>();
  for (const [position, node] of order.entries()) for (const { id } of node.inputs) lastUse.set(id, position);
  let [now, most] = [0, 0];
  for (const [position, node] of order.entries()) {
    now += sizeOf(node.shape);
    most = Math.max(most, now);
    for (const input of new Set(node.inputs)) if (lastUse.get(input.id) === position) now -= sizeOf(input.shape);
  }
  return most;
}
