import { GanglionError } from "../../core/errors.ts";
import { type ProgressListener, silent } from "../../core/progress.ts";
import type { FeatureExtractor, FeatureMatrix, ImageSource } from "../extractor.ts";
import { openPictureReader } from "../threads/picture-reader.ts";
import { radiomicsNames } from "./extract.ts";
import { pictureFeatures } from "./image-radiomics.ts";
import { type RadiomicsSettings, radiomicsSettings } from "./settings.ts";

/** Grey values in a level: 32 levels over the range of a byte. */
const BIN_WIDTH = 8;

const WORKER = new URL("./radiomics-worker.js", import.meta.url);

/** What `--features radiomics` computes of a whole picture: all families but shape, of the image itself. */
const pictureSettings: RadiomicsSettings = radiomicsSettings({
  binWidth: BIN_WIDTH,
  force2D: true,
  featureClasses: ["firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm"],
});

/** Which radiomics of a whole picture. */
interface RadiomicsKind {
  /** Name of the extractor. */
  readonly name: string;
  /** Settings under PyRadiomics' names. */
  readonly settings: RadiomicsSettings;
  /** Features that are left out. Defaults to none. */
  readonly without?: RegExp;
  /** What they are, for the description. */
  readonly words: string;
}

const WHOLE = "the whole image in grey (BT.601 luma of colour), as PyRadiomics defines them, in 2-D";

const plain: RadiomicsKind = {
  name: "radiomics",
  settings: pictureSettings,
  words: `(first order, GLCM, GLDM, GLRLM, GLSZM, NGTDM) of ${WHOLE} with levels of fixed width ${BIN_WIDTH} of 0..255`,
};

/**
 * The features of FRD version 1: `frd_v1/configs/2D_extraction.yaml` of its authors' package (Konz et al. 2024, arXiv
 * 2412.01496), without its resampling to a spacing of 2.
 */
const FULL: RadiomicsKind = {
  name: "radiomics:full",
  settings: radiomicsSettings({
    normalize: true,
    normalizeScale: 100,
    binWidth: 5,
    voxelArrayShift: 300,
    force2D: true,
    featureClasses: ["firstorder", "glcm", "glrlm", "glszm", "ngtdm"],
    imageTypes: { Original: {}, LoG: { sigma: [2, 3, 4, 5] }, Wavelet: {} },
  }),
  without: /_glcm_(MCC|SumAverage)$/,
  words: `(first order, GLCM, GLRLM, GLSZM, NGTDM) of ${WHOLE}, of its Laplacians of Gaussian (2, 3, 4 and 5 pixels) and its four wavelet bands, grey values of each image brought to mean 0 and standard deviation 100, with levels of fixed width 5`,
};

export interface RadiomicsExtractorOptions {
  /** Threads; with 1 the work is done where it is asked for. Defaults to 1. */
  readonly threads?: number;
  /** `full`: wavelet and LoG images too, as FRD version 1 has them. Defaults to the image itself. */
  readonly kind?: "full" | undefined;
  /** Settings under PyRadiomics' names. Defaults to those of the kind. */
  readonly settings?: RadiomicsSettings;
}

const kindOf = ({ kind, settings }: RadiomicsExtractorOptions): RadiomicsKind => {
  const own = kind === "full" ? FULL : plain;
  return settings === undefined ? own : { ...own, settings };
};

/** Radiomics as they come, in the units of {@link radiomicsNames}; no metric should compare them unscaled. */
export interface RadiomicsReader {
  readonly names: readonly string[];
  /** @throws GanglionError `image` when a feature of an image is not finite */
  read(images: ImageSource, onProgress?: ProgressListener): Promise<FeatureMatrix>;
  close(): Promise<void>;
}

/** What a thread of radiomics is started with. */
export interface RadiomicsSetup {
  readonly settings: RadiomicsSettings;
  readonly names: readonly string[];
}

/** Opens a reader of radiomics of whole pictures. */
export function openRadiomicsReader(options: RadiomicsExtractorOptions = {}): RadiomicsReader {
  const { threads = 1 } = options;
  const { settings, without } = kindOf(options);
  const names = radiomicsNames(settings).filter((name) => without === undefined || !without.test(name));
  const d = names.length;
  const setup: RadiomicsSetup = { settings, names };
  const reader = openPictureReader(
    { stage: "radiomics", compute: (batch) => pictureFeatures(batch, settings, names), worker: WORKER, setup },
    threads,
  );
  return {
    names,
    async read(images, onProgress = silent) {
      const features = await reader.read(images, d, onProgress);
      const { data } = features;
      const bad = data.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) {
        throw new GanglionError(
          "image",
          `radiomics: ${names[bad % d]} of image ${Math.floor(bad / d)} is ${data[bad]}; leave out images too small or flat to have it`,
        );
      }
      return features;
    },
    close: () => reader.close(),
  };
}

/** Mean and standard deviation (divisor n-1) of each column; 1 instead of a deviation of 0. */
function columnScale({ n, d, data }: FeatureMatrix): { mean: Float64Array; deviation: Float64Array } {
  const mean = new Float64Array(d);
  const deviation = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let c = 0; c < d; c++) mean[c]! += data[i * d + c]! / n;
  for (let i = 0; i < n; i++) for (let c = 0; c < d; c++) deviation[c]! += (data[i * d + c]! - mean[c]!) ** 2;
  for (let c = 0; c < d; c++) deviation[c] = Math.sqrt(deviation[c]! / Math.max(1, n - 1)) || 1;
  return { mean, deviation };
}

/**
 * The `radiomics` and `radiomics:full` extractors: features of whole pictures, each standardised over the real images, since their scales differ by
 * ten powers of ten.
 * @param real The real images that the scale is taken from; their features are kept.
 */
export async function openRadiomicsExtractor(
  real: ImageSource,
  options: RadiomicsExtractorOptions & { readonly onProgress?: ProgressListener } = {},
): Promise<FeatureExtractor> {
  const reader = openRadiomicsReader(options);
  const d = reader.names.length;
  const { name, settings, words } = kindOf(options);
  try {
    const reference = await reader.read(real, options.onProgress);
    const { mean, deviation } = columnScale(reference);
    return {
      name,
      dimension: d,
      description: `${d} radiomic features ${words}; each brought to mean 0 and standard deviation 1 over the real images.`,
      // All directions in the plane count alike, as long as the image itself is looked at.
      symmetric: Object.keys(settings.imageTypes).join() === "Original",
      async extract(images, onProgress) {
        const raw = images === real ? reference : await reader.read(images, onProgress);
        return { ...raw, data: raw.data.map((value, i) => (value - mean[i % d]!) / deviation[i % d]!) };
      },
      close: () => reader.close(),
    };
  } catch (error) {
    await reader.close();
    throw error;
  }
}
