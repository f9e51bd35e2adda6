import { GanglionError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { isMissing, isNotAFile } from "../../core/inside-folder.ts";
import { encodePng, withChannels } from "../../data/image.ts";
import { readImage } from "../../data/pixels.ts";
import { readHeader } from "../../data/readers/image-files.ts";
import { resizeSquare } from "../../data/square.ts";
import type { Dataset } from "../../data/types.ts";
import { gated } from "../server/decode-gate.ts";
import { type ChosenImage, chooseImages, type ImagePool } from "./choose-images.ts";
import type { Kind, StudyFile } from "./study-file.ts";

/** A dataset that a study draws on, and which of its images. */
export interface StudySource {
  readonly name: string;
  readonly dataset: Dataset;
  readonly indices: readonly number[];
}

export interface MakeStudyOptions {
  readonly name: string;
  readonly real: StudySource;
  readonly synthetic: StudySource;
  /** Images of each kind. */
  readonly perKind: number;
  readonly seed: number;
  /** ISO 8601 time. */
  readonly created: string;
}

/** Copies of an image that are held while its picture is made: decoded, cropped to a square. */
const COPIES = 2;

/** Sides of a study's pictures, in pixels. */
const SIDES = { least: 16, most: 1024 } as const;

function byClass({ dataset, indices }: StudySource): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const index of indices) {
    const { label } = dataset.samples[index]!;
    found.set(label, [...(found.get(label) ?? []), index]);
  }
  return found;
}

/** Shorter side of an image in pixels; a file that is a link, or gone, is refused. @throws GanglionError */
async function shorterSide(dataset: Dataset, index: number): Promise<number> {
  const { fileName } = dataset.samples[index]!;
  const read = dataset.reader.imageFiles ? readHeader(dataset, fileName) : readImage(dataset, index);
  const { width, height } = await read.catch((cause: unknown) => {
    if (!isNotAFile(cause) && !isMissing(cause)) throw cause;
    throw new GanglionError(
      "usage",
      `image ${index} of the set is a link or missing; copy the file itself into the set`,
      { cause },
    );
  });
  return Math.min(width, height);
}

/**
 * Draws the images of a study and makes their pictures. Both kinds take one way: decoded, cropped to the centre square,
 * resized to the side of the smallest image there is, three channels, PNG without metadata; so that size, sharpness of a
 * larger original and file tell nothing.
 * @throws GanglionError `usage` when the sets do not hold what is asked for, `image` for damaged files
 */
export async function makeStudy(
  options: MakeStudyOptions,
): Promise<{ id: string; study: StudyFile; pictures: Map<string, Uint8Array> }> {
  const { name, perKind, seed, created } = options;
  const sources: Readonly<Record<Kind, StudySource>> = { real: options.real, synthetic: options.synthetic };
  const pool: ImagePool = { real: byClass(sources.real), synthetic: byClass(sources.synthetic) };
  const chosen = chooseImages(pool, perKind, seed);
  let size: number = SIDES.most;
  for (const { kind, index } of chosen) size = Math.min(size, await shorterSide(sources[kind].dataset, index));
  if (size < SIDES.least) {
    throw new GanglionError(
      "usage",
      `an image is only ${size} pixels wide or high; readers need ${SIDES.least} at least`,
    );
  }
  const pictures = new Map<string, Uint8Array>();
  for (const { key, kind, index } of chosen) {
    const { dataset } = sources[kind];
    const square = await gated(dataset, [dataset.samples[index]!.fileName], COPIES, async () =>
      resizeSquare(await readImage(dataset, index), size),
    );
    pictures.set(key, await encodePng(withChannels(square, 3)));
  }
  const study: StudyFile = {
    format: "ganglion.reader-study/1",
    name,
    seed,
    created,
    realDataset: sources.real.name,
    syntheticDataset: sources.synthetic.name,
    size,
    images: chosen.map(({ key, kind, label, index }: ChosenImage) => ({
      key,
      kind,
      label,
      source: sources[kind].dataset.samples[index]!.fileName,
    })),
  };
  return { id: sha256(JSON.stringify([name, created, seed])).slice(0, 12), study, pictures };
}
