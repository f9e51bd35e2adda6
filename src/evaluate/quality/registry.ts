import type { Linear64, Matrix } from "../../math/linear/linear64.ts";
import { authenticityParts } from "./authenticity.ts";
import { classAgreement } from "./class-agreement.ts";
import { clippedCoverage, clippedCoverageParts, clippedDensity, clippedDensityParts } from "./clipped.ts";
import { fid } from "./fid.ts";
import { frd, frdV1 } from "./frd.ts";
import type { ImageContext, ImageMetric } from "./image-metric.ts";
import { weightedKid } from "./kid.ts";
import { msSsim } from "./ms-ssim.ts";
import type { Neighbourhoods } from "./neighbourhood.ts";
import { oneNearestNeighbourParts } from "./one-nearest-neighbour.ts";
import { PRDC_NEIGHBOURS, prdcParts } from "./prdc.ts";
import { type SupportDistances, supportDistances } from "./support.ts";
import { trainSyntheticTestReal } from "./tstr.ts";

/** How a metric is computed, and with it how its interval is resampled (`measure.ts`). */
export type MetricForm =
  /** A distance between two sets of features; resampled values set the width of the interval only. */
  | {
      readonly kind: "frechet";
      /** Values cannot lie below. Defaults to no bound. */
      readonly bound?: number;
      distance(real: Matrix, synthetic: Matrix, linear: Linear64): Promise<number>;
    }
  /** A statistic of two sets whose images are weighted, one column of weights a value. */
  | { readonly kind: "weighted"; values: typeof weightedKid }
  /** A mean over images, or a rising function of it. */
  | {
      readonly kind: "mean";
      parts(near: Neighbourhoods): Float64Array;
      /** Defaults to the mean itself. */
      ofMean?(mean: number, near: Neighbourhoods): number;
    }
  /** An integral over supports. */
  | { readonly kind: "support"; distances(near: Neighbourhoods): SupportDistances }
  /** Of the images themselves: the same with every extractor, measured once. */
  | { readonly kind: "images"; measure(context: ImageContext): ImageMetric };

/** What a metric is and what it needs; the name stands for this protocol. */
export interface MetricEntry {
  readonly title: string;
  /** One sentence: what is computed, on what, with which constants. */
  readonly protocol: string;
  /** What a reader should look for. `parity`: near the floor (the same metric between real images) is right, both much lower and much higher are findings. */
  readonly direction: "lower" | "higher" | "parity";
  /** The extractor whose features it is defined on. Defaults to any. */
  readonly extractor?: string;
  /** Fewer images than this on either side give no value. */
  readonly leastImages: number;
  /** Fewer images than this on either side give a warning. */
  wantedImages(dimension: number): number;
  /** Paper and section. */
  readonly source: string;
  readonly form: MetricForm;
}

const k = PRDC_NEIGHBOURS;

const entries = {
  fid: {
    title: "FID",
    protocol:
      "Fréchet distance between Gaussians fitted to real and synthetic features (covariance divisor n-1, float64, raw features).",
    direction: "lower",
    leastImages: 2,
    wantedImages: (dimension) => Math.max(2048, dimension + 1),
    source: "Heusel et al. 2017, arXiv 1706.08500",
    form: { kind: "frechet", bound: 0, distance: fid },
  },
  kid: {
    title: "KID",
    protocol:
      "Unbiased squared maximum mean discrepancy over all pairs of the full sets, kernel (x·y/d + 1)³, not multiplied by a constant.",
    direction: "lower",
    leastImages: 2,
    wantedImages: () => 100,
    source: "Bińkowski et al. 2018, arXiv 1801.01401",
    form: { kind: "weighted", values: weightedKid },
  },
  precision: {
    title: "Precision",
    protocol: `Share of synthetic images inside the ball of any real image (radius: ${k}th nearest other real image).`,
    direction: "higher",
    leastImages: k + 1,
    wantedImages: () => 100,
    source: "Kynkäänniemi et al. 2019, arXiv 1904.06991",
    form: { kind: "mean", parts: (near) => prdcParts(near).precision },
  },
  recall: {
    title: "Recall",
    protocol: `Share of real images inside the ball of any synthetic image (radius: ${k}th nearest other synthetic image).`,
    direction: "higher",
    leastImages: k + 1,
    wantedImages: () => 100,
    source: "Kynkäänniemi et al. 2019, arXiv 1904.06991",
    form: { kind: "mean", parts: (near) => prdcParts(near).recall },
  },
  density: {
    title: "Density",
    protocol: `Mean number of real balls around a synthetic image, divided by ${k}; may exceed 1.`,
    direction: "higher",
    leastImages: k + 1,
    wantedImages: () => 100,
    source: "Naeem et al. 2020, arXiv 2002.09797",
    form: { kind: "mean", parts: (near) => prdcParts(near).density },
  },
  coverage: {
    title: "Coverage",
    protocol: `Share of real images whose ball (radius: ${k}th nearest other real image) holds a synthetic image.`,
    direction: "higher",
    leastImages: k + 1,
    wantedImages: () => 100,
    source: "Naeem et al. 2020, arXiv 2002.09797",
    form: { kind: "mean", parts: (near) => prdcParts(near).coverage },
  },
  clippedDensity: {
    title: "Clipped density",
    protocol: `Precision that outliers do not move: per synthetic image the number of real balls around it over ${k}, at most 1, no ball wider than the median one; the mean divided by the same among the real images, at most 1.`,
    direction: "higher",
    leastImages: k + 1,
    wantedImages: () => 100,
    source: "Salvy et al. 2025, arXiv 2507.01761",
    form: { kind: "mean", parts: clippedDensityParts, ofMean: clippedDensity },
  },
  clippedCoverage: {
    title: "Clipped coverage",
    protocol: `Recall that outliers do not move: per real image the number of synthetic images in its ball over ${k}, at most 1; of the mean, the share of good synthetic images that would give it.`,
    direction: "higher",
    leastImages: k + 1,
    wantedImages: () => 100,
    source: "Salvy et al. 2025, arXiv 2507.01761",
    form: { kind: "mean", parts: clippedCoverageParts, ofMean: clippedCoverage },
  },
  alphaPrecision: {
    title: "α-precision",
    protocol:
      "1 - 2 ∫ |P(α) - α| dα, P(α) the share of synthetic images in the ball about the mean of the real features that holds the share α of the real images; no one-class embedding.",
    direction: "higher",
    leastImages: 2,
    wantedImages: () => 100,
    source: "Alaa et al. 2022, arXiv 2102.08921",
    form: { kind: "support", distances: (near) => supportDistances(near).alphaPrecision },
  },
  betaRecall: {
    title: "β-recall",
    protocol:
      "1 - 2 ∫ |R(β) - β| dβ, R(β) the share of real images that have, nearer than their nearest other real image, a synthetic image out of the ball about the mean of the synthetic features that holds the share β of the synthetic images.",
    direction: "higher",
    leastImages: 2,
    wantedImages: () => 100,
    source: "Alaa et al. 2022, arXiv 2102.08921",
    form: { kind: "support", distances: (near) => supportDistances(near).betaRecall },
  },
  authenticity: {
    title: "Authenticity",
    protocol:
      "Share of synthetic images farther from their nearest real image than that real image is from its nearest other real image.",
    direction: "parity",
    leastImages: 2,
    wantedImages: () => 50,
    source: "Alaa et al. 2022, arXiv 2102.08921",
    form: { kind: "mean", parts: authenticityParts },
  },
  oneNearestNeighbour: {
    title: "1-NN accuracy",
    protocol:
      "Share of all images, real and synthetic, whose nearest other image is of their own set (leave-one-out; ties count one half); 0.5 where the sets cannot be distinguished.",
    direction: "parity",
    leastImages: 2,
    wantedImages: () => 100,
    source: "Lopez-Paz and Oquab 2017, arXiv 1610.06545; Xu et al. 2018, arXiv 1806.07755",
    form: { kind: "mean", parts: oneNearestNeighbourParts },
  },
  frd: {
    title: "FRD",
    protocol:
      "Logarithm of the Fréchet distance (log d, not log d²) between Gaussians fitted to radiomic features, each standardised over the real images.",
    direction: "lower",
    extractor: "radiomics",
    leastImages: 2,
    wantedImages: (dimension) => dimension + 1,
    source: "Konz et al. 2024, arXiv 2412.01496, equation 3",
    form: { kind: "frechet", distance: frd },
  },
  frdV1: {
    title: "FRD v1",
    protocol:
      "Logarithm of the squared Fréchet distance (log d²) between Gaussians fitted to the radiomic features of the image, its Laplacians of Gaussian and its wavelet bands, each standardised over the real images (deviation with divisor n), as the authors' package computes it; without its resampling.",
    direction: "lower",
    extractor: "radiomics:full",
    leastImages: 2,
    wantedImages: (dimension) => dimension + 1,
    source: "Konz et al. 2024, arXiv 2412.01496; github.com/RichardObi/frd-score, frd_v1",
    form: { kind: "frechet", distance: frdV1 },
  },
  classAgreement: {
    title: "Class agreement",
    protocol:
      "Mean over classes of the share of synthetic images that an independent classifier gives the class they were made for; the floor is the same of real images that it has not seen. The classifier is a linear discriminant of fixed statistics of the images, trained on real images; it shares nothing with any extractor.",
    direction: "higher",
    leastImages: 2,
    wantedImages: () => 100,
    source: "Ravuri and Vinyals 2019, arXiv 1905.10887 (the reverse test); Ledoit and Wolf 2004 (the classifier)",
    form: { kind: "images", measure: classAgreement },
  },
  tstr: {
    title: "Train on synthetic, test on real",
    protocol:
      "Balanced accuracy on held-out real images of a classifier trained on the synthetic images; the floor is the same classifier trained on as many real images of each class.",
    direction: "higher",
    leastImages: 2,
    wantedImages: () => 100,
    source: "Esteban et al. 2017, arXiv 1706.02633; Ravuri and Vinyals 2019, arXiv 1905.10887",
    form: { kind: "images", measure: trainSyntheticTestReal },
  },
  msSsim: {
    title: "MS-SSIM within classes",
    protocol:
      "Mean multi-scale structural similarity of random pairs of synthetic images of one class (at most 100 pairs a class), mean over classes; the floor is the same of real images. Above the floor the synthetic images lack variety, far below it they are noise.",
    direction: "lower",
    leastImages: 2,
    wantedImages: () => 100,
    source: "Odena et al. 2017, arXiv 1610.09585, section 4.2; Wang et al. 2003, doi 10.1109/ACSSC.2003.1292216",
    form: { kind: "images", measure: msSsim },
  },
} satisfies Readonly<Record<string, MetricEntry>>;

export type MetricName = keyof typeof entries;

/** Every metric of this version by name. */
export const metricRegistry: Readonly<Record<MetricName, MetricEntry>> = entries;

/** Metrics of this version, in the order they are shown. */
export const METRICS = Object.keys(entries) as readonly MetricName[];

/** Metrics of the images themselves, which no extractor changes, in the order they are shown. */
export const IMAGE_METRICS = METRICS.filter((name) => metricRegistry[name].form.kind === "images");

/** Metrics that are computed on the features of an extractor, in the order they are shown. */
export const metricsOf = (extractor: string): MetricName[] =>
  METRICS.filter(
    (name) =>
      metricRegistry[name].form.kind !== "images" && (metricRegistry[name].extractor ?? extractor) === extractor,
  );
