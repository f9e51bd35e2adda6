import type { StageSizes } from "../../model/index.ts";
import { type Designed, networkShape, type RunConfig } from "../run-config.ts";
import type { Stage } from "./stages.ts";

/**
 * Shapes of networks that double from 4 pixels up.
 * @param stage Of a training that grows: its networks are those of the configuration without the layers next to the image.
 */
export function stageDesign<S extends StageSizes, A>(
  config: Designed<RunConfig & { readonly networks: S }>,
  stage: Stage | undefined,
  design: (size: S, shape: ReturnType<typeof networkShape>) => A,
): A {
  const { networks, resolution } = config;
  const shape = networkShape(config);
  if (stage === undefined) return design(networks, shape);
  const sizes = { ...networks, mapsAt: networks.mapsAt ?? resolution };
  const whole = design(sizes, { ...shape, resolution: stage.resolution });
  return stage.fading ? { ...whole, fading: 0 } : whole;
}
