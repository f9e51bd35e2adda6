import { Rng } from "../../core/rng.ts";
import { type ImageSource, selectImages } from "../../features/extractor.ts";
import { resizeArea } from "../../features/resize.ts";
import { mean } from "../../math/mean.ts";
import { percentiles } from "../../math/quantile.ts";
import { number } from "../../report/format.ts";
import { beside } from "../classes/score-words.ts";
import { classRanges } from "../matching.ts";
import { type Beside, type ImageContext, type ImageMetric, notMeasured } from "./image-metric.ts";

const TITLE = "MS-SSIM within classes";
/** Weights of the scales, fine to coarse (Wang et al. 2003, section 4). */
const WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333] as const;
const WINDOW = 11;
const SIGMA = 1.5;
/** Constants of luminance and contrast for images in 0..1. */
const [C1, C2] = [0.01 ** 2, 0.03 ** 2];
/** Larger images are area-averaged to this side. */
const SIDE = 64;
/** Pairs of each class. */
const PAIRS = 100;
/** Fewer pairs of a class than this give a coarse mean. */
const WANTED_PAIRS = 50;
const RESAMPLES = 1000;

const KERNEL = ((): Float64Array => {
  const raw = Float64Array.from({ length: WINDOW }, (_, i) =>
    Math.exp(-((i - (WINDOW - 1) / 2) ** 2) / (2 * SIGMA ** 2)),
  );
  const total = raw.reduce((a, b) => a + b, 0);
  return raw.map((value) => value / total);
})();

/** Gaussian mean of each whole window: `[side, side]` => `[side - 10, side - 10]`. */
function windowMeans(plane: Float64Array, side: number): Float64Array {
  const left = side - WINDOW + 1;
  const rows = new Float64Array(side * left);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < left; x++) {
      let sum = 0;
      for (let t = 0; t < WINDOW; t++) sum += KERNEL[t]! * plane[y * side + x + t]!;
      rows[y * left + x] = sum;
    }
  }
  const out = new Float64Array(left * left);
  for (let y = 0; y < left; y++) {
    for (let t = 0; t < WINDOW; t++) {
      const weight = KERNEL[t]!;
      for (let x = 0; x < left; x++) out[y * left + x]! += weight * rows[(y + t) * left + x]!;
    }
  }
  return out;
}

/** 2 x 2 means; of an odd side the first row and column are averaged with zeros beyond the edge, as in pytorch-msssim. */
function halved(plane: Float64Array, side: number): Float64Array {
  const pad = side % 2;
  const half = (side + pad) / 2;
  const out = new Float64Array(half * half);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) out[((y + pad) >> 1) * half + ((x + pad) >> 1)]! += plane[y * side + x]! / 4;
  }
  return out;
}

/** Scales of which the coarsest still holds a window: 2 at 28 and 32 px, 3 at 64, 5 from 161. */
export function scalesOf(side: number): number {
  let [scales, left] = [0, side];
  while (scales < WEIGHTS.length && left >= WINDOW) {
    scales++;
    left = Math.ceil(left / 2);
  }
  return scales;
}

/** Means over windows of structural similarity and of its factor without luminance (Wang et al. 2004, equation 13). */
function similarity(a: Float64Array, b: Float64Array, side: number): { whole: number; structure: number } {
  const product = (x: Float64Array, y: Float64Array) =>
    windowMeans(
      x.map((value, i) => value * y[i]!),
      side,
    );
  const [meanA, meanB] = [windowMeans(a, side), windowMeans(b, side)];
  const [aa, bb, ab] = [product(a, a), product(b, b), product(a, b)];
  let [whole, structure] = [0, 0];
  for (let i = 0; i < ab.length; i++) {
    const [x, y] = [meanA[i]!, meanB[i]!];
    const contrast = (2 * (ab[i]! - x * y) + C2) / (aa[i]! - x * x + bb[i]! - y * y + C2);
    structure += contrast / ab.length;
    whole += (((2 * x * y + C1) / (x * x + y * y + C1)) * contrast) / ab.length;
  }
  return { whole, structure };
}

/**
 * Multi-scale structural similarity of two grey images (Wang, Simoncelli and Bovik 2003, doi 10.1109/ACSSC.2003.1292216,
 * equation 7): window 11, standard deviation 1.5, whole windows only, five scales or as many as hold a window
 * ({@link scalesOf}), their weights brought to sum 1; a negative mean counts as 0. 1 for equal images.
 * @param a `[side, side]` in 0..1, side at least 11
 */
export function msSsimOf(a: Float64Array, b: Float64Array, side: number): number {
  const weights = WEIGHTS.slice(0, scalesOf(side));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let [x, y, size, out] = [a, b, side, 1];
  for (const [scale, weight] of weights.entries()) {
    const { whole, structure } = similarity(x, y, size);
    const last = scale === weights.length - 1;
    out *= Math.max(0, last ? whole : structure) ** (weight / total);
    if (!last) [x, y, size] = [halved(x, size), halved(y, size), Math.ceil(size / 2)];
  }
  return out;
}

/** Grey images in 0..1 (BT.601 luma of colour), area-averaged to at most {@link SIDE} px, one array an image. */
function greyImages(images: ImageSource, indices: readonly number[]): { side: number; planes: Float64Array[] } {
  const { resolution, channels } = images;
  const side = Math.min(SIDE, resolution);
  const bytes = new Uint8Array(indices.length * channels * resolution * resolution);
  selectImages(images, indices).readInto(Int32Array.from(indices.keys()), bytes);
  const all = resizeArea(bytes, indices.length * channels, resolution, side);
  const area = side * side;
  const planes = indices.map((_, n) => {
    const at = n * channels * area;
    if (channels === 1) return all.subarray(at, at + area);
    return Float64Array.from({ length: area }, (_, i) => {
      return 0.299 * all[at + i]! + 0.587 * all[at + area + i]! + 0.114 * all[at + 2 * area + i]!;
    });
  });
  return { side, planes };
}

/** At most {@link PAIRS} different pairs of n images. */
function drawPairs(n: number, rng: Rng): (readonly [number, number])[] {
  const all = (n * (n - 1)) / 2;
  if (all <= PAIRS) {
    return Array.from({ length: n }, (_, i) => Array.from({ length: i }, (_, j) => [i, j] as const)).flat();
  }
  const found = new Map<number, readonly [number, number]>();
  while (found.size < PAIRS) {
    const [i, j] = [rng.integer(n), rng.integer(n)];
    if (i > j) found.set(i * n + j, [i, j]);
  }
  return [...found.values()];
}

/** MS-SSIM of pairs of the images of one class. */
function pairValues(images: ImageSource, indices: readonly number[], rng: Rng): Float64Array {
  const pairs = drawPairs(indices.length, rng);
  const used = [...new Set(pairs.flat())];
  const place = new Map(used.map((i, at) => [i, at] as const));
  const { side, planes } = greyImages(
    images,
    used.map((i) => indices[i]!),
  );
  return Float64Array.from(pairs, ([i, j]) => msSsimOf(planes[place.get(i)!]!, planes[place.get(j)!]!, side));
}

/** Mean over classes of the means over pairs, with the quantiles over resampled pairs. */
function meanOver(values: readonly Float64Array[], rng: Rng): Omit<Beside, "floor"> {
  const drawn = Float64Array.from({ length: RESAMPLES }, () =>
    mean(values.map((own) => mean(own.map(() => own[rng.integer(own.length)]!)))),
  );
  const value = mean(values.map((own) => mean(own)));
  const { low, high } = percentiles(drawn);
  // Of equal pairs nothing but rounding is left.
  return { value, low: Math.min(low, value), high: Math.max(high, value) };
}

type Found = Omit<Beside, "floor">;

function words(own: Found, real: Found): string {
  const shown = ({ value, low, high }: Found) => `${number(value)} (${number(low)} to ${number(high)})`;
  const verdict =
    own.low > real.high
      ? "the synthetic images of a class are more alike than real ones: they lack variety"
      : own.high < real.low
        ? "the synthetic images of a class are less alike than real ones, as images with noise or of several classes are"
        : "no difference in variety within classes is shown";
  return `Two synthetic images of one class have an MS-SSIM of ${shown(own)} on average, two real ones ${shown(real)}: ${verdict}.`;
}

/**
 * Variety within classes (Odena, Olah and Shlens 2017, arXiv 1610.09585, section 4.2): mean MS-SSIM of random pairs of
 * synthetic images of one class, mean over classes; the floor is the same of as many real images. Above the floor the
 * synthetic images are more alike than real ones.
 */
export function msSsim({ sets, matched, seed }: ImageContext): ImageMetric {
  const { real, synthetic, classes } = sets;
  const side = Math.min(SIDE, sets.resolution);
  if (side < WINDOW) return notMeasured(TITLE, `images of ${side} px are smaller than its window of ${WINDOW}`);
  const ranges = classRanges(matched.counts);
  const measured = classes.flatMap((name, k) => {
    const { start, count } = ranges[k]!;
    if (count < 2) return [];
    const part = (of: Int32Array) => [...of.subarray(start, start + count)];
    const rng = (kind: string) => new Rng(seed, "msSsim", kind, k);
    return [
      {
        name,
        count,
        own: pairValues(synthetic.store, part(matched.second), rng("synthetic")),
        real: pairValues(real.store, part(matched.first), rng("real")),
      },
    ];
  });
  if (measured.length === 0) return notMeasured(TITLE, "no class has two images on each side");
  const over = (values: readonly Float64Array[], name: string) =>
    meanOver(values, new Rng(seed, "bootstrap", "msSsim", name));
  const own = over(
    measured.map((one) => one.own),
    "synthetic",
  );
  const floor = over(
    measured.map((one) => one.real),
    "real",
  );
  const few = measured.filter((one) => one.own.length < WANTED_PAIRS).map(({ name }) => name || "all images");
  const n = measured.reduce((sum, { count }) => sum + count, 0);
  return {
    overall: beside(own, floor.value),
    perClass: Object.fromEntries(
      measured
        .filter(({ name }) => name !== "")
        .map((one) => [one.name, beside(over([one.own], one.name), mean(one.real))]),
    ),
    n,
    floorN: n,
    chance: null,
    fit: true,
    reason: null,
    sentence: words(own, floor),
    figures: { real: beside(floor, null) },
    warnings: few.length === 0 ? [] : [`${TITLE} on fewer than ${WANTED_PAIRS} pairs of images: ${few.join(", ")}.`],
  };
}
