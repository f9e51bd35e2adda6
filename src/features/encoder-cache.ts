import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { readNotLinked, writeNotLinked } from "../core/inside-folder.ts";
import { classifierLayout, decodeSafetensors, encodeSafetensors, joinParameter, splitFlat } from "../model/index.ts";
import type { TrainedClassifier } from "../train/index.ts";

/** Where a trained encoder is kept and what it was trained with. */
export interface EncoderCache {
  /** A safetensors file; may be deleted at any time. */
  readonly path: string;
  /** Names everything that the weights depend on; an encoder kept under another key is not used. */
  readonly key: string;
}

const FORMAT = "ganglion.encoder/1";

const headSchema = z.object({
  architecture: z.object({
    resolution: z.int().positive(),
    channels: z.union([z.literal(1), z.literal(3)]),
    classes: z.int().positive(),
    widths: z.array(z.int().positive()).min(1),
  }),
  accuracy: z.number().nullable(),
  balancedAccuracy: z.number().nullable(),
  heldOut: z.int().nonnegative(),
  recalls: z.array(z.object({ n: z.int().nonnegative(), right: z.int().nonnegative() })),
});

/** Keeps a trained encoder. @throws GanglionError `files` */
export async function keepEncoder({ path, key }: EncoderCache, classifier: TrainedClassifier): Promise<void> {
  const { weights, ...head } = classifier;
  const layout = classifierLayout(head.architecture);
  const parts = splitFlat(layout, weights);
  const tensors = Object.fromEntries(layout.parameters.map(({ name, shape }) => [name, { shape, data: parts[name]! }]));
  await writeNotLinked(path, encodeSafetensors(tensors, { format: FORMAT, key, head: JSON.stringify(head) }));
}

/** The encoder that was kept under the key; null where there is none, or one that is damaged: it is trained again. */
export async function keptEncoder({ path, key }: EncoderCache): Promise<TrainedClassifier | null> {
  try {
    const { tensors, metadata } = decodeSafetensors(await readNotLinked(path), path);
    if (metadata.format !== FORMAT || metadata.key !== key) return null;
    const head = headSchema.parse(JSON.parse(metadata.head!));
    const layout = classifierLayout(head.architecture);
    const weights = new Float32Array(layout.length);
    for (const parameter of layout.parameters) {
      const { name, shape } = parameter;
      const tensor = tensors[name];
      if (!(tensor?.data instanceof Float32Array) || `${tensor.shape}` !== `${shape}`) return null;
      joinParameter(parameter, tensor.data, weights);
    }
    return { ...head, weights };
  } catch (cause) {
    const unusable = cause instanceof GanglionError || cause instanceof z.ZodError || cause instanceof SyntaxError;
    if (unusable) return null;
    throw cause;
  }
}
