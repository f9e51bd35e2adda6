import type { ProgressListener } from "../core/progress.ts";
import type { Matrix } from "../math/linear/linear64.ts";
import { resizeArea } from "./resize.ts";

/** Square images of one size, read by index; a packed store of the data layer is one. */
export interface ImageSource {
  readonly count: number;
  /** Width and height in pixels. */
  readonly resolution: number;
  /** 1 grey, 3 sRGB. */
  readonly channels: 1 | 3;
  /** Copies images into `out`, uint8 `NCHW`, length indices.length * channels * resolution². */
  readInto(indices: ArrayLike<number>, out: Uint8Array): void;
}

/** Features of n images, one row an image. */
export interface FeatureMatrix {
  readonly n: number;
  readonly d: number;
  /** Row-major, length n * d. */
  readonly data: Float64Array;
}

/** What an extractor learned from the real images that it is used on. */
export interface Learned {
  /** Indices of the real images that it was not trained on. */
  readonly unseen: readonly number[];
  /** By class: how many of the unseen images it gives their own class. */
  readonly recalls: readonly { readonly n: number; readonly right: number }[];
}

/** Turns images into features; every metric names the extractor it stands on. */
export interface FeatureExtractor {
  /** Key in `metrics.json`, e.g. `encoder` or `onnx:squeezenet1_0.onnx`. */
  readonly name: string;
  /** Features per image. */
  readonly dimension: number;
  /** One or two sentences for the report: what the model is, its input size, the resize rule. */
  readonly description: string;
  /** Whether flips and quarter turns of an image leave its features as they are. Defaults to false. */
  readonly symmetric?: boolean | undefined;
  /** SHA-256 of the model's file. Defaults to none: it is made by Ganglion. */
  readonly sha256?: string | undefined;
  /** Where it was trained on the real images of the evaluation. Defaults to nothing learned. */
  readonly learned?: Learned | undefined;
  /** @throws GanglionError `run` when an output is not finite */
  extract(images: ImageSource, onProgress?: ProgressListener): Promise<FeatureMatrix>;
  /** Frees the model. */
  close(): Promise<void>;
}

/** The same numbers as a matrix of the linear algebra; shares the data. */
export function featureRows(features: FeatureMatrix): Matrix {
  return { rows: features.n, columns: features.d, data: features.data };
}

/** The same images, area-averaged to at most `most` px; smaller ones as they are. */
export function shrunkImages(source: ImageSource, most: number): ImageSource {
  if (source.resolution <= most) return source;
  const { resolution, channels } = source;
  return {
    count: source.count,
    resolution: most,
    channels,
    readInto(indices, out) {
      const whole = new Uint8Array(indices.length * channels * resolution * resolution);
      source.readInto(indices, whole);
      const small = resizeArea(whole, indices.length * channels, resolution, most);
      for (let i = 0; i < small.length; i++) out[i] = Math.round(small[i]! * 255);
    },
  };
}

/** The images named by `indices`, in that order, as a source of their own; pixels are read on demand. */
export function selectImages(source: ImageSource, indices: ArrayLike<number>): ImageSource {
  return {
    count: indices.length,
    resolution: source.resolution,
    channels: source.channels,
    readInto(chosen, out) {
      source.readInto(
        Int32Array.from(chosen, (i) => indices[i]!),
        out,
      );
    },
  };
}

/** Images held in memory, uint8 `NCHW`. */
export function imagesInMemory(bytes: Uint8Array, resolution: number, channels: 1 | 3): ImageSource {
  const size = channels * resolution ** 2;
  return {
    count: bytes.length / size,
    resolution,
    channels,
    readInto(indices, out) {
      for (let n = 0; n < indices.length; n++) {
        out.set(bytes.subarray(indices[n]! * size, (indices[n]! + 1) * size), n * size);
      }
    },
  };
}

/** All images as bytes, uint8 `NCHW`. */
export function readAll(source: ImageSource): Uint8Array {
  const out = new Uint8Array(source.count * source.channels * source.resolution ** 2);
  source.readInto(
    Int32Array.from({ length: source.count }, (_, i) => i),
    out,
  );
  return out;
}
