import type { ProgressListener } from "../core/progress.ts";
import { Rng } from "../core/rng.ts";
import type { PackedStore } from "../data/index.ts";
import { trainEncoder } from "../features/encoder.ts";
import type { EncoderCache } from "../features/encoder-cache.ts";
import { featureRows, selectImages } from "../features/extractor.ts";
import { referenceLinear64 } from "../math/linear/reference-linear64.ts";
import type { QualityMonitor } from "../train/index.ts";
import { kid } from "./quality/kid.ts";

export interface EncoderMonitorOptions {
  /** Training images. */
  readonly store: PackedStore;
  readonly seed: number;
  readonly threads: number;
  readonly onProgress: ProgressListener;
  /** Ends the training of the encoder with an error once aborted. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
  /** Keeps the trained encoder, so that a resumed run measures with the same one. Defaults to nowhere. */
  readonly cache?: EncoderCache;
}

/** Images of a measurement, generated and real alike. */
const MONITOR_IMAGES = 512;
/** Images that the monitor's encoder sees: enough to rank states of one run, at a few seconds. */
const ENCODER_IMAGES = 12_000;

/**
 * A monitor that follows KID on the features of a small encoder trained on the same real images; it ranks the states of
 * one run, it does not compare runs. Null where there is only one class to learn from.
 */
export async function encoderMonitor(options: EncoderMonitorOptions): Promise<QualityMonitor | undefined> {
  const { store, seed, threads, onProgress, signal, cache } = options;
  if (store.count < 2 || new Set(store.labels).size < 2) return undefined;
  const encoder = await trainEncoder(store, { imagesSeen: ENCODER_IMAGES, seed, threads, onProgress, signal, cache });
  const chosen = new Rng(seed, "probe-real").shuffle(Array.from({ length: store.count }, (_, i) => i));
  const real = featureRows(await encoder.extract(selectImages(store, chosen.slice(0, MONITOR_IMAGES))));
  const linear = referenceLinear64();
  return {
    count: MONITOR_IMAGES,
    async kid(images) {
      const { resolution, channels } = store;
      const size = channels * resolution ** 2;
      const features = await encoder.extract({
        count: MONITOR_IMAGES,
        resolution,
        channels,
        readInto: (indices, out) => {
          for (let n = 0; n < indices.length; n++) {
            out.set(images.subarray(indices[n]! * size, (indices[n]! + 1) * size), n * size);
          }
        },
      });
      return kid(real, featureRows(features), linear);
    },
    close: () => encoder.close(),
  };
}
