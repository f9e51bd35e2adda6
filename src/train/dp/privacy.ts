import { z } from "zod";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import type { Dataset } from "../../data/index.ts";
import { DEFAULT_FAMILY, type NetworkSize, type Preset } from "../../model/index.ts";
import { ACCOUNTANT, noiseMultiplierFor } from "./accountant.ts";

/** What one record is: what a neighbouring dataset has more or less of. */
export const PRIVACY_UNITS = ["image", "patient"] as const;
export type PrivacyUnit = (typeof PRIVACY_UNITS)[number];

/** The private training of a run, in its `config.json`. */
export const privacySchema = z.object({
  /** Never exceeded. */
  epsilon: z.number().positive(),
  delta: z.number().positive().lt(1),
  unit: z.enum(PRIVACY_UNITS),
  /** Records of the training images: images, or patients. Taken for public. */
  records: z.int().positive(),
  /** Greatest length of one record's gradient. */
  clip: z.number().positive(),
  /** Standard deviation of the noise in units of `clip`. */
  noiseMultiplier: z.number().positive(),
  /** Probability with which each record enters a step. */
  samplingRate: z.number().positive().max(1),
  /** Steps that spend the whole budget; no more are made. */
  steps: z.int().positive(),
  accountant: z.string(),
});

/** See {@link privacySchema}. */
export type Privacy = z.infer<typeof privacySchema>;

/** What a person asks of a private training. */
export interface PrivacyRequest {
  readonly epsilon: number;
  readonly delta: number;
  /** Defaults to `image`. */
  readonly unit?: PrivacyUnit | undefined;
  /** Defaults to 1. */
  readonly clip?: number | undefined;
}

/**
 * Changes to a preset under privacy. The noise on a step is that of one record, in each weight of D: it weighs less in a
 * large batch and in a small D.
 */
export const privateRecipe = (preset: Preset): { batch: number; balanceExponent: number } => ({
  batch: preset === "large" ? 32 : 64,
  balanceExponent: 1,
});

/** See {@link privateRecipe}: a quarter of the feature maps. */
export const privateNetworks = (networks: NetworkSize): NetworkSize => ({
  ...networks,
  discriminatorMaps: Math.max(1, Math.round(networks.discriminatorMaps / 4)),
});

/** What of a run's options the guarantee depends on. */
export interface PrivateOptions {
  readonly model: string;
  /** Why its family has no private training; null where it has one. */
  readonly refused: string | null;
  readonly device: string;
  readonly precision: string;
  readonly images?: number | undefined;
  /** Options of the recipe that were asked for, by name. */
  readonly asked: Readonly<Record<string, unknown>>;
}

/** Every option that breaks the guarantee, with the reason. */
function problemsOf({ model, refused, device, precision, images, asked }: PrivateOptions): Problem[] {
  const problems: Problem[] = [];
  const refuse = (path: string, code: string, message: string) => problems.push({ path, code, message });
  if (refused !== null) {
    refuse(`--model ${model}`, "generator-sees-images", `${refused}; use --model ${DEFAULT_FAMILY}`);
  }
  if (device !== "cpu")
    refuse(`--device ${device}`, "private-on-cpu", "private steps are computed on the cpu; omit it");
  if (precision !== "float32") {
    refuse(
      `--precision ${precision}`,
      "private-in-float32",
      "losses scaled by overflows of real gradients are not accounted for; omit it",
    );
  }
  if (images === undefined) {
    refuse(
      "--images",
      "steps-unknown",
      "the noise depends on the number of steps; give --images (with or without --minutes)",
    );
  }
  const { balanceExponent, updates } = asked;
  if (balanceExponent !== undefined && balanceExponent !== 1) {
    refuse(
      `--set balanceExponent=${balanceExponent}`,
      "weighted-sampling",
      "drawing some classes more often takes their images more often than the accountant counts; omit it (1 is used)",
    );
  }
  if (updates !== undefined && updates !== "alternating") {
    refuse(`--set updates=${updates}`, "private-updates", "G must learn from D after the noise is added; omit it");
  }
  for (const name of Object.keys(asked)) {
    if (/^(schedule|conditioning|classLoss)(\.|$)/.test(name)) {
      refuse(`--set ${name}`, "private-schedule", "private steps are all alike but for the warm-up; omit it");
    }
    if (name === "augment" || name.startsWith("augment.")) {
      refuse(
        `--set ${name}`,
        "adaptive-augmentation",
        "augmentation adapts to the logits of real images, which is not accounted for; it is off under --dp-epsilon, omit it",
      );
    }
  }
  return problems;
}

/** @throws GanglionError `usage` that lists every option which would break the guarantee */
export function checkPrivateOptions(options: PrivateOptions): void {
  throwIfProblems("usage", "options that differential privacy does not allow", problemsOf(options));
}

/** Fixes noise and number of steps. @throws GanglionError `usage` when the budget cannot be kept */
export function resolvePrivacy(
  { epsilon, delta, unit = "image", clip = 1 }: PrivacyRequest,
  { records, batch, images }: { records: number; batch: number; images: number },
): Privacy {
  if (batch > records) {
    throw new GanglionError(
      "usage",
      `--batch ${batch}: there are ${records} records (${unit}s), and each is taken with probability batch / records; use ${Math.max(2, Math.floor(records / 8))} or fewer`,
    );
  }
  const [samplingRate, steps] = [batch / records, Math.ceil(images / batch)];
  const noiseMultiplier = noiseMultiplierFor({ epsilon, delta }, { samplingRate, steps });
  return { epsilon, delta, unit, records, clip, noiseMultiplier, samplingRate, steps, accountant: ACCOUNTANT };
}

/**
 * Records of the training images, each the positions of its images among `indices`.
 * @throws GanglionError `dataset` when patients are not known
 */
export function recordsOf(dataset: Dataset, indices: readonly number[], unit: PrivacyUnit): number[][] {
  if (unit === "image") return indices.map((_, position) => [position]);
  const patients = new Map<string, number[]>();
  const nameless: string[] = [];
  indices.forEach((index, position) => {
    const { patient, fileName } = dataset.samples[index]!;
    if (patient === undefined || patient === "") nameless.push(fileName);
    else patients.set(patient, [...(patients.get(patient) ?? []), position]);
  });
  if (nameless.length > 0) {
    throw new GanglionError(
      "dataset",
      `--dp-unit patient: ${nameless.length} of ${indices.length} training images name no patient (first: ${nameless[0]}); name the column in dataset.json or use --dp-unit image`,
    );
  }
  return [...patients.values()];
}

/** What is to be said of a private training before it begins. */
export function privacyNotes(
  { epsilon, delta, unit, records, clip, noiseMultiplier, samplingRate, steps }: Privacy,
  dataset: Dataset,
  indices: readonly number[],
): string[] {
  const notes = [
    `differential privacy: epsilon ${epsilon} at delta ${delta} for one ${unit} of ${records}; ${steps} steps, each takes each ${unit} with probability ${samplingRate.toPrecision(3)}, clipped to ${clip}, noise multiplier ${noiseMultiplier}`,
    "under differential privacy classes keep their natural shares, adaptive augmentation is off, and the last state is kept, not the best: those choices look at real images",
    "only generator.onnx and what is drawn with it are covered; the rest of the run folder (samples/real.png, cache/) holds real images",
  ];
  if (delta * records >= 1) {
    notes.push(
      `delta ${delta} is not below 1 / ${records}: a mechanism that publishes one ${unit} at random would meet it; use a smaller --dp-delta`,
    );
  }
  const patients = indices.flatMap((i) => dataset.samples[i]!.patient ?? []);
  if (unit === "image" && new Set(patients).size < patients.length) {
    notes.push(
      "some patients have several images: each image is protected, a patient only as a group of images; --dp-unit patient protects patients",
    );
  }
  return notes;
}
