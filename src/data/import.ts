import { basename } from "node:path";
import { GanglionError, type Problem, throwIfProblems } from "../core/errors.ts";
import { type ProgressListener, silent } from "../core/progress.ts";
import { DERIVED_LABEL, FILE_NAME } from "./columns.ts";
import { datasetName } from "./dataset.ts";
import { asProblem, inOrder } from "./image-problems.ts";
import { movedCorners } from "./layout/sized-boxes.ts";
import { refuseUnknownMasks } from "./masks/dataset-masks.ts";
import { mapLimited } from "./parallel.ts";
import { readImage, readMask } from "./pixels.ts";
import { readHeader } from "./readers/image-files.ts";
import { resizeSquare, resizeSquareNearest } from "./square.ts";
import type { Columns, Dataset, GreyWindow, RawImage, Sample } from "./types.ts";
import {
  holdsSplitWord,
  maskColumnName,
  type OutputRow,
  refuseNonEmpty,
  textColumnName,
  writeDataset,
} from "./writer.ts";

/** How {@link importDataset} brings images over. */
export interface ImportOptions {
  /** Width and height in pixels after the centre crop. Defaults to the size of each image. */
  readonly size?: number | undefined;
  /** Range of 16-bit grey that becomes 0..255; an error on other images. Defaults to the full range. */
  readonly window?: GreyWindow | undefined;
  /** Leaves out images that cannot be decoded, instead of writing nothing. Defaults to false. */
  readonly skipDamaged?: boolean | undefined;
  /** Told of each image that is left out so. Defaults to nobody. */
  readonly onDamaged?: ((problem: Problem) => void) | undefined;
  /** Told after each image. Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
}

/** What an import writes, or would. */
export interface ImportPlan {
  readonly images: number;
  readonly masks: number;
  readonly size?: number | undefined;
  readonly perClass: Readonly<Record<string, number>>;
  /** Columns of `metadata.csv` in order. */
  readonly columns: readonly string[];
}

/** Values of the masks of a copy that are inside. */
const MASK_VALUES = [255];

/** Column that keeps the name of the image in the source. */
const SOURCE = "source";

/**
 * Names of the images in the copy: `images/<name>.png` where names are safe and distinct, else numbers. Names that hold
 * a split word are not safe, see {@link holdsSplitWord}.
 */
export function importNames(dataset: Dataset): string[] {
  const own = dataset.samples.map(({ fileName }) => basename(fileName).replace(/\.[^.]+$/, ""));
  const distinct = new Set(own.map((name) => name.toLowerCase())).size === own.length;
  const safe = own.every((name) => /^[\p{L}\p{N}._-]+$/u.test(name) && !name.startsWith(".") && !holdsSplitWord(name));
  if (distinct && safe && dataset.reader.keepsNames) return own;
  const digits = Math.max(6, String(own.length).length);
  return own.map((_, i) => String(i + 1).padStart(digits, "0"));
}

/** Names of the columns that the copy gives to roles; those of the source where there are any. */
function outputColumns({ columns, classes, samples }: Dataset): Columns {
  const { label: given = DERIVED_LABEL, ...others } = columns;
  // Columns of 0 and 1 that were named with commas become one.
  const plain = !Object.hasOwn(samples[0]?.attributes ?? {}, DERIVED_LABEL);
  const label = given.includes(",") && plain ? DERIVED_LABEL : given;
  const labelled = !(classes.length === 1 && classes[0] === "");
  return labelled ? { ...columns, label } : others;
}

function cellsOf(sample: Sample, columns: Columns): Record<string, string> {
  return {
    ...(columns.label === undefined ? {} : { [columns.label]: sample.label }),
    ...(columns.patient === undefined ? {} : { [columns.patient]: sample.patient ?? "" }),
    ...(columns.split === undefined ? {} : { [columns.split]: sample.split ?? "" }),
    [SOURCE]: sample.fileName,
    ...Object.fromEntries(Object.entries(sample.attributes).map(([name, text]) => [textColumnName(name), text])),
  };
}

/** A box in pixels of the source says something else after a crop and a resize: it is moved along. */
function moveBox(cells: Record<string, string>, dataset: Dataset, before: RawImage, size: number | undefined): void {
  const { box } = dataset.columns;
  if (box === undefined || size === undefined) return;
  const moved = movedCorners(
    box.map((column) => cells[column] ?? ""),
    before,
    size,
  );
  for (const [i, column] of box.entries()) cells[column] = moved[i]!;
}

/** Says what {@link importDataset} would write after checking what it can without decoding. @throws GanglionError */
export async function planImport(dataset: Dataset, out: string, options: ImportOptions): Promise<ImportPlan> {
  await refuseNonEmpty(out);
  await checkWindow(dataset, options.window);
  refuseUnknownMasks(dataset);
  const columns = outputColumns(dataset);
  const { images, masks, perClass } = countsOf(dataset);
  const cells = Object.keys(cellsOf(dataset.samples[0]!, columns));
  const mask = masks > 0 ? [maskColumnName(columns.mask, masks === dataset.samples.length)] : [];
  return {
    images,
    masks,
    size: options.size,
    perClass,
    columns: [FILE_NAME, ...mask, ...cells],
  };
}

function countsOf({ classes, samples }: Dataset): Pick<ImportPlan, "images" | "masks" | "perClass"> {
  const perClass: Record<string, number> = Object.fromEntries(classes.map((name) => [name, 0]));
  for (const { label } of samples) perClass[label]!++;
  return { images: samples.length, masks: samples.filter(({ mask }) => mask !== undefined).length, perClass };
}

/** A window speaks of 16-bit grey; anything else in the set is a mistake that is best said before work begins. */
async function checkWindow(dataset: Dataset, window: GreyWindow | undefined): Promise<void> {
  if (window === undefined) return;
  const { takesWindow, noun, imageFiles } = dataset.reader;
  if (!takesWindow) {
    throw new GanglionError("usage", `--window applies to 16-bit grey images, not to ${noun}; leave it out`);
  }
  // Without headers to look at, the images say when they are decoded whether it fits.
  if (!imageFiles) return;
  const problems = await mapLimited(dataset.samples, 4, async ({ fileName }): Promise<Problem | null> => {
    // A damaged file is reported when it is decoded.
    const header = await readHeader(dataset, fileName).catch(() => null);
    if (header === null || (header.grey && header.bits === 16)) return null;
    const message = `the image is ${header.bits}-bit ${header.grey ? "grey" : "colour"}, a window applies to 16-bit grey only; leave --window out`;
    return { code: "window", path: fileName, message };
  });
  const found = problems.filter((problem) => problem !== null);
  throwIfProblems("usage", "--window does not fit the images", found);
}

/**
 * Writes a dataset as an image folder of 8-bit PNG files, masks as 0 and 255, cropped and resized along (nearest pixel), boxes moved
 * along, further columns kept, and the former name of each image in the column `source`.
 * @throws GanglionError that lists every image which cannot be decoded; nothing is written then.
 */
export async function importDataset(dataset: Dataset, out: string, options: ImportOptions = {}): Promise<ImportPlan> {
  const plan = await planImport(dataset, out, options);
  const columns = outputColumns(dataset);
  const description = {
    ...columns,
    ...(plan.masks === 0 ? {} : { maskValues: MASK_VALUES }),
    name: datasetName(dataset),
    ...(dataset.license === undefined ? {} : { license: dataset.license }),
    notes: "Imported by Ganglion; column source holds the former name of each image.",
  };
  const damaged = new Map<number, Problem>();
  await writeDataset(out, { rows: importRows(dataset, options, columns, damaged), description });
  if (damaged.size === 0) return plan;
  const written = { ...dataset, samples: dataset.samples.filter((_, i) => !damaged.has(i)) };
  return { ...plan, ...countsOf(written) };
}

/**
 * Rows decoded a few ahead of the writer, in order; damaged images are thrown after the last, or told and left out.
 * @param problems Filled with those of damaged images, by their place in the dataset.
 */
async function* importRows(
  dataset: Dataset,
  options: ImportOptions,
  columns: Columns,
  problems: Map<number, Problem>,
): AsyncGenerator<OutputRow> {
  const names = importNames(dataset);
  const { onProgress = silent, skipDamaged = false, onDamaged = () => undefined } = options;
  const total = dataset.samples.length;
  const step = 8;
  for (let at = 0; at < total; at += step) {
    const some = dataset.samples.slice(at, at + step);
    const rows = await mapLimited(some, 4, async (sample, i) => {
      try {
        return await importRow(dataset, at + i, names[at + i]!, cellsOf(sample, columns), options);
      } catch (cause) {
        if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
        problems.set(at + i, asProblem(cause, sample.fileName));
        return null;
      }
    });
    for (const row of rows) if (row !== null && (problems.size === 0 || skipDamaged)) yield row;
    onProgress({ stage: "import", done: Math.min(total, at + step), total, unit: "images" });
  }
  const found = inOrder(problems);
  if (skipDamaged && problems.size < total) for (const problem of found) onDamaged(problem);
  else throwIfProblems("dataset", `${dataset.root}: images cannot be imported`, found);
}

async function importRow(
  dataset: Dataset,
  index: number,
  name: string,
  cells: Record<string, string>,
  options: ImportOptions,
): Promise<OutputRow> {
  const image = await readImage(dataset, index, options.window);
  const mask = await readMask(dataset, index);
  if (mask !== null && (mask.width !== image.width || mask.height !== image.height)) {
    const path = dataset.samples[index]!.mask ?? "";
    const message = `the mask has ${mask.width} x ${mask.height} pixels, its image ${image.width} x ${image.height}; make them one size`;
    throw new GanglionError("image", message, { problems: [{ code: "mask-size", path, message }] });
  }
  const { size } = options;
  moveBox(cells, dataset, image, size);
  return {
    fileName: `images/${name}.png`,
    image: size === undefined ? image : await resizeSquare(image, size),
    ...(mask === null
      ? {}
      : {
          mask: { fileName: `masks/${name}.png`, image: size === undefined ? mask : resizeSquareNearest(mask, size) },
        }),
    columns: cells,
  };
}
