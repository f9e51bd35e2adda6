import { GanglionError } from "../../core/errors.ts";
import type { ProgressListener } from "../../core/progress.ts";
import type { RawImage } from "../../data/index.ts";
import { imageChannels, openPackedStore, readDataset } from "../../data/index.ts";
import { featureRows, selectImages } from "../../features/extractor.ts";
import { openExtractor } from "../../features/open-extractor.ts";
import { readImages } from "../../features/raw-images.ts";
import { type Matrix, takeRows } from "../../math/linear/linear64.ts";
import { runtimeLinear64 } from "../../math/linear/runtime-linear64.ts";
import { openSets } from "../datasets.ts";
import { floorSets } from "../matching.ts";
import { gradeDrawn, someOf } from "../outcome/grade-drawn.ts";
import { type Measured, measure } from "../quality/measure.ts";
import type { Verdict } from "../verdict/verdict-schema.ts";

/** Synthetic images of one training of one variant. */
interface VariantSet {
  readonly variant: string;
  /** Seed of the training. */
  readonly seed: number;
  /** Dataset folder. */
  readonly path: string;
}

export interface AblationOptions {
  /** Real dataset, as it was trained on. */
  readonly real: string;
  readonly label?: string | undefined;
  /** At least one; all of one size. */
  readonly sets: readonly VariantSet[];
  /** `encoder` or `onnx:PATH`. */
  readonly features: string;
  /** Images seen while `encoder` is trained. Defaults to 20,000. */
  readonly encoderImages?: number;
  readonly seed: number;
  readonly threads: number;
  /** Folder for packed images. */
  readonly cache: string;
  readonly onProgress: ProgressListener;
}

/** FID and KID with 95 % intervals; null where there are too few images. */
interface Distances {
  readonly fid: Measured | null;
  readonly kid: Measured | null;
}

interface MeasuredSet extends Distances {
  readonly variant: string;
  readonly seed: number;
  readonly n: number;
  /** How near the images are to real ones, by the fixed features as at the end of a training. */
  readonly verdict: Pick<Verdict, "grade" | "sentence">;
}

export interface MeasuredAblation {
  /** Images on each side of every comparison, real against real too. */
  readonly n: number;
  readonly resolution: number;
  /** What the features are. */
  readonly extractor: string;
  /** Real images against other real images. */
  readonly floor: Distances;
  readonly sets: readonly MeasuredSet[];
  /** Some real images, and some of each set, of the same classes in the same order. */
  readonly pictures: { readonly real: readonly RawImage[]; readonly sets: readonly (readonly RawImage[])[] };
}

/** Images shown of each set. */
const SHOWN = 12;

/** Images of each class on either side: halves of the real training set. */
export function halfCounts(labels: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, n]) => [name, n >> 1]));
}

/** `SHOWN` places of n, evenly spaced. */
const places = (n: number): number[] =>
  Array.from({ length: Math.min(SHOWN, n) }, (_, k) => Math.floor((k * n) / Math.min(SHOWN, n)));

/**
 * Compares every set with the same half of the real training images, and that half with the other one, so that all
 * distances stand on equal numbers of images of equal class counts and their bias is the same.
 * @throws GanglionError `dataset` when a set lacks images of a class
 */
export async function measureAblation(options: AblationOptions): Promise<MeasuredAblation> {
  const { sets: variants, label, seed, threads, cache, onProgress, encoderImages } = options;
  const opened = await openSets({ real: options.real, synthetic: variants[0]!.path, label, cache, onProgress });
  const linear = runtimeLinear64({ threads });
  try {
    const { real, classes, resolution, channels } = opened;
    const wanted = classes.map(() => Number.POSITIVE_INFINITY);
    const halves = floorSets(real.labels, undefined, wanted, seed);
    const n = halves.first.length;
    const extractor = await openExtractor(options.features, { real, seed, threads, encoderImages, onProgress });
    try {
      const rows = featureRows(await extractor.extract(real.store, onProgress));
      const reference = takeRows(rows, halves.first);
      const distances = async (other: Matrix): Promise<Distances> => {
        const { fid, kid } = await measure(reference, other, linear, seed);
        return { fid, kid };
      };
      const floor = await distances(takeRows(rows, halves.second));
      const measured: MeasuredSet[] = [];
      const pictures: RawImage[][] = [];
      for (const { variant, seed: own, path } of variants) {
        const dataset = await readDataset(path);
        if ((await imageChannels(dataset)) > channels) {
          throw new GanglionError(
            "dataset",
            `${path} is in colour and the first set is grey; generate all from one dataset`,
          );
        }
        const store = await openPackedStore(dataset, { resolution, channels, folder: cache, onProgress });
        try {
          const chosen = chosenOf(dataset.samples, classes, halves.counts, path);
          const other = featureRows(await extractor.extract(selectImages(store, chosen), onProgress));
          const labels = Uint16Array.from(dataset.samples, (sample) => classes.indexOf(sample.label));
          const drawn = someOf({ name: path, hash: "", dataset, store, labels }, chosen);
          const [first, second] = [halves.first, halves.second].map((half) => someOf(real, [...half]));
          const sets = { real: first!, synthetic: drawn, holdout: second!, classes };
          const { grade, sentence } = (await gradeDrawn(sets, { seed, threads, onProgress })).verdict;
          const verdict = { grade, sentence };
          measured.push({ variant, seed: own, n: chosen.length, ...(await distances(other)), verdict });
          pictures.push(
            readImages(
              store,
              places(n).map((k) => chosen[k]!),
            ),
          );
        } finally {
          store.close();
        }
      }
      const shown = readImages(
        real.store,
        places(n).map((k) => halves.first[k]!),
      );
      return {
        n,
        resolution,
        extractor: `${extractor.name}: ${extractor.description}`,
        floor,
        sets: measured,
        pictures: { real: shown, sets: pictures },
      };
    } finally {
      await extractor.close();
    }
  } finally {
    await linear.close();
    opened.close();
  }
}

/** Indices of the first images of each class, in class order. */
function chosenOf(
  samples: readonly { readonly label: string }[],
  classes: readonly string[],
  counts: readonly number[],
  path: string,
): number[] {
  const lists = classes.map((name) => [...samples.keys()].filter((i) => samples[i]!.label === name));
  const short = classes.filter((_, c) => lists[c]!.length < counts[c]!);
  if (short.length > 0) {
    const message = `${path}: too few images of ${short.join(", ")} for the comparison; delete the folder and run again`;
    throw new GanglionError("dataset", message);
  }
  return lists.flatMap((list, c) => list.slice(0, counts[c]));
}
