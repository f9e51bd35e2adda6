import type { Origin } from "./origin.ts";
import { shippedStarts } from "./shipped-starts.ts";

/**
 * Origins that learned from images which nobody here has compared anything with: neither those of the training itself nor those
 * of a start that the package ships.
 * @param compared Hash of the training images that an audit compares with.
 */
export async function foreignOrigins(origins: readonly Origin[], compared: string): Promise<Origin[]> {
  const shipped = (await shippedStarts()).flatMap((start) => start.origins);
  const weights = new Set(shipped.map((origin) => origin.weights));
  const images = new Set([compared, ...shipped.map(({ data }) => data.hash)]);
  return origins.filter((origin) => !weights.has(origin.weights) && !images.has(origin.data.hash));
}

/** `2,000 images (hash 0123456789ab…)`. */
const imagesOf = ({ images, hash }: Origin["data"]): string =>
  `${images === null ? "an unknown number of" : images.toLocaleString("en-US")} images${hash === null ? "" : ` (hash ${hash.slice(0, 12)}…)`}`;

/** What is to be said of a foreign origin, one sentence. */
export const foreignOriginText = ({ weights, license, data }: Origin): string =>
  `The generator began from other networks (${weights.slice(0, 12)}…, licence ${license}), which learned from ${imagesOf(data)} that nothing here was compared with: what they remember of those images is not known.`;
