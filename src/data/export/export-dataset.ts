import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { writeJson } from "../../core/files.ts";
import { type ProgressListener, silent } from "../../core/progress.ts";
import { datasetName } from "../dataset.ts";
import { encodePng } from "../image.ts";
import { asProblem, inOrder } from "../image-problems.ts";
import { importNames } from "../import.ts";
import { hasRegions } from "../maps/image-map.ts";
import { refuseUnknownMasks } from "../masks/dataset-masks.ts";
import { mapLimited } from "../parallel.ts";
import { readImage, readMask } from "../pixels.ts";
import type { Dataset } from "../types.ts";
import { fillFolder, refuseNonEmpty } from "../writer.ts";
import { cocoFile } from "./coco.ts";
import { type ExportImage, objectsOf } from "./export-objects.ts";
import { yoloLines, yoloYaml } from "./yolo.ts";

/** Formats of annotations that are written. */
export const EXPORT_FORMATS = ["coco", "yolo"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What was exported. */
export interface ExportResult {
  readonly images: number;
  readonly boxes: number;
  /** Objects with a region. */
  readonly regions: number;
  /** Images of each split. */
  readonly splits: Readonly<Record<string, number>>;
  readonly classes: readonly string[];
  readonly notes: readonly string[];
}

/** Where a dataset has no split. */
const ALL = "train";

/**
 * Writes the images of a dataset as PNG with their boxes and masks in the format of other programs: COCO (`images`,
 * `annotations/instances_SPLIT.json`) or YOLO (`images/SPLIT`, `labels/SPLIT`, `data.yaml`). Each box, and each part of a mask
 * outside of the boxes, is an object of the class of its image.
 * @throws GanglionError `dataset` where there are neither boxes nor masks, or with every image that cannot be exported
 */
export async function exportDataset(
  dataset: Dataset,
  out: string,
  format: ExportFormat,
  onProgress: ProgressListener = silent,
): Promise<ExportResult> {
  const folder = resolve(out);
  await refuseNonEmpty(folder);
  if (!hasRegions(dataset)) {
    const message = `${dataset.root} has no boxes and no masks, so there is nothing to export; add columns x_min, y_min, x_max, y_max (pixels) or mask_file_name`;
    throw new GanglionError("dataset", message);
  }
  refuseUnknownMasks(dataset);
  const names = importNames(dataset).map((name) => `${name}.png`);
  const classes = dataset.classes.map((name) => (name === "" ? "object" : name));
  const images = await fillFolder(folder, async (temporary) => {
    const made = new Array<ExportImage>(dataset.samples.length);
    const problems = new Map<number, Problem>();
    let done = 0;
    for (const split of new Set(dataset.samples.map((sample) => sample.split ?? ALL))) {
      const within = format === "yolo" ? `/${folderName(split)}` : "";
      await mkdir(join(temporary, `images${within}`), { recursive: true });
      await mkdir(join(temporary, format === "yolo" ? `labels${within}` : "annotations"), { recursive: true });
    }
    await mapLimited(dataset.samples, 4, async (sample, i) => {
      try {
        const image = await readImage(dataset, i);
        const mask = await readMask(dataset, i);
        const { width, height } = image;
        if (mask !== null && (mask.width !== width || mask.height !== height)) {
          const message = `the mask has ${mask.width} x ${mask.height} pixels, its image ${width} x ${height}; make them one size`;
          throw new GanglionError("image", `${sample.fileName}: ${message}`, {
            problems: [{ code: "mask-size", path: sample.mask ?? sample.fileName, message }],
          });
        }
        const wrong: Problem[] = [];
        const objects = objectsOf(sample, dataset.columns, image, mask, wrong);
        if (wrong.length > 0) throw new GanglionError("dataset", wrong[0]!.message, { problems: wrong });
        const split = sample.split ?? ALL;
        made[i] = { name: names[i]!, width, height, label: sample.label || "object", split, objects };
        const within = format === "yolo" ? `${folderName(split)}/` : "";
        await writeFile(join(temporary, `images/${within}${names[i]}`), await encodePng(image));
        if (format === "yolo") {
          const lines = yoloLines(made[i]!, classes);
          await writeFile(join(temporary, `labels/${within}${names[i]!.replace(/\.png$/, ".txt")}`), lines);
        }
      } catch (cause) {
        if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
        problems.set(i, asProblem(cause, sample.fileName));
      }
      onProgress({ stage: "export", done: ++done, total: dataset.samples.length, unit: "images" });
    });
    throwIfProblems("dataset", `${dataset.root}: images cannot be exported`, inOrder(problems));
    const splits = [...new Set(made.map(({ split }) => split))].sort();
    if (format === "coco") {
      const single = dataset.columns.split === undefined;
      for (const split of splits) {
        const own = made.filter((image) => image.split === split);
        const name = single ? "instances.json" : `instances_${folderName(split)}.json`;
        await writeJson(
          join(temporary, "annotations", name),
          cocoFile(own, classes, datasetName(dataset), dataset.license),
        );
      }
    } else await writeFile(join(temporary, "data.yaml"), yoloYaml(splits.map(folderName), classes));
    return made;
  });
  return resultOf(images, classes, dataset, format);
}

/** Name of a split as a folder. */
const folderName = (split: string): string => split.replace(/[^\p{L}\p{N}_-]+/gu, "_") || ALL;

function resultOf(
  images: readonly ExportImage[],
  classes: readonly string[],
  { columns }: Dataset,
  format: ExportFormat,
): ExportResult {
  const splits: Record<string, number> = {};
  for (const { split } of images) splits[split] = (splits[split] ?? 0) + 1;
  const objects = images.flatMap((image) => image.objects);
  const notes: string[] = [];
  if (columns.split === undefined && format === "yolo") {
    notes.push(
      `there is no split: all images are in ${ALL}, which data.yaml names for validation too; make one with ganglion split`,
    );
  }
  const mixed = objects.some(({ region }) => region === null) && objects.some(({ region }) => region !== null);
  if (mixed && format === "yolo") {
    notes.push(
      "some objects have a box alone: their lines are boxes, others are segments; trainers of segments may skip boxes",
    );
  }
  const regions = objects.filter(({ region }) => region !== null).length;
  return { images: images.length, boxes: objects.length, regions, splits, classes, notes };
}
