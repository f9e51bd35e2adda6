import { join } from "node:path";
import type { ProgressListener } from "../../core/progress.ts";
import { Rng } from "../../core/rng.ts";
import { stratifiedSplit, type ToneSource } from "../../data/index.ts";
import { type ImageSource, selectImages, shrunkImages } from "../../features/extractor.ts";
import type { LabelledSet } from "../../features/labelled-set.ts";
import type { EvaluatedSets } from "../datasets.ts";
import { measureCondition } from "./condition.ts";
import type { ControlsSummary } from "./controls-schema.ts";
import { drawnChanges, OUTSIDE_PAIRS, realChanges } from "./draw-pairs.ts";
import { estimateTones, unionOf } from "./estimate-tones.ts";
import { type ControlTraining, type RegionFinder, trainConditionClassifier, trainRegionFinder } from "./networks.ts";
import { boxedRegion, intersectionOverUnion, ratioOfMedians, regionOfBoxes, summariseOverlap } from "./region.ts";
import { readMasks, readStatedControls, type StatedControls, statesControls } from "./stated-controls.ts";
import { measureTone, type ToneAgreement } from "./tone.ts";

export interface ControlOptions {
  /** Folder of the run that drew the synthetic images. Defaults to none: the change outside is not measured. */
  readonly run?: string | undefined;
  /** Images seen in the training of each of the two networks. Defaults to 20,000. */
  readonly imagesSeen?: number | undefined;
  readonly seed: number;
  readonly threads: number;
  readonly onProgress: ProgressListener;
}

/** What was found, and what the pictures of the report need. */
export interface ControlFindings {
  readonly summary: ControlsSummary;
  /** What was asked of each synthetic image. */
  readonly asked: StatedControls;
  /** Region found in each synthetic image, uint8 [n, S, S]; null without real masks to learn from. */
  readonly found: Uint8Array | null;
  /** Estimated tone of each synthetic image, 0 where unknown. */
  readonly estimated: Uint8Array;
}

/** Larger images are area-averaged to this side, as for `encoder`. */
const CONTROL_SIDE = 64;
/** Tones that stand in a column: a tone is asked for on the scale of estimates where the generator learned from them. */
export const WRITTEN: readonly ToneSource[] = ["stated", "marked"];
/** Share of the real set that is compared with where there is no held-out set. */
const PART = 0.2;

/** Real images compared with: never seen by the two networks. */
interface Baseline {
  readonly images: ImageSource;
  readonly labels: Uint16Array;
  readonly stated: StatedControls;
}

/** The real images that the networks learn from, by index, and those compared with. */
async function divide(sets: EvaluatedSets, side: number, { seed, onProgress }: ControlOptions) {
  const { real, holdout } = sets;
  const read = ({ dataset }: LabelledSet, chosen: readonly number[] = dataset.samples.map((_, i) => i)) =>
    readStatedControls({ ...dataset, samples: chosen.map((i) => dataset.samples[i]!) }, side, onProgress);
  if (holdout !== null) {
    const baseline: Baseline = {
      images: shrunkImages(holdout.store, CONTROL_SIDE),
      labels: holdout.labels,
      stated: await read(holdout),
    };
    return { train: real.dataset.samples.map((_, i) => i), baseline };
  }
  const labels = real.dataset.samples.map(({ label }) => label);
  const groups = real.dataset.samples.map(({ patient }) => patient);
  const [train, part] = stratifiedSplit(labels, { fractions: [1 - PART, PART], groups, seed });
  const baseline: Baseline = {
    images: selectImages(shrunkImages(real.store, CONTROL_SIDE), part!),
    labels: Uint16Array.from(part!, (i) => real.labels[i]!),
    stated: await read(real, part!),
  };
  return { train, baseline };
}

type Condition = Pick<ControlsSummary, "classifier" | "condition">;

async function conditionControl(
  sets: EvaluatedSets,
  train: readonly number[],
  baseline: Baseline,
  training: ControlTraining,
): Promise<Condition> {
  const { real, synthetic, classes } = sets;
  const images = shrunkImages(real.store, CONTROL_SIDE);
  const learned = {
    count: images.count,
    resolution: images.resolution,
    channels: images.channels,
    readInto: images.readInto,
    labels: real.labels,
    classes,
  };
  const network = await trainConditionClassifier(learned, train, training);
  try {
    const rng = () => new Rng(training.seed, "bootstrap", "condition");
    const compare = async (labels: Uint16Array, source: ImageSource) =>
      measureCondition(labels, await network.assign(source), classes, rng());
    const condition = {
      synthetic: await compare(synthetic.labels, shrunkImages(synthetic.store, CONTROL_SIDE)),
      real: await compare(baseline.labels, baseline.images),
    };
    const classifier = {
      imagesSeen: training.imagesSeen,
      accuracy: condition.real.share?.value ?? null,
      balancedAccuracy: condition.real.balanced?.value ?? null,
      chance: 1 / new Set(baseline.labels).size,
    };
    return { classifier, condition } as Condition;
  } finally {
    await network.close();
  }
}

/** Overlap of stated regions with found ones, as they are and as boxes; images without a stated region are left out. */
function overlaps(stated: StatedControls, found: Uint8Array): { members: number[]; shape: number[]; box: number[] } {
  const { resolution: size, regions, boxes } = stated;
  const area = size ** 2;
  const at = (of: Uint8Array, i: number) => of.subarray(i * area, (i + 1) * area);
  const members = boxes.flatMap((_, i) => (at(regions, i).includes(255) ? [i] : []));
  return {
    members,
    shape: members.map((i) => intersectionOverUnion(at(regions, i), at(found, i))),
    box: members.map((i) => intersectionOverUnion(regionOfBoxes(boxes[i]!, size), boxedRegion(at(found, i), size))),
  };
}

/** `box` where every asked region is its boxes, filled. */
function kindOf({ resolution: size, regions, boxes }: StatedControls): "box" | "mask" {
  const area = size ** 2;
  const filled = (own: StatedControls["boxes"][number], i: number) =>
    intersectionOverUnion(regionOfBoxes(own, size), regions.subarray(i * area, (i + 1) * area)) > 0.9;
  const share = boxes.filter(filled).length / boxes.length;
  return share > 0.9 ? "box" : "mask";
}

function regionControl(
  asked: StatedControls,
  labels: Uint16Array,
  found: Uint8Array,
  baseline: Baseline,
  baselineFound: Uint8Array,
  classes: readonly string[],
  seed: number,
): ControlsSummary["region"] {
  const synthetic = overlaps(asked, found);
  const real = overlaps(baseline.stated, baselineFound);
  const pair = (of: "shape" | "box") => {
    const rng = (...keys: string[]) => new Rng(seed, "bootstrap", "region", of, ...keys);
    const summary = (part: ReturnType<typeof overlaps>, of_: ArrayLike<number>, name: string) =>
      summariseOverlap(
        part[of],
        part.members.map((i) => of_[i]!),
        classes,
        rng(name),
      );
    return {
      synthetic: summary(synthetic, labels, "synthetic"),
      real: summary(real, baseline.labels, "real"),
      ratio: ratioOfMedians(Float64Array.from(synthetic[of]), Float64Array.from(real[of]), rng("ratio")),
    };
  };
  return { kind: kindOf(asked), shape: pair("shape"), box: pair("box") } as ControlsSummary["region"];
}

/** Written against estimated tones of the images whose tone is known so and that show one; null where there are none. */
function toneAgreement(
  stated: StatedControls,
  known: readonly ToneSource[],
  estimated: Uint8Array,
  seed: number,
): ToneAgreement | null {
  const members = [...estimated.keys()].filter((i) => known.includes(stated.toneSources[i]!) && estimated[i]! > 0);
  if (members.length === 0) return null;
  const take = (of: Uint8Array) => Uint8Array.from(members, (i) => of[i]!);
  return measureTone(take(stated.tones), take(estimated), new Rng(seed, "bootstrap", "tone"));
}

/** The maps of the synthetic set that are drawn again, at the generator's resolution. */
async function askedMaps(sets: EvaluatedSets, resolution: number, { seed }: ControlOptions) {
  const { synthetic, classes } = sets;
  const chosen = new Rng(seed, "outside", "maps")
    .shuffle(synthetic.dataset.samples.map((_, i) => i))
    .slice(0, OUTSIDE_PAIRS)
    .sort((a, b) => a - b);
  const dataset = { ...synthetic.dataset, samples: chosen.map((i) => synthetic.dataset.samples[i]!) };
  const { regions, tones } = await readStatedControls(dataset, resolution, () => undefined);
  const area = resolution ** 2;
  return chosen.map((i, n) => ({
    condition: classes[synthetic.labels[i]!]!,
    tone: tones[n]!,
    region: regions.subarray(n * area, (n + 1) * area),
  }));
}

async function outsideControl(
  sets: EvaluatedSets,
  run: string,
  baseline: Baseline,
  realTones: Uint8Array,
  options: ControlOptions,
): Promise<ControlsSummary["outside"]> {
  const { openMapGenerator } = await import("../../model/index.ts");
  const generator = await openMapGenerator(join(run, "generator.onnx"), { threads: options.threads });
  try {
    const maps = await askedMaps(sets, generator.description.resolution, options);
    const side = baseline.images.resolution;
    const drawn = await drawnChanges(generator, maps, { seed: options.seed, side });
    const { images, labels, stated } = baseline;
    const real = realChanges({ images, labels, tones: realTones, regions: stated.regions }, options.seed);
    return { ...drawn, real } as ControlsSummary["outside"];
  } finally {
    await generator.close();
  }
}

/**
 * Measures whether the synthetic images hold what was asked of them: condition, region, tone, and what else changes with
 * the condition (docs/controls.md). Null where the synthetic set does not say what was asked: no mask and no boxes.
 * @throws GanglionError `dataset`, `image`, `files`; `usage` for a run that did not draw the set
 */
export async function measureControls(sets: EvaluatedSets, options: ControlOptions): Promise<ControlFindings | null> {
  const { synthetic, real, classes } = sets;
  if (!statesControls(synthetic.dataset)) return null;
  const { seed, threads, onProgress, imagesSeen = 20_000 } = options;
  const training = { real, imagesSeen, seed, threads, onProgress };
  const notes: string[] = [];
  const side = Math.min(CONTROL_SIDE, sets.resolution);
  const asked = await readStatedControls(synthetic.dataset, side, onProgress);
  const images = shrunkImages(synthetic.store, CONTROL_SIDE);
  const { train, baseline } = await divide(sets, side, options);

  let condition: Condition = { classifier: null, condition: null };
  if (new Set(train!.map((i) => real.labels[i])).size < 2) notes.push("There is one condition only, so none to tell.");
  else condition = await conditionControl(sets, train!, baseline, training);

  const drawn = await readMasks(real.dataset, side);
  const learned = new Set(train);
  const masked = drawn.indices.filter((i) => learned.has(i));
  let found: Uint8Array | null = null;
  let baselineFound: Uint8Array | null = null;
  if (masked.length === 0) notes.push("The real images have no masks for training, so lesions are not detected.");
  else {
    const finder: RegionFinder = await trainRegionFinder(
      shrunkImages(real.store, CONTROL_SIDE),
      drawn,
      masked,
      training,
    );
    try {
      found = await finder.find(images);
      baselineFound = await finder.find(baseline.images);
    } finally {
      await finder.close();
    }
  }
  const region =
    found === null || baselineFound === null
      ? null
      : regionControl(asked, synthetic.labels, found, baseline, baselineFound, classes, seed);

  const estimated = estimateTones(images, unionOf(asked.regions, found));
  const realTones = estimateTones(baseline.images, unionOf(baseline.stated.regions, baselineFound));
  const toneOfSynthetic = toneAgreement(asked, WRITTEN, estimated, seed);
  const toneOfReal = toneAgreement(baseline.stated, ["stated"], realTones, seed);
  const estimate = "tones are the typology angle outside of the lesion and no Fitzpatrick types";
  if (toneOfSynthetic === null) notes.push(`No tone was asked for that can be compared; estimated ${estimate}.`);
  else if (toneOfReal === null) {
    notes.push(
      `The tones of the real images are themselves estimated from their pixels, so there is no independent baseline for tone; estimated ${estimate}.`,
    );
  }
  const outside =
    options.run === undefined ? null : await outsideControl(sets, options.run, baseline, realTones, options);
  const summary: ControlsSummary = {
    resolution: side,
    classes: [...classes],
    baseline: sets.holdout === null ? "part" : "holdout",
    ...condition,
    segmenter: masked.length === 0 ? null : { imagesSeen, masks: masked.length },
    region,
    tone:
      toneOfSynthetic === null ? null : ({ synthetic: toneOfSynthetic, real: toneOfReal } as ControlsSummary["tone"]),
    outside,
    notes,
  };
  return { summary, asked, found, estimated };
}
