import { GanglionError } from "../core/errors.ts";
import type { ProgressListener } from "../core/progress.ts";
import { type LearntFrom, REAL_IMAGES, trainEncoder } from "./encoder.ts";
import { type FeatureExtractor, type ImageSource, selectImages, shrunkImages } from "./extractor.ts";
import type { LabelledSet } from "./labelled-set.ts";
import { openMultiscaleExtractor } from "./multiscale/multiscale-extractor.ts";
import { networkPlace } from "./network-cache.ts";
import { openOnnxExtractor } from "./onnx-extractor.ts";
import { openRadiomicsExtractor } from "./radiomics/radiomics-extractor.ts";

/** What an extractor may be made from. */
export interface ExtractorContext {
  /** The real dataset, which `encoder` is trained on. */
  readonly real: LabelledSet;
  /** What the images of `real` are, in the words of a description. Defaults to real images. */
  readonly learntFrom?: LearntFrom;
  readonly seed: number;
  readonly threads: number;
  /** Images seen while `encoder` is trained; undefined for its default. */
  readonly encoderImages?: number | undefined;
  readonly onProgress: ProgressListener;
}

/** Opens one kind of extractor; `argument` is what follows the colon, empty where there is none. */
type Opener = (argument: string, context: ExtractorContext) => Promise<FeatureExtractor>;

/** Larger images are area-averaged to this side for `encoder`: training takes four times as long for each doubling. */
const ENCODER_SIDE = 64;
/** The second word counts up when encoders are trained in another way. */
const ENCODER = "encoder 1";
/** Real images that the scale of the encoder's features is taken from. */
const SCALE_IMAGES = 2048;

/** Divides by the root mean square over real images, so that KID's kernel meets numbers of size 1. */
async function featureScale(encoder: FeatureExtractor, images: ImageSource): Promise<number> {
  const n = Math.min(SCALE_IMAGES, images.count);
  const chosen = Int32Array.from({ length: n }, (_, i) => Math.floor((i * images.count) / n));
  const { data } = await encoder.extract(selectImages(images, chosen));
  const meanSquare = data.reduce((sum, value) => sum + value * value, 0) / data.length;
  return meanSquare > 0 ? 1 / Math.sqrt(meanSquare) : 1;
}

async function openEncoder(context: ExtractorContext): Promise<FeatureExtractor> {
  const { store, dataset } = context.real;
  const { seed, threads, onProgress, encoderImages: imagesSeen, learntFrom = REAL_IMAGES } = context;
  if (new Set(store.labels).size < 2) {
    throw new GanglionError(
      "dataset",
      `--features encoder: it learns from classes, and all ${store.count} images of ${dataset.root} are of one; name the class column with --label, or use --features radiomics or onnx:PATH`,
    );
  }
  const patients = dataset.samples.map(({ patient }) => patient);
  const images = shrunkImages(store, ENCODER_SIDE);
  const { count, resolution, channels } = images;
  const cache = await networkPlace(context.real, { kind: ENCODER, seed, threads, imagesSeen, resolution, channels });
  const encoder = await trainEncoder(
    {
      count,
      resolution,
      channels,
      labels: store.labels,
      classes: store.classes,
      readInto: (indices, out) => images.readInto(indices, out),
    },
    { patients, seed, threads, onProgress, imagesSeen, learntFrom, cache },
  );
  const scale = await featureScale(encoder, images);
  const shrunk = resolution < store.resolution ? `, images area-averaged to ${resolution} px` : "";
  return {
    name: encoder.name,
    dimension: encoder.dimension,
    description: `${encoder.description} Divided by their root mean square over ${learntFrom.images}${shrunk}.`,
    async extract(source, tell) {
      const features = await encoder.extract(shrunkImages(source, ENCODER_SIDE), tell);
      return { ...features, data: features.data.map((value) => value * scale) };
    },
    learned: encoder.learned,
    close: () => encoder.close(),
  };
}

/** Every kind of `--features`. */
const openers: Readonly<Record<string, Opener>> = {
  encoder: (argument, context) => {
    if (argument !== "")
      throw new GanglionError("usage", `--features encoder:${argument}: encoder takes nothing after it`);
    return openEncoder(context);
  },
  multiscale: (argument, { real, threads, onProgress }) => {
    if (argument === "") return openMultiscaleExtractor(real.store, { threads, onProgress });
    throw new GanglionError("usage", `--features multiscale:${argument}: multiscale takes nothing after it`);
  },
  onnx: (path, { threads }) => {
    if (path !== "") return openOnnxExtractor(path, { threads });
    throw new GanglionError("usage", "--features onnx: a path is missing; write onnx:PATH, e.g. onnx:model.onnx");
  },
  radiomics: (argument, { real, threads, onProgress }) => {
    if (argument === "" || argument === "full") {
      return openRadiomicsExtractor(real.store, {
        threads,
        onProgress,
        kind: argument === "full" ? "full" : undefined,
      });
    }
    throw new GanglionError("usage", `--features radiomics:${argument}: write radiomics or radiomics:full`);
  },
};

/**
 * Opens the extractor that `--features` names: `KIND` or `KIND:ARGUMENT`.
 * @throws GanglionError `usage` for an unknown kind, and what the extractor throws
 */
export async function openExtractor(spec: string, context: ExtractorContext): Promise<FeatureExtractor> {
  const colon = spec.indexOf(":");
  const kind = colon < 0 ? spec : spec.slice(0, colon);
  const opener = Object.hasOwn(openers, kind) ? openers[kind] : undefined;
  if (opener === undefined) {
    const kinds = Object.keys(openers).join(", ");
    throw new GanglionError("usage", `--features ${spec}: there is no such extractor; there are ${kinds}`);
  }
  return opener(colon < 0 ? "" : spec.slice(colon + 1), context);
}
