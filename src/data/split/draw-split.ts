import { GanglionError } from "../../core/errors.ts";
import { percentSignificant } from "../../core/percent.ts";
import type { ProgressListener } from "../../core/progress.ts";
import { listed, named, quoted } from "../../core/quoted.ts";
import { columnNames, columnValue } from "../dataset.ts";
import { stratifiedSplit } from "../splits.ts";
import type { Dataset } from "../types.ts";
import { type AlikeSearch, groupImages, type ImageGroups } from "./image-groups.ts";

/** Part of the images that is trained on, chosen by, or kept from the training. */
export const PARTS = ["train", "val", "holdout"] as const;
export type Part = (typeof PARTS)[number];

/** Share of the images that is held out unless another is given. */
export const HELD_OUT_SHARE = 0.15;

export interface DrawSplitOptions {
  /** Share of the images that is kept from the training, 0 to below 1. Defaults to {@link HELD_OUT_SHARE}. */
  readonly holdout?: number | undefined;
  /** Share of the images for choosing between trainings, 0 to below 1. Defaults to 0. */
  readonly val?: number | undefined;
  /** Parts of a cross-validation among the training images, 2 or more. Defaults to none. */
  readonly folds?: number | undefined;
  /** Columns whose values each part has in the same shares, within each class. Defaults to none. */
  readonly by?: readonly string[] | undefined;
  /** Seed of the draw. Defaults to 0. */
  readonly seed?: number | undefined;
  /** Defaults to `all`. */
  readonly alike?: AlikeSearch | undefined;
  /** Defaults to silence. */
  readonly onProgress?: ProgressListener | undefined;
}

/** What one part has, of a class or of all images. */
export interface PartCount {
  readonly images: number;
  /** Null where the dataset names no patients. */
  readonly patients: number | null;
  /** Groups of images that are not divided: patients, joined where they share a picture. */
  readonly groups: number;
}

/** A split that was drawn and is not written yet. */
export interface DrawnSplit {
  /** Part of each image. */
  readonly parts: readonly Part[];
  /** Fold of each training image, 1, 2, ...; 0 for all others. Null without folds. */
  readonly folds: readonly number[] | null;
  readonly grouping: ImageGroups;
  readonly seed: number;
  /** How it came about, one sentence. */
  readonly how: string;
  /** By part. */
  readonly total: Readonly<Partial<Record<Part, PartCount>>>;
  /** By class, then by part. */
  readonly classes: Readonly<Record<string, Readonly<Partial<Record<Part, PartCount>>>>>;
  /** By number of the fold, from 1; empty without folds. */
  readonly foldCounts: readonly PartCount[];
  /** What a person should know, one sentence each. */
  readonly notes: readonly string[];
}

/** Different values of a column above which numbers are taken in quarters. */
const MOST_VALUES = 10;
/** Different values of a column that is no number above which no part can have all. */
const TOO_MANY_VALUES = 50;
/** Points by which the share of a part may miss what was asked for before this is said. */
const FAR_FROM_SHARE = 0.05;

/** @throws GanglionError `usage` for shares that cannot be */
function sharesOf({ holdout = HELD_OUT_SHARE, val = 0, folds }: DrawSplitOptions): { part: Part; share: number }[] {
  const wrong = (message: string) => new GanglionError("usage", message);
  for (const [flag, share] of [
    ["--holdout", holdout],
    ["--val", val],
  ] as const) {
    if (!(share >= 0 && share < 1)) throw wrong(`${flag} ${share}: give a share from 0 to below 1, e.g. ${flag} 0.15`);
  }
  if (!(holdout + val < 1)) {
    throw wrong(`--holdout ${holdout} and --val ${val} leave nothing to train on; their sum must be below 1`);
  }
  if (folds !== undefined && val > 0) {
    throw wrong("--val and --folds: each fold is a part to choose by; leave one of them out");
  }
  if (folds !== undefined && (!Number.isInteger(folds) || folds < 2 || folds > 100)) {
    throw wrong(`--folds ${folds}: give a whole number from 2 to 100`);
  }
  if (holdout + val === 0 && folds === undefined) {
    throw wrong("--holdout 0 without --val or --folds makes no split; give a share above 0");
  }
  const shares = [
    { part: "train", share: 1 - holdout - val },
    { part: "val", share: val },
    { part: "holdout", share: holdout },
  ] as const;
  return shares.filter(({ share }) => share > 0);
}

/** Value of a column by which images are spread: as it stands, or the quarter that a number is in. */
function strataOf(dataset: Dataset, column: string): { values: string[]; note: string | null } {
  const names = columnNames(dataset);
  if (!names.includes(column)) {
    throw new GanglionError(
      "dataset",
      `--by ${named(column)}: there is no such column; the columns are ${listed(names)}`,
    );
  }
  const cells = dataset.samples.map((sample) => (columnValue(dataset, sample, column) ?? "").trim());
  const different = new Set(cells);
  if (different.size <= MOST_VALUES) return { values: cells, note: null };
  const numbers = cells.map((cell) => (cell === "" ? Number.NaN : Number(cell)));
  if (cells.every((cell, i) => cell === "" || Number.isFinite(numbers[i]))) {
    const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b);
    const limits = [1, 2, 3].map((quarter) => sorted[Math.floor((quarter * sorted.length) / 4)]!);
    const values = numbers.map((value) => (Number.isNaN(value) ? "" : String(limits.filter((l) => value >= l).length)));
    return { values, note: `column ${named(column)} is taken in quarters, at ${limits.join(", ")}` };
  }
  if (different.size > TOO_MANY_VALUES) {
    throw new GanglionError(
      "usage",
      `--by ${named(column)}: the column has ${different.size} values, too many for each part to have them in the same shares; choose a column of ${TOO_MANY_VALUES} or fewer`,
    );
  }
  return { values: cells, note: null };
}

function countOf(dataset: Dataset, { groups }: ImageGroups, indices: readonly number[]): PartCount {
  const patients = new Set(indices.flatMap((i) => dataset.samples[i]!.patient ?? []));
  const named = dataset.samples.some(({ patient }) => patient);
  return {
    images: indices.length,
    patients: named ? patients.size : null,
    groups: new Set(indices.map((i) => groups[i])).size,
  };
}

/** Notes on what the draw could not do. */
function notesOf(
  dataset: Dataset,
  { total, classes }: Pick<DrawnSplit, "total" | "classes">,
  asked: readonly { part: Part; share: number }[],
  { groups }: ImageGroups,
): string[] {
  const notes: string[] = [];
  for (const { part, share } of asked) {
    const absent = Object.keys(classes).filter((name) => (classes[name]![part]?.images ?? 0) === 0);
    if (absent.length > 0 && part !== "train") {
      const names = listed(absent.map((name) => name || "(no label)"));
      notes.push(`${part} has no image of ${names}: there are too few patients or separate images of it`);
    }
    const got = (total[part]?.images ?? 0) / dataset.samples.length;
    if (part !== "train" && Math.abs(got - share) > FAR_FROM_SHARE) {
      const sizes = new Map<number, number>();
      for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
      const largest = Math.max(...sizes.values());
      const why =
        largest > 1
          ? `groups are not divided, the largest has ${largest} images`
          : "there are so few images that one of each class is a larger share";
      notes.push(
        `${part} has ${percentSignificant(got, 2)} of the images where ${percentSignificant(share, 2)} were asked for: ${why}`,
      );
    }
  }
  return notes;
}

/**
 * Divides a dataset so that no patient and no picture is on both sides, each part has the classes in the same shares, and the
 * values of further columns too; nothing is written ({@link writeSplit} does). See docs/split.md.
 * @throws GanglionError `usage` for shares and columns that do not fit, `image` for images that cannot be read
 */
export async function drawSplit(dataset: Dataset, options: DrawSplitOptions = {}): Promise<DrawnSplit> {
  const { seed = 0, by = [], folds: foldCount, alike = "all", onProgress } = options;
  const shares = sharesOf(options);
  const strata = by.map((column) => ({ column, ...strataOf(dataset, column) }));
  const grouping = await groupImages(dataset, alike, onProgress);
  const { samples } = dataset;
  const labels = samples.map(({ label }, i) => [
    label,
    ...strata.map(({ column, values }) => JSON.stringify([label, column, values[i]])),
  ]);
  const groups = [...grouping.groups].map(String);
  const drawn = stratifiedSplit(labels, { fractions: shares.map(({ share }) => share), groups, seed });
  const parts = new Array<Part>(samples.length).fill("train");
  drawn.forEach((indices, p) => {
    for (const i of indices) parts[i] = shares[p]!.part;
  });
  const training = drawn[0]!;
  let folds: number[] | null = null;
  if (foldCount !== undefined) {
    folds = new Array<number>(samples.length).fill(0);
    const equal = stratifiedSplit(
      training.map((i) => labels[i]!),
      {
        fractions: new Array<number>(foldCount).fill(1 / foldCount),
        groups: training.map((i) => groups[i]),
        seed,
      },
    );
    for (const [f, places] of equal.entries()) for (const place of places) folds[training[place]!] = f + 1;
  }
  const countsOf = (kept: (i: number) => boolean) =>
    Object.fromEntries(shares.map(({ part }, p) => [part, countOf(dataset, grouping, drawn[p]!.filter(kept))]));
  const total = countsOf(() => true);
  const classes = Object.fromEntries(
    dataset.classes.map((name) => [name, countsOf((i) => samples[i]!.label === name)]),
  );
  const foldCounts = Array.from({ length: foldCount ?? 0 }, (_, f) =>
    countOf(
      dataset,
      grouping,
      training.filter((i) => folds![i] === f + 1),
    ),
  );
  const patient = dataset.columns.patient;
  const grouped = samples.some((sample) => sample.patient)
    ? `no patient is divided${patient === undefined ? "" : ` (column ${quoted(patient)})`}`
    : "no column names the patient, so images of one patient may be divided unless they look alike";
  const stratified = ["class", ...by.map((column) => quoted(column))].join(", ");
  const said = shares
    .filter(({ part }) => part !== "train")
    .map(({ part, share }) => `${percentSignificant(share, 3)} ${part === "val" ? "for validation" : "held out"}`);
  const inFolds = foldCount === undefined ? [] : [`the rest in ${foldCount} folds`];
  const how = `drawn with seed ${seed}: ${[...said, ...inFolds].join(", ")}, stratified by ${stratified}; ${grouped}; ${grouping.how}`;
  const notes = [
    ...strata.flatMap(({ note }) => note ?? []),
    ...notesOf(dataset, { total, classes }, shares, grouping),
  ];
  return { parts, folds, grouping, seed, how, total, classes, foldCounts, notes };
}
