import type { ProgressListener } from "../../core/progress.ts";
import { Rng } from "../../core/rng.ts";
import { type FeatureExtractor, featureRows, type Learned, selectImages } from "../../features/extractor.ts";
import type { LabelledSet } from "../../features/labelled-set.ts";
import { pixelVectors } from "../../features/pixel-vectors.ts";
import { type Linear64, type Matrix, takeRows } from "../../math/linear/linear64.ts";
import { sum } from "../../math/mean.ts";
import { readMasks } from "../controls/stated-controls.ts";
import type { EvaluatedSets } from "../datasets.ts";
import { type ClassLikeness, classLikeness } from "./class-likeness.ts";
import { halfOfTheModes, withoutClass } from "./degradations/subsets.ts";
import { degrade, ladder, type Step, WITHOUT_CONTENT } from "./degrade.ts";
import {
  KIND_DRAWS,
  type Kinds,
  type KindsSight,
  kindsOf,
  lacking,
  sideOf,
  type ViewName,
  withoutHalf,
} from "./kinds.ts";
import {
  drawRows,
  filledCounts,
  type Likeness,
  likeness,
  type Moments,
  momentsOf,
  type Pools,
  type RowsByClass,
  rowsByClass,
  sharedCounts,
  type Yardstick,
  yardstick,
} from "./likeness.ts";
import { comparisonSpace, type Space } from "./space.ts";

/** Where the other real images of the yardstick come from. */
type ControlSource = "holdout" | "unseen" | "halves";

interface SetPools extends Pools {
  readonly from: ControlSource;
  readonly synthetic: RowsByClass;
}

type Labelled = { readonly labels: ArrayLike<number> };

/**
 * Divides the real images: those that are compared with, and the control images, which stand where the synthetic ones do
 * and which the extractor must not have learned from. Control images are the held-out set, or the images that the extractor
 * left out of its training, or half of the real images where it learned nothing; whichever gives more.
 */
function poolsOf(
  sets: {
    readonly real: Labelled;
    readonly synthetic: Labelled;
    readonly holdout: Labelled | null;
    readonly classes: readonly string[];
  },
  learned: Learned | undefined,
  seed: number,
): SetPools {
  const k = sets.classes.length;
  const all = rowsByClass(sets.real.labels, k);
  const synthetic = rowsByClass(sets.synthetic.labels, k);
  const unseen = new Set(learned?.unseen ?? []);
  const seen = all.map((rows) => rows.filter((i) => !unseen.has(i)));
  const pools = (from: ControlSource, real: number[][], control: number[][]): SetPools => ({
    from,
    real,
    control,
    synthetic,
    counts: sharedCounts(real, control, synthetic),
  });
  const halves = all.map((rows) => {
    const order = new Rng(seed, "likeness", "halves").shuffle([...rows]);
    return [order.slice(0, order.length >> 1), order.slice(order.length >> 1)];
  });
  const own =
    learned === undefined
      ? pools(
          "halves",
          halves.map(([first]) => first!),
          halves.map(([, second]) => second!),
        )
      : pools("unseen", seen, rowsByClass(sets.real.labels, k, learned.unseen));
  if (sets.holdout === null) return own;
  const held = pools("holdout", learned === undefined ? all : seen, rowsByClass(sets.holdout.labels, k));
  return sum(held.counts) >= sum(own.counts) ? held : own;
}

/** A set of real images, spoilt. */
export interface Rung extends Step {
  /** Null where the sets do not allow it. */
  readonly draws: Likeness | null;
  /** Mean over the draws; of images without content alone. */
  readonly fid: number | null;
}

/** What one extractor sees of a synthetic set and of spoilt real images, at the same n; numbers alone. */
export interface Sight {
  /** Images on each side; with too few the rest is null. */
  readonly n: number;
  readonly from: ControlSource;
  readonly yardstick: Pick<Yardstick, "control" | "moments" | "divided" | "dividedModes" | "deviation"> | null;
  readonly synthetic: Likeness | null;
  readonly moments: Moments | null;
  readonly ladder: readonly Rung[];
  readonly classes: readonly ClassLikeness[];
  /** Whether kinds of images are missing, by view. */
  readonly kinds: readonly KindsSight[];
}

/** What every set of the same class counts is held against, by one extractor. */
interface Climb {
  readonly found: Yardstick;
  readonly pools: SetPools;
  readonly space: Space;
  readonly extractor: FeatureExtractor;
  /** Places of the real images, and of those that `pools.control` counts. */
  readonly real: Matrix;
  readonly control: Matrix;
  /** Features of both, in deviations. */
  readonly level: { readonly real: Matrix; readonly control: Matrix };
  /** The images that `pools.control` counts. */
  readonly set: LabelledSet;
  readonly linear: Linear64;
  readonly seed: number;
}

/** Regions of the lesions in some images of a set, by their masks; null where none has one. */
async function regionsOf(
  { dataset }: LabelledSet,
  chosen: readonly number[],
  side: number,
): Promise<Uint8Array | null> {
  const { masks, indices } = await readMasks({ ...dataset, samples: chosen.map((i) => dataset.samples[i]!) }, side);
  return indices.length === 0 ? null : masks;
}

/** Control images with their pixels spoilt, the same images at every step. */
async function spoiltRungs(
  { found, pools, space, extractor, set, linear, seed }: Climb,
  onProgress: ProgressListener,
): Promise<Rung[]> {
  const chosen = drawRows(pools.control, found.counts, new Rng(seed, "ladder"));
  const images = selectImages(set.store, chosen);
  const side = images.resolution;
  const regions = await regionsOf(set, chosen, side);
  let start = 0;
  const pool = found.counts.map((count) => Array.from({ length: count }, () => start++));
  const steps = ladder(side);
  const rungs: Rung[] = [];
  // The next step's images are looked at while those of the one before are measured, which takes one core.
  const featuresOf = async (step: (typeof steps)[number] | undefined) => {
    if (step === undefined) return null;
    return extractor.extract(await degrade(images, step, seed, regions));
  };
  let ahead = featuresOf(steps[0]);
  for (const [k, step] of steps.entries()) {
    const features = await ahead;
    ahead = featuresOf(steps[k + 1]);
    // Where the measuring fails, that failure is the one that is told.
    ahead.catch(() => undefined);
    const places = await space.place(featureRows(features!));
    const empty = (WITHOUT_CONTENT as readonly string[]).includes(step.degradation);
    rungs.push({
      ...step,
      draws: await likeness(found, places, pool, space, linear, seed),
      fid: empty ? (await momentsOf(found, places, pool, linear, seed)).fid : null,
    });
    onProgress({ stage: `self-test ${extractor.name}`, done: k + 1, total: steps.length, unit: "degradations" });
  }
  return rungs;
}

/** Control images of which some are left out. */
async function lackingRungs({ found, pools, space, control, linear, seed }: Climb): Promise<Rung[]> {
  const of = async (pool: RowsByClass | null): Promise<Likeness | null> => {
    if (pool === null) return null;
    const counts = filledCounts(pool, found.counts);
    return sum(counts) < 2 ? null : likeness(found, control, pool, space, linear, seed, counts);
  };
  const halved = await halfOfTheModes(pools.control, control, linear, seed);
  return [
    {
      degradation: "one class missing",
      strength: 1,
      draws: await of(withoutClass(pools.control, found.counts)),
      fid: null,
    },
    { degradation: "half of the modes missing", strength: 0.5, draws: await of(halved), fid: null },
  ];
}

/** Side in pixels of the copies that kinds of images are looked for by. */
const THUMBNAIL = 8;

/** Pixels of small copies of some images of a set. */
const thumbnails = ({ store }: LabelledSet, rows: readonly number[], channels: 1 | 3): Matrix =>
  pixelVectors(store, rows, Math.min(THUMBNAIL, store.resolution), channels);

/** What kinds of images are looked for by, and the control images with half of the kinds gone. */
async function missingKinds(
  { found: { counts }, pools, level, set, linear, seed }: Climb,
  sets: EvaluatedSets,
): Promise<KindsClimb> {
  const [first, second] = [sideOf(pools.real, counts, seed), sideOf(pools.control, counts, seed)];
  const sizes = (rows: readonly number[], { labels }: LabelledSet) =>
    rowsByClass(labels, counts.length, rows).map(({ length }) => length);
  const { channels } = sets;
  const kinds = await kindsOf(
    [
      { name: "features", real: takeRows(level.real, first), control: takeRows(level.control, second) },
      {
        name: "thumbnails",
        real: thumbnails(sets.real, first, channels),
        control: thumbnails(set, second, channels),
      },
    ],
    counts,
    { real: sizes(first, sets.real), control: sizes(second, set) },
    linear,
    seed,
  );
  const [features, small] = kinds.views;
  return {
    kinds,
    missing: {
      features: await withoutHalf(features!, kinds, linear, seed),
      thumbnails: await withoutHalf(small!, kinds, linear, seed),
    },
  };
}

interface KindsClimb {
  readonly kinds: Kinds;
  /** Control images without half of the kinds that a view has, seen in every view. */
  readonly missing: Readonly<Record<ViewName, Readonly<Record<ViewName, readonly number[]>> | null>>;
}

/** Whether a set lacks kinds of images, in every view. */
async function kindsSights(
  { kinds, missing }: KindsClimb,
  set: LabelledSet,
  pool: RowsByClass,
  features: Matrix,
  channels: 1 | 3,
  linear: Linear64,
  seed: number,
): Promise<KindsSight[]> {
  const whole = pool.every((rows, c) => rows.length <= kinds.counts[c]!);
  const draws = Array.from({ length: whole ? 1 : KIND_DRAWS }, () => pool);
  const small = thumbnails(set, [...set.labels.keys()], channels);
  const sights: KindsSight[] = [];
  for (const view of kinds.views) {
    const own = view.name === "features" ? features : small;
    sights.push({
      view: view.name,
      threshold: view.threshold,
      synthetic: await lacking(view, kinds, own, draws, linear, seed),
      missing: {
        features: missing.features?.[view.name] ?? null,
        thumbnails: missing.thumbnails?.[view.name] ?? null,
      },
    });
  }
  return sights;
}

interface Climbed {
  readonly climb: Climb;
  readonly rungs: readonly Rung[];
  readonly kinds: KindsClimb;
}

/** Ladders that an extractor has climbed, so that several sets beside the same real images share them. */
const climbed = new WeakMap<FeatureExtractor, Map<string, Promise<Climbed | null>>>();

/** Measures the synthetic set and the ladder by one extractor. @param rows features of the sets' images */
export async function sightOf(
  sets: EvaluatedSets,
  extractor: FeatureExtractor,
  rows: { readonly real: Matrix; readonly synthetic: Matrix; readonly holdout: Matrix | null },
  linear: Linear64,
  seed: number,
  onProgress: ProgressListener,
): Promise<Sight> {
  const pools = poolsOf(sets, extractor.learned, seed);
  const { from, counts } = pools;
  const climbNow = async (): Promise<Climbed | null> => {
    const own = pools.real.flat();
    if (own.length < 2) return null;
    const space = await comparisonSpace(takeRows(rows.real, own), linear);
    const held = from === "holdout" ? sets.holdout : null;
    const real = await space.place(rows.real);
    const control = held === null ? real : await space.place(rows.holdout!);
    const found = await yardstick(real, control, pools, space, linear, seed);
    if (found === null) return null;
    const level = { real: space.level(rows.real), control: space.level(held === null ? rows.real : rows.holdout!) };
    const climb = { found, pools, space, extractor, real, control, level, set: held ?? sets.real, linear, seed };
    const rungs = [...(await spoiltRungs(climb, onProgress)), ...(await lackingRungs(climb))];
    return { climb, rungs, kinds: await missingKinds(climb, sets) };
  };
  const known = climbed.get(extractor) ?? new Map<string, Promise<Climbed | null>>();
  climbed.set(extractor, known);
  const key = JSON.stringify([sets.real.hash, sets.holdout?.hash, seed, from, counts]);
  const climbing = known.get(key) ?? climbNow();
  known.set(key, climbing);
  const reached = await climbing;
  const n = sum(counts);
  if (reached === null) {
    return { n, from, yardstick: null, synthetic: null, moments: null, ladder: [], classes: [], kinds: [] };
  }
  const { found, space, real, control } = reached.climb;
  const places = await space.place(rows.synthetic);
  const sides = {
    real: { places: real, rows: pools.real },
    control: { places: control, rows: pools.control },
    synthetic: { places, rows: pools.synthetic },
  };
  const { control: floor, moments, divided, dividedModes, deviation } = found;
  return {
    n,
    from,
    yardstick: { control: floor, moments, divided, dividedModes, deviation },
    synthetic: await likeness(found, places, pools.synthetic, space, linear, seed),
    moments: await momentsOf(found, places, pools.synthetic, linear, seed),
    ladder: reached.rungs,
    classes: await classLikeness(sides, linear, seed),
    kinds: await kindsSights(
      reached.kinds,
      sets.synthetic,
      pools.synthetic,
      space.level(rows.synthetic),
      sets.channels,
      linear,
      seed,
    ),
  };
}
