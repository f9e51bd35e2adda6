import { GanglionError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { type ProgressListener, silent } from "../../core/progress.ts";
import { encodePng } from "../../data/image.ts";
import { TONE_ESTIMATED } from "../../data/maps/image-map.ts";
import { mapPicture } from "../../data/maps/map-montage.ts";
import { montage } from "../../data/montage.ts";
import type { RawImage } from "../../data/types.ts";
import { type ExtraFile, type OutputRow, refuseNonEmpty, writeDataset } from "../../data/writer.ts";
import { generationBatch } from "../../model/generator-file.ts";
import { CONTACT_SHEET, ContactSheet } from "../contact-sheet.ts";
import { imageOfPlanes } from "../draw.ts";
import { ImageNames } from "../image-names.ts";
import { fillLatent } from "../latent.ts";
import { PROVENANCE } from "../provenance.ts";
import { psiOf, type Sampler, samplerText } from "../sampler.ts";
import { COCO, cocoOf } from "./coco.ts";
import type { MapRecord, RecordedRequest } from "./map-provenance.ts";
import { cornersOf, type MapRequest, mapsOf, regionImage } from "./map-request.ts";
import type { MapRun } from "./map-run.ts";

/** Picture of a sweep: above each row of images the row of their maps. */
export const STRIP = "strip.png";

const BOX = ["x_min", "y_min", "x_max", "y_max"] as const;

export interface FillOptions {
  readonly requests: readonly MapRequest[];
  /** `random` or `truncation`. */
  readonly sampler: Sampler;
  /** Images a row of {@link STRIP}. Defaults to no strip. */
  readonly stripColumns?: number | undefined;
  /** Told after each batch. Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Ends the work between two batches. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
}

/** What {@link fillMaps} wrote. */
export interface FilledMaps {
  /** Absolute path. */
  readonly folder: string;
  readonly images: number;
  /** Images of each class that has some. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Draws the images of maps. @returns uint8 [n, channels, resolution, resolution] */
export function drawMaps(run: MapRun, requests: readonly MapRequest[], psi: number): Promise<Uint8Array> {
  const { generator } = run;
  const { latent } = generator.description;
  const latents = new Float32Array(requests.length * latent);
  requests.forEach(({ seed }, i) => {
    fillLatent(seed, psi, latents.subarray(i * latent, (i + 1) * latent));
  });
  return generator.draw(mapsOf(requests, generator.description), latents);
}

/** An image that is to be written, under its names. */
interface Planned {
  readonly request: MapRequest;
  readonly record: MapRecord;
  readonly psi: number;
}

function plan(
  run: MapRun,
  { requests, sampler }: Pick<FillOptions, "requests" | "sampler">,
  folders = { images: "images", masks: "masks" },
): Planned[] {
  const { hash, description } = run.generator;
  const { classes, resolution, tonesEstimated } = description;
  const images = new ImageNames(folders.images, classes);
  const masks = new ImageNames(folders.masks, classes);
  return requests.map((request) => ({
    request,
    psi: psiOf(sampler),
    record: {
      file_name: images.next(request.condition),
      generator: hash,
      ...(run.device === "cpu" ? {} : { device: run.device }),
      seed: request.seed,
      class: classes[request.condition]!,
      sampler: samplerText(sampler),
      tone: request.tone,
      tone_estimated: tonesEstimated,
      boxes: cornersOf(request.boxes, resolution),
      mask: masks.next(request.condition),
      region: sha256(request.region),
      map: request.source,
      ...(request.columns === undefined ? {} : { columns: { ...request.columns } }),
    },
  }));
}

/**
 * Fills maps and writes the images as a dataset: `images/CLASS/000001.png`, `masks/CLASS/000001.png` (the region asked
 * for), `metadata.csv`, `dataset.json`, `provenance.jsonl`, `coco.json`, `contact-sheet.html`, and `strip.png` for a sweep. There is a whole
 * dataset or none.
 * @throws GanglionError
 */
export async function fillMaps(run: MapRun, out: string, options: FillOptions): Promise<FilledMaps> {
  const rule = samplerText(options.sampler);
  return write(run, out, plan(run, options), `made by Ganglion from semantic maps with --sampler ${rule}`, options);
}

/** Makes images again from their records, under the names they had. @throws GanglionError */
export async function refillMaps(
  run: MapRun,
  out: string,
  records: readonly RecordedRequest[],
  options: Pick<FillOptions, "onProgress" | "signal"> = {},
): Promise<FilledMaps> {
  return write(run, out, records, `made again by Ganglion from ${PROVENANCE}`, options);
}

/** A map that was filled. */
interface FilledImage {
  readonly record: MapRecord;
  readonly image: RawImage;
  /** The region that was asked for, under its name. */
  readonly mask: NonNullable<OutputRow["mask"]>;
}

async function* filledImages(
  run: MapRun,
  planned: readonly Planned[],
  { onProgress = silent, signal }: Pick<FillOptions, "onProgress" | "signal">,
): AsyncGenerator<FilledImage> {
  const { resolution, channels } = run.generator.description;
  const size = channels * resolution * resolution;
  const batch = generationBatch(resolution);
  for (let at = 0; at < planned.length; at += batch) {
    if (signal?.aborted)
      throw new GanglionError("run", `stopped at ${at} of ${planned.length} images; nothing was written`);
    const some = planned.slice(at, at + batch);
    const psi = some[0]!.psi;
    // Records of one set have one psi as a rule; where not, images are drawn one by one.
    const planes = some.every((entry) => entry.psi === psi)
      ? [
          await drawMaps(
            run,
            some.map(({ request }) => request),
            psi,
          ),
        ]
      : await drawEach(run, some);
    for (const [i, { request, record }] of some.entries()) {
      const own = planes.length === 1 ? planes[0]!.subarray(i * size, (i + 1) * size) : planes[i]!;
      const mask = { fileName: record.mask, image: regionImage(request.region, resolution) };
      yield { record, image: imageOfPlanes(own, resolution, channels), mask };
    }
    onProgress({ stage: "generate", done: at + some.length, total: planned.length, unit: "images" });
  }
}

/** Images of maps that are to stand among others, class by class. @param options Folders of images and of masks */
export function fillAmongOthers(
  run: MapRun,
  options: FillOptions & { readonly folders: { readonly images: string; readonly masks: string } },
): AsyncGenerator<FilledImage> {
  return filledImages(run, plan(run, options, options.folders), options);
}

async function write(
  run: MapRun,
  out: string,
  planned: readonly Planned[],
  how: string,
  { stripColumns, onProgress, signal }: Pick<FillOptions, "stripColumns" | "onProgress" | "signal">,
): Promise<FilledMaps> {
  await refuseNonEmpty(out);
  const { description } = run.generator;
  const { resolution, license, tonesEstimated } = description;
  const drawn: RawImage[] = [];
  const sheet = new ContactSheet();
  async function* rows(): AsyncGenerator<OutputRow> {
    for await (const { record, image, mask } of filledImages(run, planned, { onProgress, signal })) {
      sheet.add(record.class, image);
      if (stripColumns !== undefined) drawn.push(image);
      yield { fileName: record.file_name, image, mask, columns: cellsOf(record) };
    }
  }
  const requests = planned.map(({ request }) => request);
  const named = planned.map(({ request, record }) => ({ fileName: record.file_name, request }));
  const notes = [
    `Every image is synthetic, ${how}. Boxes, masks and tones are those that were asked for; ${PROVENANCE} says how to make each image again.`,
  ];
  const extraFiles: Record<string, ExtraFile> = {
    [PROVENANCE]: () => planned.map(({ record }) => `${JSON.stringify(record)}\n`),
    [COCO]: () => `${JSON.stringify(cocoOf(named, description))}\n`,
    [CONTACT_SHEET]: () => sheet.page(notes[0]!),
  };
  if (stripColumns !== undefined) {
    extraFiles[STRIP] = async () => encodePng(stripOf(mapsOf(requests, description), drawn, resolution, stripColumns));
  }
  if (tonesEstimated)
    notes.push("Tones are estimates: the generator learned them from pixels (ITA), not from findings.");
  const written = await writeDataset(out, {
    rows: rows(),
    description: {
      label: "label",
      tone: "tone",
      mask: "mask_file_name",
      box: BOX,
      ...(license === "" ? {} : { license }),
      notes,
    },
    extraFiles,
  });
  const counts: Record<string, number> = {};
  for (const { record } of planned) counts[record.class] = (counts[record.class] ?? 0) + 1;
  return { folder: written.folder, images: written.images, counts };
}

async function drawEach(run: MapRun, some: readonly Planned[]): Promise<Uint8Array[]> {
  const planes: Uint8Array[] = [];
  for (const { request, psi } of some) planes.push(await drawMaps(run, [request], psi));
  return planes;
}

function cellsOf(record: MapRecord): Record<string, string | number> {
  const corner = (i: number) => record.boxes.map((box) => box[i]).join(";");
  return {
    label: record.class,
    synthetic: 1,
    tone: record.tone,
    [TONE_ESTIMATED]: record.tone_estimated ? 1 : 0,
    ...Object.fromEntries(BOX.map((name, i) => [name, corner(i)])),
    ...record.columns,
  };
}

/** Rows of `columns` maps, each above the row of its images. */
function stripOf(maps: Float32Array, images: readonly RawImage[], size: number, columns: number): RawImage {
  const length = maps.length / images.length;
  const pictures = images.map((_, i) => mapPicture(maps.subarray(i * length, (i + 1) * length), size));
  const cells: RawImage[] = [];
  for (let at = 0; at < images.length; at += columns) {
    cells.push(...pictures.slice(at, at + columns), ...images.slice(at, at + columns));
  }
  return montage(cells, columns);
}
