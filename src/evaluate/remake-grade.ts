import { Rng } from "../core/rng.ts";
import { openStore, type RawImage } from "../data/index.ts";
import { DEFAULT_FEATURES } from "../features/default-features.ts";
import { featureRows, readAll, selectImages } from "../features/extractor.ts";
import type { LabelledSet } from "../features/labelled-set.ts";
import { openedExtractors } from "../features/opened-extractors.ts";
import { readImages } from "../features/raw-images.ts";
import { runtimeLinear64 } from "../math/linear/runtime-linear64.ts";
import { type EvaluatedSets, type OpenSetsOptions, openSets } from "./datasets.ts";
import type { Estimates } from "./metrics-file.ts";
import { classAgreement } from "./quality/class-agreement.ts";
import { METRICS } from "./quality/registry.ts";
import { gradeExtractor } from "./verdict/grade-extractor.ts";
import { rowsByClass } from "./verdict/likeness.ts";
import { sightOf } from "./verdict/self-test.ts";
import { verdictOf } from "./verdict/verdict.ts";
import type { Verdict } from "./verdict/verdict-schema.ts";

/** Most images of a set that a grade is made again from. */
const MOST = 1024;
/** Images of each kind that are shown. */
const SHOWN = 8;

export interface RemakeGradeOptions extends OpenSetsOptions {
  readonly seed: number;
  /** Threads inside one operator. */
  readonly threads: number;
}

/** The verdict, and a few images drawn at random. */
export interface RemadeGrade {
  readonly verdict: Verdict;
  /** Width and height of the images. */
  readonly resolution: number;
  readonly real: readonly RawImage[];
  readonly synthetic: readonly RawImage[];
}

/** At most {@link MOST} images, of each class as large a share as of all. */
function limited(set: LabelledSet, classes: readonly string[], resolution: number, seed: number): LabelledSet {
  if (set.store.count <= MOST) return set;
  const rows = rowsByClass(set.labels, classes.length).flatMap((list, c) =>
    new Rng(seed, "remade grade", c)
      .shuffle([...list])
      .slice(0, Math.max(1, Math.floor((list.length * MOST) / set.store.count))),
  );
  const labels = Uint16Array.from(rows, (i) => set.labels[i]!);
  const source = readAll(selectImages(set.store, rows));
  const store = openStore({ source, resolution, channels: set.store.channels, classes, labels });
  return { ...set, dataset: { ...set.dataset, samples: rows.map((i) => set.dataset.samples[i]!) }, store, labels };
}

/** Metrics of all images are not measured here: the draws of the verdict decide. */
const OPEN = Object.fromEntries(METRICS.map((metric) => [metric, null])) as Estimates;

async function verdictOn(sets: EvaluatedSets, { seed, threads, onProgress }: RemakeGradeOptions): Promise<Verdict> {
  const { classes, real, synthetic, holdout } = sets;
  const extractors = openedExtractors(DEFAULT_FEATURES, { real, seed, threads, onProgress });
  const linear = runtimeLinear64({ threads });
  const features: Record<string, Parameters<typeof verdictOf>[0]["features"][string]> = {};
  const selfTest: Record<string, Parameters<typeof verdictOf>[0]["selfTest"][string]> = {};
  try {
    for (const extractor of await extractors.all()) {
      const of = async (set: LabelledSet) => featureRows(await extractor.extract(set.store));
      const rows = {
        real: await of(real),
        synthetic: await of(synthetic),
        holdout: holdout === null ? null : await of(holdout),
      };
      const sight = await sightOf(sets, extractor, rows, linear, seed, onProgress);
      const found = gradeExtractor(sight, extractor.learned, classes);
      features[extractor.name] = { overall: OPEN, likeness: found.likeness, perClass: {}, perAttribute: {} };
      selfTest[extractor.name] = found.selfTest;
    }
  } finally {
    await extractors.close();
    await linear.close();
  }
  const counts = rowsByClass(synthetic.labels, classes.length).map(({ length }) => length);
  const perClass = Object.fromEntries(classes.map((name, c) => [name, { n: counts[c]!, floorN: counts[c]! }]));
  const second = Int32Array.from(synthetic.labels.keys());
  const agreement = classAgreement({ sets, matched: { first: second, second, counts }, seed });
  const protocol = { perClass, perAttribute: {} } as Parameters<typeof verdictOf>[0]["protocol"];
  return verdictOf({ features, selfTest, protocol, imageMetrics: { classAgreement: agreement } });
}

/**
 * Makes the verdict of `evaluate` again, by the default features and on at most {@link MOST} images of each set, so that it
 * takes seconds; nothing is written.
 * @throws GanglionError as `evaluate`
 */
export async function remakeGrade(options: RemakeGradeOptions): Promise<RemadeGrade> {
  const opened = await openSets(options);
  try {
    const { classes, resolution } = opened;
    const few = (set: LabelledSet) => limited(set, classes, resolution, options.seed);
    const sets = {
      ...opened,
      real: few(opened.real),
      synthetic: few(opened.synthetic),
      holdout: opened.holdout === null ? null : few(opened.holdout),
    };
    const shown = ({ store }: LabelledSet, name: string) => {
      const order = Array.from({ length: store.count }, (_, i) => i);
      return readImages(store, new Rng(options.seed, "remade grade", name).shuffle(order).slice(0, SHOWN));
    };
    return {
      verdict: await verdictOn(sets, options),
      resolution,
      real: shown(sets.real, "real"),
      synthetic: shown(sets.synthetic, "synthetic"),
    };
  } finally {
    opened.close();
  }
}
