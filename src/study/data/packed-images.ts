import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { fileError, readBytes, readJson, writeFileAtomic, writeJson } from "../../core/files.ts";

/** Files of an artefact that holds images, or the features of images. */
const IMAGES = "images.u8";
const FEATURES = "features.f32";
const INDEX = "index.json";

const indexSchema = z.object({
  /** Width and height in pixels. */
  resolution: z.int().positive(),
  channels: z.union([z.literal(1), z.literal(3)]),
  classes: z.array(z.string()),
  /** Class index of each image. */
  labels: z.array(z.int().nonnegative()),
  /** Patient of each image, numbered from 0 without gaps; absent of synthetic images. */
  patients: z.array(z.int().nonnegative()).optional(),
  /** Whether training is stopped on the image; of real training images. */
  validation: z.array(z.boolean()).optional(),
  /** Place of the image's patient in [0, 1), see `Division`; of real training images. */
  ranks: z.array(z.number()).optional(),
});

/** What is known of images besides their pixels; neither names of files nor of patients. */
export type ImageIndex = z.infer<typeof indexSchema>;

/** The images of an artefact, in memory. */
export interface PackedArtefact extends ImageIndex {
  /** uint8 [n, channels, resolution, resolution] */
  readonly pixels: Uint8Array;
}

/** Features of the images of an artefact. */
export interface FeatureArtefact extends ImageIndex {
  /** float32 [n, dimension], row-major. */
  readonly features: Float32Array;
}

/** @throws GanglionError `files` */
export async function readImageIndex(folder: string): Promise<ImageIndex> {
  const path = join(folder, INDEX);
  const parsed = indexSchema.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  throw new GanglionError(
    "files",
    `${path} is no index of images of this version; remove the artefact to make it again`,
  );
}

function checkLength(path: string, found: number, wanted: number): void {
  if (found === wanted) return;
  const message = `${path} has ${found} bytes, its index says ${wanted}; remove the artefact to make it again`;
  throw new GanglionError("files", message);
}

/** @param pixels uint8 [n, channels, resolution, resolution] @throws GanglionError `files` */
export async function writePackedArtefact(folder: string, { pixels, ...index }: PackedArtefact): Promise<void> {
  await writeFileAtomic(join(folder, IMAGES), pixels);
  await writeJson(join(folder, INDEX), index);
}

/** @throws GanglionError `files` */
export async function readPackedArtefact(folder: string): Promise<PackedArtefact> {
  const index = await readImageIndex(folder);
  const path = join(folder, IMAGES);
  const pixels = await readBytes(path);
  checkLength(path, pixels.length, index.labels.length * index.channels * index.resolution ** 2);
  return { ...index, pixels };
}

/** Writes the features of the images of another artefact. @throws GanglionError `files` */
export async function writeFeatureArtefact(folder: string, images: string, features: Float32Array): Promise<void> {
  await writeFileAtomic(
    join(folder, FEATURES),
    new Uint8Array(features.buffer, features.byteOffset, features.byteLength),
  );
  await copyFile(join(images, INDEX), join(folder, INDEX)).catch((cause) => {
    throw fileError("write", join(folder, INDEX), cause);
  });
}

/** @throws GanglionError `files` */
export async function readFeatureArtefact(folder: string): Promise<FeatureArtefact> {
  const index = await readImageIndex(folder);
  const path = join(folder, FEATURES);
  const bytes = await readBytes(path);
  const n = index.labels.length;
  const dimension = n === 0 ? 0 : Math.floor(bytes.length / 4 / n);
  checkLength(path, bytes.length, n * dimension * 4);
  return { ...index, features: new Float32Array(new Uint8Array(bytes).buffer) };
}
