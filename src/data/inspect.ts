import { type Problem, throwIfProblems } from "../core/errors.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { listed, named } from "../core/quoted.ts";
import { columnNames, columnValue } from "./dataset.ts";
import { compareImages, type DuplicateOptions, type NearDuplicate } from "./duplicates.ts";
import { leftOutDamaged } from "./image-problems.ts";
import { hasRegions, type ImageMap, readImageMap, toneColumn } from "./maps/image-map.ts";
import { countTones, type ToneCounts } from "./maps/tone-counts.ts";
import { sortClasses } from "./names.ts";
import { hashDistance } from "./perceptual-hash.ts";
import type { PicturePrints } from "./prints/picture-prints.ts";
import { problemsOf, readPrints } from "./prints/read-prints.ts";
import { findRepeats, MOST_SEARCHED, searchSeconds } from "./repeats.ts";
import type { Dataset, RawImage, Sample } from "./types.ts";

export interface InspectOptions {
  /** Leaves out images that cannot be decoded, instead of failing. Defaults to false. */
  readonly skipDamaged?: boolean | undefined;
  /** Told after every image. Defaults to silence. */
  readonly onProgress?: ProgressListener | undefined;
  /** What counts as a near duplicate. Defaults to those of `findDuplicates`. */
  readonly duplicates?: DuplicateOptions;
  /** Whether cropped, mirrored and turned copies are looked for. Defaults to whether there are at most `mostSearched` images. */
  readonly parts?: boolean | undefined;
  /** Images among which they are looked for where `parts` is not given. Defaults to 12,000. */
  readonly mostSearched?: number;
}

/** That cropped, mirrored and turned copies were not looked for, and why. */
export interface PartsNotSearched {
  /** Images among which they were not looked for. */
  readonly images: number;
  /** `many`: there are more images than `most`, among which they are looked for unless that is asked; `asked`: not to look for them. */
  readonly why: "many" | "asked";
  readonly most: number;
  /** About how long it would take besides, in seconds of one processor core. */
  readonly coreSeconds: number;
  /** The command that does it, complete and quoted, where it was a command that did not. */
  readonly command?: string | undefined;
}

interface ClassCount {
  readonly name: string;
  readonly count: number;
  /** Images per split by name; empty where the dataset has no splits. */
  readonly bySplit: Readonly<Record<string, number>>;
}

/** An image as reports name it. */
export interface ImageName {
  readonly fileName: string;
  readonly label: string;
  readonly split?: string;
  readonly patient?: string;
}

interface ExactGroup {
  readonly images: readonly ImageName[];
  /** The copies lie in more than one split. */
  readonly acrossSplits: boolean;
  /** The copies carry more than one class. */
  readonly labelsDiffer: boolean;
}

interface NearPair {
  readonly images: readonly [ImageName, ImageName];
  /** Bits in which the perceptual hashes differ, 0..64. */
  readonly distance: number;
  /** Correlation of the fine structure, -1..1. */
  readonly correlation: number;
  /** How one picture lies on the other, where it was cropped, mirrored or turned. */
  readonly transform?: string;
  readonly acrossSplits: boolean;
  readonly labelsDiffer: boolean;
  /** Both show one patient, as neighbouring slices do. */
  readonly samePatient: boolean;
}

/** What `inspect` finds; plain data, the object of `--json`. */
export interface Inspection {
  readonly images: number;
  readonly kind: string;
  readonly columns: Dataset["columns"];
  /** Largest class first. */
  readonly classes: readonly ClassCount[];
  /** Largest class over smallest. */
  readonly imbalance: number;
  /** Images per split; empty where the dataset has none. */
  readonly splits: Readonly<Record<string, number>>;
  /** Sizes in pixels, most frequent first. */
  readonly sizes: readonly { readonly width: number; readonly height: number; readonly count: number }[];
  readonly channels: { readonly grey: number; readonly colour: number };
  /** Images of one single value, as an empty slice is. */
  readonly flat: readonly string[];
  readonly masks: number;
  /**
   * Skin tones of colour images; null where the dataset has no masks, boxes or tones, or where one of them cannot be used
   * (then a warning says which).
   */
  readonly tones: ToneCounts | null;
  /** Null where no column names the patient. */
  readonly patients: {
    readonly count: number;
    readonly imagesPerPatient: { readonly least: number; readonly median: number; readonly most: number };
  } | null;
  /** Columns with empty cells (also `na`, `n/a`, `nan`, `null`, `none`), most first. */
  readonly missing: readonly { readonly column: string; readonly count: number }[];
  /** Without flat images. */
  readonly exactDuplicates: readonly ExactGroup[];
  readonly nearDuplicates: readonly NearPair[];
  /** All near pairs found; larger than the list where that was cut. */
  readonly nearDuplicateCount: number;
  /** Absent where the near duplicates include all copies that were cropped, mirrored or turned. */
  readonly partsNotSearched?: PartsNotSearched;
  /** Patients with images in more than one split. */
  readonly patientLeaks: readonly { readonly patient: string; readonly splits: readonly string[] }[];
  /** Images that were left out because they cannot be decoded; empty unless that was asked for. */
  readonly damaged: readonly Problem[];
  /** Masks, boxes and tones of colour images that cannot be used, by the names of their images or masks. */
  readonly unusable: readonly Problem[];
  /** What a person should look at, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Looks at every image of a dataset and at its columns: counts, imbalance, sizes, copies, leaks across splits.
 * @throws GanglionError `image` that lists every image that cannot be read.
 */
export async function inspectDataset(source: Dataset, options: InspectOptions = {}): Promise<Inspection> {
  const onProgress = options.onProgress ?? silent;
  const sizes = new Map<string, { width: number; height: number; count: number }>();
  const channels = { grey: 0, colour: 0 };
  const tones: { label: string; tone: ImageMap["tone"]; toneSource: ImageMap["toneSource"] }[] = [];
  const mapProblems: Problem[] = [];
  const readTone = async (image: RawImage, index: number) => {
    if (image.channels !== 3) return;
    const { label, fileName } = source.samples[index]!;
    try {
      const { tone, toneSource } = await readImageMap(source, index, image);
      tones.push({ label, tone, toneSource });
    } catch (cause) {
      mapProblems.push(...problemsOf(cause, fileName));
    }
  };
  const { mostSearched = MOST_SEARCHED } = options;
  const withParts = options.parts ?? source.samples.length <= mostSearched;
  const { prints, problems } = await readPrints(source, {
    stage: "inspect",
    onProgress,
    withParts,
    also: hasRegions(source) || toneColumn(source) !== undefined ? readTone : undefined,
    onPrint(print) {
      const key = `${print.width}x${print.height}`;
      const size = sizes.get(key) ?? { width: print.width, height: print.height, count: 0 };
      size.count++;
      sizes.set(key, size);
      channels[print.channels === 1 ? "grey" : "colour"]++;
    },
  });
  try {
    if (options.skipDamaged !== true || problems.length >= source.samples.length)
      throwIfProblems("image", `${source.root}: images that cannot be read`, problems);
    const samples = source.samples.filter((_, index) => prints.has(index));
    const classNames = problems.length === 0 ? source.classes : sortClasses(samples.map(({ label }) => label));
    const dataset: Dataset = { ...source, samples, classes: classNames };
    const classes = countClasses(samples, classNames);
    const found = {
      images: samples.length,
      kind: source.reader.name,
      columns: source.columns,
      classes,
      imbalance: classes.length === 0 ? 1 : classes[0]!.count / classes[classes.length - 1]!.count,
      splits: countBy(samples, ({ split }) => split),
      sizes: [...sizes.values()].sort((a, b) => b.count - a.count || a.width - b.width || a.height - b.height),
      channels,
      flat: source.samples.filter((_, index) => prints.isFlat(index)).map(({ fileName }) => fileName),
      masks: samples.filter(({ mask }) => mask !== undefined).length,
      tones: mapProblems.length > 0 || tones.length === 0 ? null : countTones(tones, classNames, toneColumn(source)),
      patients: countPatients(samples),
      missing: countMissing(dataset),
      ...(await findAlike(source, prints, withParts, options)),
      ...(withParts ? {} : { partsNotSearched: notSearched(samples.length, options.parts, mostSearched) }),
      patientLeaks: findPatientLeaks(samples),
      damaged: problems,
      unusable: mapProblems.sort((a, b) => (a.path < b.path ? -1 : 1)),
    };
    return { ...found, warnings: [...warningsOf(found), ...mapWarnings(found.unusable)] };
  } finally {
    prints.close();
  }
}

const notSearched = (images: number, asked: boolean | undefined, most: number): PartsNotSearched => ({
  images,
  why: asked === undefined ? "many" : "asked",
  most,
  coreSeconds: Math.ceil(searchSeconds(images)),
});

/** The images of a set that are there more than once. @param withParts Whether copies of parts, mirrored and turned ones are looked for. */
async function findAlike(
  { samples }: Dataset,
  prints: PicturePrints,
  withParts: boolean,
  { onProgress, duplicates: options }: InspectOptions,
): Promise<Pick<Inspection, "exactDuplicates" | "nearDuplicates" | "nearDuplicateCount">> {
  const duplicates = await compareImages(prints, { onProgress, ...options });
  const differ = (images: readonly ImageName[], key: "label" | "split"): boolean =>
    new Set(images.map((image) => image[key]).filter(Boolean)).size > 1;
  // Flat images are equal to each other without being copies; they are listed as flat.
  const groups = duplicates.exact.filter(([first]) => !prints.isFlat(first!));
  const exactDuplicates = groups.map((group): ExactGroup => {
    const images = group.map((index) => nameOf(samples[index]!));
    return { images, acrossSplits: differ(images, "split"), labelsDiffer: differ(images, "label") };
  });
  const copied = new Set(duplicates.exact.flatMap((group) => group.slice(1)));
  const paired = new Set(duplicates.near.map(({ first, second }) => first * samples.length + second));
  const repeats = withParts
    ? await findRepeats(prints, {
        onProgress,
        without: (i) => copied.has(i) || prints.isFlat(i),
        skip: (first, second) => paired.has(first * samples.length + second),
      })
    : [];
  const alike = repeats.map((repeat) => ({
    ...repeat,
    distance: hashDistance(prints.hash(repeat.first), prints.hash(repeat.second)),
  }));
  const near: (NearDuplicate & { readonly transform?: string })[] = [...duplicates.near, ...alike];
  const nearDuplicates = near.map(({ first, second, distance, correlation, transform }): NearPair => {
    const images = [nameOf(samples[first]!), nameOf(samples[second]!)] as const;
    return {
      images,
      distance,
      correlation: Math.round(correlation * 1e4) / 1e4,
      ...(transform === undefined ? {} : { transform }),
      acrossSplits: differ(images, "split"),
      labelsDiffer: differ(images, "label"),
      samePatient: images[0].patient !== undefined && images[0].patient === images[1].patient,
    };
  });
  return { exactDuplicates, nearDuplicates, nearDuplicateCount: duplicates.nearCount + alike.length };
}

function mapWarnings(problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [];
  const [first] = problems;
  const which = problems.length === 1 ? "a mask, box or tone" : `${problems.length} masks, boxes or tones`;
  return [`${which} cannot be used, so no tones are shown and no maps can be made: ${first!.path}: ${first!.message}`];
}

function nameOf({ fileName, label, split, patient }: Sample): ImageName {
  return { fileName, label, ...(split ? { split } : {}), ...(patient ? { patient } : {}) };
}

/** Splits in the order of use, other names after them. */
function order(name: string): number {
  const place = ["train", "val", "test"].indexOf(name);
  return place < 0 ? 3 : place;
}

function countBy(samples: readonly Sample[], key: (sample: Sample) => string | undefined): Record<string, number> {
  const counts = new Map<string, number>();
  for (const sample of samples) {
    const name = key(sample);
    if (name) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => order(a) - order(b) || (a < b ? -1 : 1)));
}

function countClasses(samples: readonly Sample[], classes: readonly string[]): ClassCount[] {
  const byClass = new Map<string, Sample[]>(classes.map((name) => [name, []]));
  for (const sample of samples) byClass.get(sample.label)?.push(sample);
  return [...byClass]
    .map(([name, own]) => ({ name, count: own.length, bySplit: countBy(own, ({ split }) => split) }))
    .sort((a, b) => b.count - a.count);
}

function countPatients(samples: readonly Sample[]): Inspection["patients"] {
  const counts = Object.values(countBy(samples, ({ patient }) => patient)).sort((a, b) => a - b);
  if (counts.length === 0) return null;
  const [least, median, most] = [counts[0], counts[counts.length >> 1], counts[counts.length - 1]];
  return { count: counts.length, imagesPerPatient: { least: least!, median: median!, most: most! } };
}

function countMissing(dataset: Dataset): { column: string; count: number }[] {
  const empty = /^\s*(na|n\/a|nan|null|none)?\s*$/i;
  return columnNames(dataset)
    .map((column) => ({
      column,
      count: dataset.samples.filter((sample) => empty.test(columnValue(dataset, sample, column) ?? "")).length,
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

function findPatientLeaks(samples: readonly Sample[]): { patient: string; splits: string[] }[] {
  const splits = new Map<string, Set<string>>();
  for (const { patient, split } of samples) {
    if (!patient || !split) continue;
    const seen = splits.get(patient) ?? new Set();
    splits.set(patient, seen.add(split));
  }
  return [...splits]
    .filter(([, seen]) => seen.size > 1)
    .map(([patient, seen]) => ({ patient, splits: [...seen].sort() }))
    .sort((a, b) => (a.patient < b.patient ? -1 : 1));
}

function warningsOf(found: Omit<Inspection, "warnings">): string[] {
  const out: string[] = [];
  const left = leftOutDamaged(found.damaged);
  if (left !== null) out.push(left);
  const { classes, exactDuplicates, nearDuplicates, patientLeaks, splits } = found;
  const say = (n: number, one: string, many: string): void => {
    if (n > 0) out.push(n === 1 ? `1 ${one}` : `${n} ${many}`);
  };
  for (const { name, count } of classes) {
    if (count === 1)
      out.push(
        `class ${named(name)} has one image: it can neither be learned nor held out; add images or leave the class out`,
      );
  }
  for (const split of Object.keys(splits)) {
    const absent = classes.filter(({ count, bySplit }) => count > 1 && bySplit[split] === undefined);
    if (absent.length > 0) out.push(`split ${named(split)} has no image of ${listed(absent.map(({ name }) => name))}`);
  }
  say(patientLeaks.length, "patient is in more than one split", "patients are in more than one split");
  const exactAcross = exactDuplicates.filter(({ acrossSplits }) => acrossSplits).length;
  say(exactAcross, "image has an exact copy in another split", "images have an exact copy in another split");
  const nearAcross = nearDuplicates.filter(({ acrossSplits }) => acrossSplits).length;
  say(nearAcross, "pair of near duplicates is across splits", "pairs of near duplicates are across splits");
  const others = nearDuplicates.filter(({ samePatient }) => !samePatient);
  const disagree = [...exactDuplicates, ...others].filter(({ labelsDiffer }) => labelsDiffer).length;
  say(disagree, "set of duplicates carries different classes", "sets of duplicates carry different classes");
  if (found.nearDuplicateCount > nearDuplicates.length) {
    out.push(
      `${found.nearDuplicateCount} pairs of near duplicates were found, only ${nearDuplicates.length} are listed`,
    );
  }
  say(found.flat.length, "image has one single value", "images have one single value");
  if (found.channels.grey > 0 && found.channels.colour > 0) {
    out.push(`grey and colour images are mixed: ${found.channels.grey} grey, ${found.channels.colour} colour`);
  }
  return out;
}
