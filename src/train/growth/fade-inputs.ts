import { broadcastTo, concat, input, sizeOf, type Tensor } from "../../graph/index.ts";
import { type Architecture, type Network, networkLayouts, newestWeights } from "../../model/index.ts";
import { correction } from "../ramps.ts";
import type { Fade } from "./stages.ts";

/** Inputs of a step whose newest layers are faded in. */
export interface FadeInputs {
  /** Input `fade`, a scalar: the share of the newest layers in the image, 0..1. */
  readonly share: Tensor;
  /**
   * Adam's correction of a moment for each number of a network's flat vector [P]: newer layers have fewer updates behind them, so
   * that theirs is an input of its own, named `newest.NAME`.
   * @param all Of the other layers, a scalar.
   */
  corrections(network: Network, name: string, all: Tensor): Tensor;
}

/** Scalars of a step of Adam without first moments whose newest layers are faded in, by the names of {@link fadeInputs}. */
export const fadeScalars = ({ share, updates }: Fade, beta2: number): Record<string, number> => ({
  fade: share,
  "newest.correction": correction(beta2, updates),
});

/** The inputs by which a step's newest layers are faded in; null for networks without such layers. */
export function fadeInputs(a: Architecture): FadeInputs | null {
  if (a.fading === undefined) return null;
  const layouts = networkLayouts(a);
  const newest = new Map<string, Tensor>();
  return {
    share: input("fade", []),
    corrections(network, name, all) {
      const own = newest.get(name) ?? input(`newest.${name}`, []);
      newest.set(name, own);
      const isNew = newestWeights(a, network);
      const parts = layouts[network].parameters.map((weight) =>
        broadcastTo(isNew.has(weight.name) ? own : all, [sizeOf(weight.shape)]),
      );
      return concat(parts, 0);
    },
  };
}
