import type { ProgressListener } from "../../core/progress.ts";
import { Rng } from "../../core/rng.ts";
import { type FeatureExtractor, featureRows, type Learned, selectImages } from "../../features/extractor.ts";
import type { Linear64, Matrix } from "../../math/linear/linear64.ts";
import type { EvaluatedSets } from "../datasets.ts";
import { type Degradation, degrade, mustSee } from "./degrade.ts";
import { drawRows, type Likeness, likeness, type Pools, rowsByClass, sharedCounts, yardstick } from "./likeness.ts";

/** Where the other real images of the yardstick come from. */
type ControlSource = "holdout" | "unseen" | "halves";

interface SetPools extends Pools {
  readonly from: ControlSource;
  readonly synthetic: readonly (readonly number[])[];
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
  const n = ({ counts }: SetPools) => counts.reduce((a, b) => a + b, 0);
  return n(held) >= n(own) ? held : own;
}

/** A set of real images, spoilt. */
export interface Rung extends Degradation {
  readonly draws: readonly Likeness[];
}

/** What one extractor sees of a synthetic set and of spoilt real images, at the same n. */
export interface Sight {
  /** Images on each side; with too few the rest is null. */
  readonly n: number;
  readonly from: ControlSource;
  readonly synthetic: readonly Likeness[] | null;
  readonly ladder: readonly Rung[];
}

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
  const n = counts.reduce((a, b) => a + b, 0);
  const held = from === "holdout" ? sets.holdout : null;
  const control = held === null ? rows.real : rows.holdout!;
  const found = await yardstick(rows.real, control, pools, linear, seed);
  if (found === null) return { n, from, synthetic: null, ladder: [] };
  const synthetic = await likeness(found, rows.synthetic, pools.synthetic, linear, seed);
  const chosen = drawRows(pools.control, counts, new Rng(seed, "ladder"));
  const sources = selectImages((held ?? sets.real).store, chosen);
  let start = 0;
  const places = counts.map((count) => Array.from({ length: count }, () => start++));
  const rungs: Rung[] = [];
  const steps = mustSee(sets.resolution);
  for (const [k, step] of steps.entries()) {
    const features = featureRows(await extractor.extract(await degrade(sources, step, seed)));
    rungs.push({ ...step, draws: await likeness(found, features, places, linear, seed) });
    onProgress({ stage: `self-test ${extractor.name}`, done: k + 1, total: steps.length, unit: "degradations" });
  }
  return { n, from, synthetic, ladder: rungs };
}
