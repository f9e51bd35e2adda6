import { stat } from "node:fs/promises";
import { join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { writeJson } from "../../core/files.ts";
import { sha256File } from "../../core/hash.ts";
import { TONE_ESTIMATED } from "../../data/index.ts";
import type { Tone } from "../../data/maps/semantic-map.ts";
import { type ExtraFile, type OutputRow, writeDataset } from "../../data/writer.ts";
import { COCO, cocoOf, type MapRequest } from "../../sample/index.ts";
import { hubLicense } from "../license.ts";
import type { PackageFormat, PackageOptions, ReleaseContent, ReleaseImage, WrittenPackage } from "../package-writer.ts";
import { croissantOf, type DescribedColumn, type DescribedFile } from "./croissant.ts";

/** Folder of the images, which loaders read alone. */
const DATA = "data";
const CROISSANT = "croissant.json";
const BOX = ["x_min", "y_min", "x_max", "y_max"] as const;

/** What columns hold, for the description. */
const COLUMN_TEXTS: Readonly<Record<string, string>> = {
  file_name: "Path of the image within `data`.",
  mask_file_name: "Path of the mask within `data`.",
  label: "Class that was asked of the generator.",
  synthetic: "1: the image is synthetic, as all are.",
  tone: "Skin tone that was asked for, 1 (light) to 6 (dark).",
  [TONE_ESTIMATED]: "1 where the generator learned tones that were estimated from pixels.",
  ...Object.fromEntries(
    BOX.map((name) => [name, "Corner of the box asked for, in pixels; maximum exclusive, several separated by `;`."]),
  ),
};

/** Size category of the Hugging Face hub. */
export function sizeCategory(images: number): string {
  const steps = [1e3, 1e4, 1e5, 1e6];
  const names = ["n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M"];
  const at = steps.findIndex((step) => images < step);
  return names[at < 0 ? names.length - 1 : at]!;
}

/** Number type where every cell is one, else text. */
function typeOf(name: string, images: readonly ReleaseImage[]): string | readonly string[] {
  if (name === "label") return ["sc:Text", "cr:Label"];
  const values = images.map(({ attributes }) => attributes[name] ?? "");
  if (values.every((value) => /^-?\d{1,15}$/.test(value))) return "sc:Integer";
  return values.every((value) => /^-?\d+(\.\d+)?$/.test(value)) ? "sc:Float" : "sc:Text";
}

/** The maps that the images were drawn from, as far as the release holds them. */
async function requestsOf({ images, classes }: ReleaseContent) {
  const found: { fileName: string; request: MapRequest; size: number }[] = [];
  for (const { fileName, label, attributes, boxes, mask, seed } of images) {
    const region = await mask?.pixels();
    if (region === undefined) throw new GanglionError("internal", `internal: ${fileName} has no mask`);
    const size = region.width;
    const shares = boxes.map((box) => {
      const [xMin, yMin, xMax, yMax] = box.map((value) => value / size) as [number, number, number, number];
      return { xMin, yMin, xMax, yMax };
    });
    const tone = Number(attributes.tone ?? 1) as Tone;
    const request = { condition: classes.indexOf(label), tone, boxes: shares, region: region.data, seed, source: "" };
    found.push({ fileName, request, size });
  }
  return found;
}

async function cocoFile(content: ReleaseContent): Promise<Uint8Array> {
  const named = await requestsOf(content);
  const about = { classes: [...content.classes], resolution: named[0]!.size, license: content.license.spdx };
  return Buffer.from(`${JSON.stringify(cocoOf(named, about))}\n`);
}

async function describeFile(
  folder: string,
  path: string,
  encodingFormat: string,
  description: string,
): Promise<DescribedFile> {
  const file = join(folder, path);
  return { path, encodingFormat, description, bytes: (await stat(file)).size, sha256: await sha256File(file) };
}

async function* rowsOf({ images }: ReleaseContent, { onProgress, signal }: PackageOptions): AsyncGenerator<OutputRow> {
  for (const [i, { fileName, label, attributes, mask, pixels }] of images.entries()) {
    if (signal.aborted) throw new GanglionError("files", "stopped; nothing was written");
    yield {
      fileName,
      image: await pixels(),
      ...(mask === null ? {} : { mask: { fileName: mask.fileName, image: await mask.pixels() } }),
      columns: { label, ...attributes },
    };
    onProgress({ stage: "write images", done: i + 1, total: images.length, unit: "images" });
  }
}

/**
 * A folder that Hugging Face `datasets` and Ganglion read, described in Croissant 1.0, with COCO annotations where every
 * image has a mask. PNG files hold pixels and nothing else: they are encoded anew.
 */
export const imagefolder: PackageFormat = {
  name: "imagefolder",

  check({ images }) {
    const sizes = new Set(images.flatMap(({ mask, width, height }) => (mask === null ? [] : [`${width}x${height}`])));
    const square = images.every(({ mask, width, height }) => mask === null || width === height);
    return sizes.size > 1 || !square ? ["images with masks must be square and of one size"] : [];
  },

  async write(content, folder, options): Promise<WrittenPackage> {
    const { images } = content;
    const masked = images.every(({ mask }) => mask !== null);
    const has = (name: string) => images.some(({ attributes }) => Object.hasOwn(attributes, name));
    const extraFiles: Record<string, ExtraFile> = masked ? { [COCO]: () => cocoFile(content) } : {};
    const written = await writeDataset(join(folder, DATA), {
      rows: rowsOf(content, options),
      description: {
        name: content.name,
        label: "label",
        ...(has("tone") ? { tone: "tone" } : {}),
        ...(BOX.every(has) ? { box: BOX } : {}),
        license: content.license.spdx,
        notes: "Every image is synthetic: drawn by a generator, of no patient.",
      },
      extraFiles,
    });
    const maskColumn = written.masks === 0 ? null : written.columns[1]!;
    const files: [DescribedFile, ...DescribedFile[]] = [
      await describeFile(folder, `${DATA}/metadata.csv`, "text/csv", "One row for each image."),
      ...(masked
        ? [await describeFile(folder, `${DATA}/${COCO}`, "application/json", "Boxes and masks in COCO's format.")]
        : []),
    ];
    const columns = written.columns.map(
      (name): DescribedColumn => ({
        name,
        dataType: name === "file_name" || name === maskColumn ? "sc:Text" : typeOf(name, images),
        description: COLUMN_TEXTS[name] ?? "What was asked of the generator.",
      }),
    );
    await writeJson(join(folder, CROISSANT), croissantOf({ content, files, columns, maskColumn }));
    const missing = [
      ...(content.creator === null ? ["creator"] : []),
      ...(content.url === null ? ["url"] : []),
      ...(content.date === null ? ["date"] : []),
    ];
    return {
      contents: {
        "data/metadata.csv": "one row for each image, `file_name` first",
        "data/images": "the images, PNG",
        ...(written.masks === 0 ? {} : { "data/masks": "the regions asked for, 255 inside" }),
        ...(masked ? { "data/coco.json": "the same boxes and masks in COCO's format" } : {}),
        "data/dataset.json": "which column plays which role",
        "croissant.json": "the files and columns in Croissant 1.0",
      },
      frontMatter: {
        pretty_name: content.name,
        ...hubLicense(content.license),
        task_categories: ["image-classification", ...(masked ? ["image-segmentation", "object-detection"] : [])],
        size_categories: [sizeCategory(images.length)],
        annotations_creators: ["machine-generated"],
        source_datasets: ["original"],
        tags: ["medical", "synthetic", "ganglion"],
        configs: [
          {
            // `datasets` keeps what it loaded by the names of folder and configuration: another content needs another name.
            config_name: `set-${content.hash.slice(0, 12)}`,
            // Named one by one: `datasets` of 2023 takes every image that it finds for one of the set, masks too.
            data_files: [{ split: "train", path: [`${DATA}/metadata.csv`, `${DATA}/images/**`] }],
          },
        ],
      },
      notes:
        missing.length === 0
          ? []
          : [`croissant.json lacks what Croissant 1.0 requires: state ${missing.join(", ")} in --config`],
    };
  },
};
