import type { ProgressListener } from "../core/progress.ts";
import { type Dataset, drawSplit, RUN_SPLIT, type SplitTable, withSplit } from "../data/index.ts";
import type { RunConfig } from "./run-config.ts";

/** Share of the images that is held out of a dataset without a split. */
const HELD_OUT = 0.15;

/** Images below which none are held out: there is too little to compare with. */
const FEWEST = 10;

/** A dataset with the images that a training holds out. */
export interface HeldOutImages {
  readonly dataset: Dataset;
  /** What the configuration says of it. */
  readonly stated: NonNullable<RunConfig["dataset"]["heldOut"]>;
  /** What the run folder keeps. */
  readonly table: SplitTable;
  /** How it came about, one sentence. */
  readonly how: string;
}

export interface HoldOutOptions {
  /** Defaults to true. */
  readonly holdout?: boolean | undefined;
  /** Filters that chose the images. Defaults to none. */
  readonly where?: readonly string[] | undefined;
  /** Defaults to false: near duplicates are looked for. */
  readonly quick?: boolean | undefined;
  readonly seed?: number | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** Whether a dataset has images that are not trained on, among those that a filter left or besides them. */
const hasOthers = ({ samples, columns }: Dataset, where: readonly string[] = []): boolean =>
  samples.some(({ split }) => split && split !== "train") ||
  where.some((filter) => columns.split !== undefined && /^[^=]*/.exec(filter)![0].replace(/!$/, "") === columns.split);

/** Whether images are to be held out: the dataset has no split, or one that names `train` alone, and is no trifle. */
export function needsHoldOut(dataset: Dataset, { holdout = true, where }: HoldOutOptions): boolean {
  return holdout && dataset.samples.length >= FEWEST && !hasOthers(dataset, where);
}

/** What cannot be done with a run that holds nothing out; null where it can. */
export function withoutHeldOut(dataset: Dataset, where: readonly string[]): string | null {
  if (hasOthers(dataset, where)) return null;
  return "no image is held out: `evaluate` compares with training images alone, and `audit`, `release` and `study` need --holdout or a test set with other images of the same source";
}

/**
 * Holds out {@link HELD_OUT} of the images, as `ganglion split` does: by patient, near duplicates together, each class in its
 * share. Cropped, mirrored and turned copies are only looked for in sets of some thousand images, so that training starts soon.
 * @throws GanglionError `image` for images that cannot be read
 */
export async function holdOut(dataset: Dataset, options: HoldOutOptions): Promise<HeldOutImages> {
  const { seed = 0, quick = false, onProgress } = options;
  const drawn = await drawSplit(dataset, { holdout: HELD_OUT, seed, alike: quick ? "none" : "bounded", onProgress });
  const rows = new Map(dataset.samples.map(({ fileName }, i) => [fileName, [drawn.parts[i]!]]));
  const table: SplitTable = { path: RUN_SPLIT, columns: ["split"], rows };
  const images = drawn.total.holdout?.images ?? 0;
  const n = dataset.samples.length;
  return {
    dataset: { ...withSplit(dataset, table), notes: dataset.notes },
    stated: { images, seed },
    table,
    how: `${n - images} of ${n} images; the other ${images} are held out (${RUN_SPLIT} of the run; --no-holdout trains on all): ${drawn.how}`,
  };
}
