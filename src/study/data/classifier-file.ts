import { join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { readBytes, readJson, writeFileAtomic, writeJson } from "../../core/files.ts";
import type { LinearProbe } from "../classifier/linear-probe.ts";
import type { TrainedResidual } from "../classifier/train-residual.ts";

const DESCRIPTION = "classifier.json";
const WEIGHTS = "weights.f32";

const numbers = z.array(z.number());
const effort = z.int().nonnegative().describe("Training images that went through the classifier.");
const descriptionSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("network"),
    architecture: z.object({
      resolution: z.int(),
      channels: z.union([z.literal(1), z.literal(3)]),
      classes: z.int(),
      widths: z.array(z.int()),
      blocks: z.int(),
    }),
    validation: numbers,
    best: z.int(),
    effort,
  }),
  z.object({
    kind: z.literal("probe"),
    mean: numbers,
    deviation: numbers,
    weights: numbers,
    bias: numbers,
    strength: z.number(),
    validation: z.number(),
    effort,
  }),
]);

/** A classifier that a job has trained. */
export type StoredClassifier =
  | ({ readonly kind: "network"; readonly effort: number } & TrainedResidual)
  | ({ readonly kind: "probe"; readonly effort: number } & LinearProbe);

/** @param effort Training images that went through it, repeats counted. @throws GanglionError `files` */
export async function writeNetwork(folder: string, trained: TrainedResidual, effort: number): Promise<void> {
  const { weights, ...description } = trained;
  await writeFileAtomic(join(folder, WEIGHTS), new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength));
  await writeJson(join(folder, DESCRIPTION), { kind: "network", ...description, effort });
}

/** @throws GanglionError `files` */
export async function writeProbe(folder: string, probe: LinearProbe, effort: number): Promise<void> {
  const { mean, deviation, weights, bias, strength, validation } = probe;
  await writeJson(join(folder, DESCRIPTION), {
    kind: "probe",
    mean: [...mean],
    deviation: [...deviation],
    weights: [...weights],
    bias: [...bias],
    ...{ strength, validation, effort },
  });
}

/** @throws GanglionError `files` */
export async function readClassifier(folder: string): Promise<StoredClassifier> {
  const path = join(folder, DESCRIPTION);
  const parsed = descriptionSchema.safeParse(await readJson(path));
  if (!parsed.success) {
    throw new GanglionError("files", `${path} is no classifier of this version; remove the artefact to make it again`);
  }
  if (parsed.data.kind === "network") {
    const bytes = await readBytes(join(folder, WEIGHTS));
    return { ...parsed.data, weights: new Float32Array(new Uint8Array(bytes).buffer) };
  }
  const { mean, deviation, weights, bias, ...rest } = parsed.data;
  const vector = (values: readonly number[]) => Float64Array.from(values);
  return { ...rest, mean: vector(mean), deviation: vector(deviation), weights: vector(weights), bias: vector(bias) };
}
