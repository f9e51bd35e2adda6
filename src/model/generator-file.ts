import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { readNotLinked, writeNotLinked } from "../core/inside-folder.ts";
import { type Device, input, isIntact, type Model, openModel, readOnnx } from "../graph/index.ts";
import { encodeGeneratorOf } from "./encode-generator.ts";
import type { Architecture } from "./family.ts";
import type { InputKind } from "./input-kind.ts";
import { DEFAULT_FAMILY, familyNames, noiseFamilyOf } from "./known-families.ts";
import { MAP_GENERATOR_FORMAT } from "./map-description.ts";
import { type Origin, originSchema } from "./origin.ts";

const guaranteeSchema = z.object({
  epsilon: z.number(),
  delta: z.number(),
  /** `image` or `patient`. */
  unit: z.string(),
  noiseMultiplier: z.number(),
  clip: z.number(),
  samplingRate: z.number(),
  steps: z.int(),
  accountant: z.string(),
});

/** What a generator file says of itself in its `metadata_props`, so that it needs no other file. */
export interface GeneratorDescription {
  /** Name of the family; absent in files of the default one, which was the only one when their format was made. */
  readonly model?: string | undefined;
  readonly classes: readonly string[];
  /** Width and height in pixels. */
  readonly resolution: number;
  readonly channels: 1 | 3;
  /** Length of the latent. */
  readonly latent: number;
  readonly imagesSeen: number;
  readonly seed: number;
  /** SPDX identifier or words on who may use the generator; empty where the owner has not said. */
  readonly license: string;
  /** The guarantee for the images that it was trained on; absent where there is none. */
  readonly differentialPrivacy?: z.infer<typeof guaranteeSchema> | undefined;
  /** Networks that its training began from, nearest first; absent where it began from none. */
  readonly startedFrom?: readonly Origin[] | undefined;
  /** `w`: there is an input `psi` for the truncation; absent where the latent is multiplied by psi. */
  readonly truncation?: "w" | undefined;
}

/**
 * Batch that images of a resolution are generated in; also the last one, so that an image does not depend on its
 * neighbours. Small images fill the processor only in many; large ones would take memory without being faster.
 */
export const generationBatch = (resolution: number): number => (resolution <= 32 ? 64 : 16);

const FORMAT = "ganglion.generator/1";

const descriptionSchema = z.object({
  model: z.string().optional(),
  classes: z.array(z.string()).min(1),
  resolution: z.int().positive(),
  channels: z.union([z.literal(1), z.literal(3)]),
  latent: z.int().positive(),
  imagesSeen: z.int().nonnegative(),
  seed: z.int(),
  license: z.string(),
  differentialPrivacy: guaranteeSchema.optional(),
  startedFrom: z.array(originSchema).optional(),
  truncation: z.literal("w").optional(),
});

/**
 * Bytes of a self-describing `generator.onnx`: inputs `latent` [N, latent] (standard normal) and `classes`
 * [N, classes] (one-hot), of some families `psi` [N, 1] (1: no truncation), output `images` [N, channels, resolution, resolution] in
 * [-1, 1], weights inside. Sealed: damage shows.
 * @param weights Flat generator weights, usually their moving average.
 */
export function encodeGenerator(a: Architecture, weights: Float32Array, description: GeneratorDescription): Uint8Array {
  const family = noiseFamilyOf(a);
  const batch = generationBatch(a.resolution);
  const latent = input("latent", [batch, a.latent]);
  const classes = input("classes", [batch, a.classes]);
  const { truncation } = family;
  const psi = truncation === undefined ? undefined : input("psi", [batch, 1]);
  const said = { ...description, ...(truncation === undefined ? {} : { truncation }) };
  return encodeGeneratorOf({
    layout: family.layouts(a).generator,
    weights,
    draw: (named) => family.generate(a, named, latent, classes, psi),
    format: FORMAT,
    description: a.model === DEFAULT_FAMILY ? said : { model: a.model, ...said },
    inputs: `latent [N, latent] standard normal; classes [N, classes] one-hot${psi === undefined ? "" : "; psi [N, 1], 1 for no truncation"}`,
  });
}

export async function writeGenerator(
  path: string,
  a: Architecture,
  weights: Float32Array,
  description: GeneratorDescription,
): Promise<void> {
  await writeNotLinked(path, encodeGenerator(a, weights, description));
}

/** A trained generator, ready to draw. Close it: it holds native memory. */
export interface Generator {
  readonly description: GeneratorDescription;
  /** SHA-256 of the file, the identity of the generator in provenance records. */
  readonly hash: string;
  /** Where it computes. */
  readonly device: Device;
  /** Images that it draws at once. */
  readonly batch: number;
  /**
   * Draws one batch of at most {@link batch} images.
   * @param latents Row-major [n, latent].
   * @param classes Class index of each image, length n.
   * @param psi Truncation of a generator whose description has one, in 0..1. Defaults to 1, none.
   * @returns uint8 [n, channels, resolution, resolution]; an image depends on its own latent and class only.
   */
  draw(latents: Float32Array, classes: ArrayLike<number>, psi?: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Maps [-1, 1] to 0..255 with rounding to the nearest level. */
export function toBytes(values: ArrayLike<number>): Uint8Array {
  const out = new Uint8Array(values.length);
  for (let i = 0; i < out.length; i++) {
    // Comparisons and a cut to whole numbers: a tenth of the time of Math.round, min and max.
    const level = (values[i]! + 1) * 127.5 + 0.5;
    out[i] = (level < 0 ? 0 : level > 255 ? 255 : level) | 0;
  }
  return out;
}

const FORMATS: ReadonlyMap<string, InputKind> = new Map([
  [FORMAT, "noise"],
  [MAP_GENERATOR_FORMAT, "maps"],
]);

/** What a generator file of a format draws from; undefined for another format. */
export const inputOfFormat = (format: string): InputKind | undefined => FORMATS.get(format);

/** Words for what a file does, to say which model another one is of. */
const DOES: Readonly<Record<InputKind, string>> = {
  noise: "draws from noise and a class",
  maps: "fills semantic maps",
};
const does = (input: InputKind): string => `${DOES[input]} (${familyNames(input).join(", ")})`;

/**
 * What a sealed generator file says of itself.
 * @param format The format that is read.
 * @throws GanglionError `run` when it is of another format, or damaged
 */
export function describedBy<T>(bytes: Uint8Array, path: string, format: string, schema: z.ZodType<T>): T {
  const { metadata } = readOnnx(bytes);
  const remedy = "use the generator.onnx of a finished `ganglion train` run";
  if (metadata.format !== format) {
    const [other, wanted] = [metadata.format ?? "", format].map(inputOfFormat);
    const message =
      other === undefined || wanted === undefined
        ? `${path} is not a generator of ganglion (no format in its metadata); ${remedy}`
        : `${path} ${does(other)}, one that ${does(wanted)} is needed; give the run of another --model`;
    throw new GanglionError("run", message);
  }
  if (!isIntact(bytes)) {
    throw new GanglionError(
      "run",
      `${path} is damaged: its content does not match its checksum; restore it from a copy, or continue the run (\`ganglion train --resume\`), which writes it again`,
    );
  }
  try {
    return schema.parse(JSON.parse(metadata.description ?? ""));
  } catch (cause) {
    throw new GanglionError("run", `${path} has a damaged description in its metadata; ${remedy}`, { cause });
  }
}

/** A generator file, read but not opened for drawing. */
export interface GeneratorFile {
  readonly description: GeneratorDescription;
  /** SHA-256 of its flat weights, as the file states it. */
  readonly weightsHash: string;
  /** Weights by the name of the parameter. */
  readonly weights: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
}

/** Reads the weights of a `generator.onnx` that draws from noise. @throws GanglionError as {@link openGenerator} */
export async function readGeneratorFile(path: string): Promise<GeneratorFile> {
  const bytes = await readNotLinked(path);
  const description: GeneratorDescription = describedBy(bytes, path, FORMAT, descriptionSchema);
  const { initializers, metadata } = readOnnx(bytes);
  const weights = initializers.flatMap(({ name, shape, data }) =>
    name.startsWith("generator.") && data instanceof Float32Array
      ? [[name.slice("generator.".length), { shape, data }] as const]
      : [],
  );
  return { description, weightsHash: metadata.weights_sha256 ?? "", weights: new Map(weights) };
}

/**
 * Opens a `generator.onnx`.
 * @throws GanglionError `files` when it cannot be read, `run` or `graph` when it is not a generator or damaged
 */
export async function openGenerator(
  path: string,
  { threads = 2, device = "cpu" }: { threads?: number | undefined; device?: Device | undefined } = {},
): Promise<Generator> {
  const bytes = await readNotLinked(path);
  const description: GeneratorDescription = describedBy(bytes, path, FORMAT, descriptionSchema);
  const model: Model = await openModel(bytes, { threads, device });
  const { latent, classes, channels, resolution, truncation } = description;
  const batch = generationBatch(resolution);
  const latentRows = new Float32Array(batch * latent);
  const classRows = new Float32Array(batch * classes.length);
  return {
    description,
    hash: sha256(bytes),
    device,
    batch,
    async draw(latents, chosen, psi = 1) {
      const count = chosen.length;
      if (count < 1 || count > batch || latents.length !== count * latent) {
        throw new GanglionError(
          "internal",
          `internal: draw takes 1..${batch} rows of ${latent} numbers, got ${count} and ${latents.length}`,
        );
      }
      latentRows.fill(0);
      latentRows.set(latents);
      classRows.fill(0);
      for (let i = 0; i < batch; i++) classRows[i * classes.length + (chosen[i] ?? 0)] = 1;
      const { images } = await model.run({
        latent: { data: latentRows, shape: [batch, latent] },
        classes: { data: classRows, shape: [batch, classes.length] },
        ...(truncation === undefined ? {} : { psi: { data: new Float32Array(batch).fill(psi), shape: [batch, 1] } }),
      });
      return toBytes((images!.data as Float32Array).subarray(0, count * channels * resolution * resolution));
    },
    close: () => model.close(),
  };
}
