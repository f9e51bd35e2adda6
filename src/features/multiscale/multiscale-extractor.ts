import { GanglionError } from "../../core/errors.ts";
import { type ProgressListener, silent } from "../../core/progress.ts";
import { sum } from "../../math/mean.ts";
import { type FeatureExtractor, type ImageSource, selectImages } from "../extractor.ts";
import { openPictureReader } from "../threads/picture-reader.ts";
import { multiscaleFeatures, multiscaleGroups } from "./image-multiscale.ts";
import { robustScale, scaled } from "./robust-scale.ts";

const WORKER = new URL("./multiscale-worker.js", import.meta.url);

/** Least side of an image in pixels. */
const MIN_SIDE = 8;

/** Most real images that the scale is taken from, evenly spaced. */
const SCALE_IMAGES = 4096;

export interface MultiscaleOptions {
  /** Threads; with 1 the work is done where it is asked for. Defaults to 1. */
  readonly threads?: number;
  /** Defaults to nobody. */
  readonly onProgress?: ProgressListener;
}

const describe = (d: number, groups: ReturnType<typeof multiscaleGroups>, side: number): string =>
  `${d} fixed statistics of the whole image at ${side} px, nothing is learned: ${groups.map(([name, n]) => `${name} ${n}`).join(", ")} ` +
  "(a Laplacian pyramid of luma and two colour differences, after Portilla and Simoncelli 2000; docs/metrics.md). Each in " +
  "robust standard deviations over the real images, beyond three of them on a logarithmic scale.";

/**
 * The `multiscale` extractor: fixed statistics of texture, colour and composition, each on a robust scale over the real images.
 * @param real The real images that the scale is taken from.
 * @throws GanglionError `image` below 8 px
 */
export async function openMultiscaleExtractor(
  real: ImageSource,
  options: MultiscaleOptions = {},
): Promise<FeatureExtractor> {
  const { threads = 1, onProgress = silent } = options;
  const { resolution } = real;
  if (resolution < MIN_SIDE) {
    throw new GanglionError(
      "image",
      `--features multiscale: images of ${resolution} px are too small, ${MIN_SIDE} px are needed; use --features radiomics`,
    );
  }
  const groups = multiscaleGroups(resolution);
  const d = sum(groups.map(([, features]) => features));
  const reader = openPictureReader(
    { stage: "multiscale features", compute: multiscaleFeatures, worker: WORKER, setup: null },
    threads,
  );
  try {
    const n = Math.min(SCALE_IMAGES, real.count);
    const chosen = Int32Array.from({ length: n }, (_, i) => Math.floor((i * real.count) / n));
    const reference = await reader.read(selectImages(real, chosen), d, onProgress);
    const scale = robustScale(reference);
    return {
      name: "multiscale",
      dimension: d,
      description: describe(d, groups, resolution),
      async extract(images, tell = silent) {
        const raw = images === real && n === real.count ? reference : await reader.read(images, d, tell);
        return scaled(raw, scale);
      },
      close: () => reader.close(),
    };
  } catch (error) {
    await reader.close();
    throw error;
  }
}
