import { networkLayouts } from "../../model/index.ts";
import { trainingFamily } from "../known-families.ts";
import type { Start } from "./start.ts";

/** A start as a training without a frozen network would have left it; itself where it has no heads for one. */
export function withoutHeads(start: Start): Start {
  const { frozen, ...networks } = start.networks as { readonly frozen?: unknown };
  if (frozen === undefined) return start;
  const { model, resolution, channels, data } = start.origins[0]!;
  const { design } = trainingFamily({ model });
  const architecture = design({ networks, resolution, channels, dataset: { classes: data.classes } });
  // The weights of heads come last.
  const discriminator = start.discriminator?.subarray(0, networkLayouts(architecture).discriminator.length) ?? null;
  return { ...start, networks, architecture, discriminator };
}
