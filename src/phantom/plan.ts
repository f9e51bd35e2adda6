import { GanglionError } from "../core/errors.ts";
import { Rng } from "../core/rng.ts";
import { stratifiedSplit } from "../data/splits.ts";
import { PHANTOM_CLASSES, PHANTOM_SHARES, type PhantomClass } from "./classes.ts";
import { BODY_SITES, CAMERAS, SKIN_TONES } from "./skin.ts";

/** Everything about one phantom image but its pixels; enough to draw it. */
export interface PhantomSpec {
  readonly seed: number;
  /** Position in the plan, from 0. */
  readonly index: number;
  readonly label: PhantomClass;
  /** Fitzpatrick type, 1..6. */
  readonly tone: number;
  readonly patient: string;
  readonly bodySite: string;
  /** Source clinic, which fixes the camera. */
  readonly source: string;
  /** Years. */
  readonly age: number;
  readonly sex: "female" | "male";
  readonly split: "train" | "val" | "test";
}

/** Shares of train, val and test. */
const PHANTOM_SPLIT = [0.7, 0.15, 0.15] as const;

/**
 * Images per class, longest first, sum exactly `count`: largest remainders of {@link PHANTOM_SHARES}, and at least one
 * of each class. @param count Whole number >= 7
 */
export function phantomCounts(count: number): Record<PhantomClass, number> {
  if (!Number.isInteger(count) || count < PHANTOM_CLASSES.length || count > 1_000_000) {
    throw new GanglionError(
      "usage",
      `phantom count must be a whole number in ${PHANTOM_CLASSES.length}..1000000 (one image a class at least), got ${count}; try --count 2000`,
    );
  }
  const wanted = PHANTOM_CLASSES.map((name) => PHANTOM_SHARES[name] * count);
  const counts = wanted.map((n) => Math.max(1, Math.floor(n + 1e-9)));
  let left = count - counts.reduce((a, b) => a + b, 0);
  const byRemainder = wanted.map((n, i) => [n - counts[i]!, i]).sort((a, b) => b[0]! - a[0]!);
  for (let k = 0; left > 0; k = (k + 1) % counts.length, left--) counts[byRemainder[k]![1]!]!++;
  for (; left < 0; left++) counts[0]!--;
  return Object.fromEntries(PHANTOM_CLASSES.map((name, i) => [name, counts[i]])) as Record<PhantomClass, number>;
}

const IMAGES_PER_PATIENT = [0.5, 0.27, 0.14, 0.09];
/** Mean age per class in years; the spread is 13 years for all. */
const MEAN_AGE: Readonly<Record<PhantomClass, number>> = {
  nevus: 44,
  melanoma: 60,
  keratosis: 63,
  "basal-cell": 66,
  actinic: 68,
  vascular: 50,
  fibroma: 49,
};

/**
 * Plans a phantom: classes in a long tail, 1 to 4 images a patient with one tone, sex, clinic and nearly one age, body
 * sites, and a train/val/test split stratified by class that never divides a patient. Pure.
 */
export function phantomPlan(count: number, seed: number): PhantomSpec[] {
  const counts = phantomCounts(count);
  const rng = new Rng(seed, "phantom-plan");
  const labels = rng.shuffle(PHANTOM_CLASSES.flatMap((name) => new Array<PhantomClass>(counts[name]).fill(name)));
  const specs: Omit<PhantomSpec, "split">[] = [];
  for (let patient = 1; specs.length < count; patient++) {
    const images = 1 + rng.weighted(IMAGES_PER_PATIENT);
    const tone = 1 + rng.weighted(SKIN_TONES.map(({ share }) => share));
    const source = CAMERAS[rng.weighted(CAMERAS.map(({ share }) => share))]!.name;
    const sex = rng.uniform() < 0.5 ? "female" : "male";
    const age = Math.round(Math.min(90, Math.max(18, MEAN_AGE[labels[specs.length]!] + 13 * rng.normal())));
    for (let k = 0; k < images && specs.length < count; k++) {
      const index = specs.length;
      const label = labels[index]!;
      // Sun-exposed skin carries actinic and basal-cell lesions more often.
      const exposed = label === "actinic" || label === "basal-cell";
      const weights = BODY_SITES.map(({ name, share }) =>
        exposed && (name === "face" || name === "scalp") ? 4 * share : share,
      );
      const bodySite = BODY_SITES[rng.weighted(weights)]!.name;
      specs.push({
        seed,
        index,
        label,
        tone,
        patient: `P${String(patient).padStart(5, "0")}`,
        bodySite,
        source,
        age,
        sex,
      });
    }
  }
  const parts = stratifiedSplit(labels, {
    fractions: PHANTOM_SPLIT,
    groups: specs.map(({ patient }) => patient),
    seed,
  });
  const split = new Array<PhantomSpec["split"]>(count);
  for (const index of parts[0]!) split[index] = "train";
  for (const index of parts[1]!) split[index] = "val";
  for (const index of parts[2]!) split[index] = "test";
  return specs.map((spec, index) => ({ ...spec, split: split[index]! }));
}
