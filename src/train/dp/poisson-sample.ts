import type { SecureRandom } from "./secure-random.ts";

/**
 * Images of a step: each record is taken with probability `samplingRate`, whatever becomes of the others; of a record of
 * several images one is drawn.
 * @param records Positions of each record's images.
 * @returns One position for each record taken: any number of them, none too.
 */
export function poissonSample(
  random: SecureRandom,
  records: readonly (readonly number[])[],
  samplingRate: number,
): number[] {
  const taken: number[] = [];
  for (const images of records) {
    if (random.uniform() >= samplingRate) continue;
    taken.push(images.length === 1 ? images[0]! : images[random.integer(images.length)]!);
  }
  return taken;
}
