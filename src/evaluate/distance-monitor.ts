import { Rng } from "../core/rng.ts";
import type { PackedStore } from "../data/index.ts";
import {
  type FeatureExtractor,
  featureRows,
  type ImageSource,
  imagesInMemory,
  selectImages,
  shrunkImages,
} from "../features/extractor.ts";
import { openMultiscaleExtractor } from "../features/multiscale/multiscale-extractor.ts";
import { type Linear64, type Matrix, takeRows } from "../math/linear/linear64.ts";
import { referenceLinear64 } from "../math/linear/reference-linear64.ts";
import { mean } from "../math/mean.ts";
import type { MonitorContext, Quality, QualityMonitor } from "../train/index.ts";
import { type ClassFollower, followClasses } from "./class-follower.ts";
import { fid } from "./quality/fid.ts";
import { kid } from "./quality/kid.ts";
import { PRDC_NEIGHBOURS, prdc } from "./quality/prdc.ts";
import { drawRows, rowsByClass, sharedCounts } from "./verdict/likeness.ts";

/** Draws that a distance is the mean of. */
const DRAWS = 2;
/** Most real images that are looked at: both sides of every draw, of up to 256 images, come from them. */
const MAX_REAL = 512;
/** Fewest images of a class in a draw of which the class has figures of its own: with fewer a ball of five neighbours holds the class. */
const MIN_PER_CLASS = 20;
/** Most pixels on a side that are looked at: enough to rank the states of a run, at seconds a measurement. */
const MAX_SIDE = 64;

/**
 * A monitor that follows how far generated images lie from the training images, in fixed multiscale features of images of up to 64 px: FID between the
 * generated images and one random half of the real ones, divided by FID between that half and the other, at equal numbers of
 * each class, mean of {@link DRAWS} draws. States are ranked by it divided by the share of drawn images that are of their class
 * ({@link followClasses}), as a part of that of real ones: features of texture alone prefer a state that draws rare classes as the common one. Held-out images have no part in it, so that no state
 * is chosen by them. Beside the distance it measures KID and coverage in the same features, of all images and within each class
 * that has {@link MIN_PER_CLASS} in a draw: which classes are learned, and which are not. Undefined where real images cannot be divided in two halves that differ: with fewer than two images a side,
 * or equal ones.
 */
export async function distanceMonitor(context: MonitorContext): Promise<QualityMonitor | undefined> {
  const { store, seed, threads, onProgress } = context;
  const order = new Rng(seed, "probe-real").shuffle(Array.from({ length: store.count }, (_, i) => i));
  const chosen = order.slice(0, MAX_REAL);
  const labels = chosen.map((i) => store.labels[i]!);
  const byClass = rowsByClass(labels, store.classes.length);
  const halves = Array.from({ length: DRAWS }, (_, d) => {
    const mixed = byClass.map((rows) => new Rng(seed, "probe-halves", d).shuffle([...rows]));
    return mixed.map((rows) => [rows.slice(0, rows.length >> 1), rows.slice(rows.length >> 1)] as const);
  });
  const counts = sharedCounts(halves[0]!.map(([first]) => first));
  const n = counts.reduce((a, b) => a + b, 0);
  if (n < 2) return undefined;
  const real = shrunkImages(selectImages(store, chosen), MAX_SIDE);
  const extractor = await openMultiscaleExtractor(real, { threads, onProgress });
  const linear = referenceLinear64();
  try {
    const features = await rowsOf(extractor, real);
    const drawn = halves.map((parts, d) => {
      const rows = (side: 0 | 1) =>
        drawRows(
          parts.map((both) => both[side]),
          counts,
          new Rng(seed, "probe-draw", d),
        );
      return { real: takeRows(features, rows(0)), other: takeRows(features, rows(1)) };
    });
    const floors: number[] = [];
    for (const draw of drawn) floors.push(await fid(draw.real, draw.other, linear));
    const floor = mean(floors);
    if (floor > 0) {
      const followed = followClasses(context);
      return monitor(store, { extractor, linear, counts, floor, draws: drawn.map((draw) => draw.real), followed });
    }
  } catch (error) {
    await extractor.close();
    throw error;
  }
  await extractor.close();
  return undefined;
}

/** What generated images are measured with. */
interface Ruler {
  readonly extractor: FeatureExtractor;
  readonly linear: Linear64;
  /** Images of each class on a side of a draw. */
  readonly counts: readonly number[];
  /** FID of other real images, mean over the draws. */
  readonly floor: number;
  /** Features of the real images of each draw. */
  readonly draws: readonly Matrix[];
  /** Null where classes cannot be told. */
  readonly followed: ClassFollower | null;
}

function monitor(
  { resolution, channels, classes }: PackedStore,
  { extractor, linear, counts, floor, draws, followed }: Ruler,
): QualityMonitor {
  const own = counts.flatMap((count, label) => new Array<number>(count).fill(label));
  const everyone = { suffix: "", rows: own.map((_, i) => i) };
  const byClass = classes.map((name, label) => ({
    suffix: `/${name}`,
    rows: own.flatMap((of, i) => (of === label ? [i] : [])),
  }));
  // Of a single class the figures of all are those of the class.
  const parts = [everyone, ...(classes.length > 1 ? byClass.filter(({ rows }) => rows.length >= MIN_PER_CLASS) : [])];
  const compared = draws.length * own.length;
  const size = channels * resolution ** 2;
  return {
    compared,
    labels: Uint16Array.from([...draws.flatMap(() => own), ...(followed?.labels ?? [])]),
    async measure(images): Promise<Quality> {
      const first = imagesInMemory(images.subarray(0, compared * size), resolution, channels);
      const features = await rowsOf(extractor, shrunkImages(first, MAX_SIDE));
      const found: number[] = [];
      const figures: Record<string, number>[] = [];
      for (const [d, real] of draws.entries()) {
        const drawn = takeRows(
          features,
          own.map((_, i) => d * own.length + i),
        );
        found.push(await fid(real, drawn, linear));
        figures.push(await figuresOf(real, drawn, parts, linear));
      }
      const means = Object.keys(figures[0]!).map((name) => [name, mean(figures.map((draw) => draw[name]!))]);
      const distance = mean(found) / floor;
      const classes = followed?.measure(images.subarray(compared * size));
      return {
        distance,
        score: distance / (classes?.share ?? 1),
        figures: { ...Object.fromEntries(means), ...classes?.figures },
      };
    },
    close: () => extractor.close(),
  };
}

async function rowsOf(extractor: FeatureExtractor, images: ImageSource): Promise<Matrix> {
  return featureRows(await extractor.extract(images));
}

/** Rows of a draw that are compared with each other, and what is added to the names of their figures. */
interface Part {
  readonly suffix: string;
  readonly rows: readonly number[];
}

/** KID and coverage of each part; nothing of one with too few images for its neighbours. */
async function figuresOf(
  real: Matrix,
  drawn: Matrix,
  parts: readonly Part[],
  linear: Linear64,
): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const { suffix, rows } of parts) {
    if (rows.length <= PRDC_NEIGHBOURS) continue;
    const [some, others] = [takeRows(real, rows), takeRows(drawn, rows)];
    figures[`coverage${suffix}`] = (await prdc(some, others, linear)).coverage;
    figures[`kidMultiscale${suffix}`] = await kid(some, others, linear);
  }
  return figures;
}
