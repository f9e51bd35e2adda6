import { type Architecture, networkLayouts } from "../../model/index.ts";
import type { Start } from "./start.ts";

/** A start as a training without a frozen network would have left it; itself where its discriminator has no heads for one. */
export function withoutHeads(start: Start): Start {
  const { heads, ...plain } = start.architecture as Architecture & { readonly heads?: unknown };
  if (heads === undefined) return start;
  const { frozen: _, ...networks } = start.networks as { readonly frozen?: unknown };
  const architecture = plain as Architecture;
  // The weights of heads come last.
  const discriminator = start.discriminator?.subarray(0, networkLayouts(architecture).discriminator.length) ?? null;
  return { ...start, networks, architecture, discriminator };
}
