import { resizeSquare, toPlanes, withChannels } from "../../data/index.ts";
import { imageOfPlanes, type Labeller } from "../../sample/index.ts";
import { openResidualReader } from "./residual-reader.ts";
import type { TrainedResidual } from "./train-residual.ts";

/** Turns and flips of an image over which the probabilities are averaged. */
const VIEWS = 4;

/** Size of the images that a labeller is given. */
interface ImageSize {
  readonly resolution: number;
  readonly channels: 1 | 3;
}

/**
 * A trained classifier as one that says the classes of drawn images.
 * @param classes Of the images that it learned from, in their order.
 * @param drawn Size of the images of the generator, which are brought to that of the classifier.
 * @throws GanglionError `graph`
 */
export async function openLabeller(
  { architecture, weights }: Pick<TrainedResidual, "architecture" | "weights">,
  classes: readonly string[],
  drawn: ImageSize,
  threads: number,
): Promise<Labeller> {
  const reader = await openResidualReader(architecture, threads);
  return {
    classes,
    label: async (images) => reader.read(weights, await broughtTo(architecture, images, drawn), VIEWS),
    close: () => reader.close(),
  };
}

/** Images [n, C, S, S] at another size; the same array where it is the same. */
async function broughtTo(
  { resolution, channels }: ImageSize,
  images: Uint8Array,
  drawn: ImageSize,
): Promise<Uint8Array> {
  if (resolution === drawn.resolution && channels === drawn.channels) return images;
  const [before, after] = [drawn.channels * drawn.resolution ** 2, channels * resolution ** 2];
  const count = images.length / before;
  const out = new Uint8Array(count * after);
  for (let i = 0; i < count; i++) {
    const image = imageOfPlanes(images.subarray(i * before, (i + 1) * before), drawn.resolution, drawn.channels);
    toPlanes(withChannels(await resizeSquare(image, resolution), channels), out, i * after);
  }
  return out;
}
