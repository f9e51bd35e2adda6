import { Rng } from "../../../core/rng.ts";
import type { OutcomeTable, Trial } from "../outcome-table.ts";

/** A world in which the true AUC of every arm is known. Effects are in standard deviations of one image's noise. */
export interface SimulatedWorld {
  readonly patients: number;
  /** Images of a patient are 1 to this many. */
  readonly imagesPerPatient: number;
  /** Share of patients with the positive class; at least two of each class are made. */
  readonly prevalence: number;
  readonly seeds: number;
  /** How far apart the mean scores of the classes are, per arm. */
  readonly separation: Readonly<Record<string, number>>;
  /** Deviation of the separation from one training of an arm to the next. */
  readonly seedDeviation: number;
  /** Share of trainings that fail: their separation is 0. */
  readonly failedShare: number;
  /** Share of the variance of seeds that arms trained with the same seed have in common. */
  readonly sharedSeed: number;
  /** Deviation of how hard a patient is, for all arms alike. */
  readonly patientDeviation: number;
  /** Deviation of what one arm, whatever the seed, makes of a patient. */
  readonly armPatientDeviation: number;
  /** Deviation of what one training makes of a patient. */
  readonly trainingPatientDeviation: number;
}

/** The classes of a simulated world. */
const SIMULATED_CLASSES = ["negative", "positive"] as const;
/** A world in which one arm is as the real one, one better and one worse, with five seeds of 120 patients. */
export const FOUR_ARMS: SimulatedWorld = {
  patients: 120,
  imagesPerPatient: 2,
  prevalence: 0.3,
  seeds: 5,
  separation: { real: 1, doubled: 1, better: 3, worse: -0.5 },
  seedDeviation: 0.1,
  sharedSeed: 0.3,
  failedShare: 0,
  patientDeviation: 0.5,
  armPatientDeviation: 0.2,
  trainingPatientDeviation: 0.2,
};

/** The test set of a simulated world. */
export const SIMULATED_SET = "simulated";

/**
 * Draws a study from a world: the score of an image is its class times the separation of that training, plus what makes the
 * patient hard (for all, for the arm, for the training), plus noise of deviation 1; a logistic curve makes it a probability.
 * All images of a patient are of one class.
 */
export function simulateOutcomes(world: SimulatedWorld, seed: number): OutcomeTable {
  const rng = new Rng(seed, "simulated study");
  const { patients: P, prevalence } = world;
  const least = Math.min(2, P >> 1);
  let positive: boolean[];
  do positive = Array.from({ length: P }, () => rng.uniform() < prevalence);
  while (positive.filter(Boolean).length < least || positive.filter((p) => !p).length < least);
  const images: number[] = [];
  for (let p = 0; p < P; p++) {
    for (let left = 1 + rng.integer(world.imagesPerPatient); left > 0; left--) images.push(p);
  }
  const normals = (deviation: number) => Float64Array.from({ length: P }, () => deviation * rng.normal());
  const hard = normals(world.patientDeviation);
  const imageHard = Float64Array.from(images, () => rng.normal());
  const common = Float64Array.from({ length: world.seeds }, () => rng.normal());
  const trials: Trial[] = [];
  for (const [arm, separation] of Object.entries(world.separation)) {
    const forArm = normals(world.armPatientDeviation);
    for (let s = 0; s < world.seeds; s++) {
      const luck = Math.sqrt(world.sharedSeed) * common[s]! + Math.sqrt(1 - world.sharedSeed) * rng.normal();
      const failed = rng.uniform() < world.failedShare;
      const apart = failed ? 0 : separation + world.seedDeviation * luck;
      const forTraining = normals(world.trainingPatientDeviation);
      const scores = new Float32Array(2 * images.length);
      images.forEach((p, i) => {
        const noise = Math.SQRT1_2 * (imageHard[i]! + rng.normal());
        const logit = (positive[p] ? apart / 2 : -apart / 2) + hard[p]! + forArm[p]! + forTraining[p]! + noise;
        scores[2 * i + 1] = 1 / (1 + Math.exp(-logit));
        scores[2 * i] = 1 - scores[2 * i + 1]!;
      });
      trials.push({ arm, seed: s, testSet: SIMULATED_SET, scores });
    }
  }
  const labels = Int32Array.from(images, (p) => Number(positive[p]));
  return {
    testSets: [{ name: SIMULATED_SET, classes: SIMULATED_CLASSES, labels, patients: Int32Array.from(images) }],
    trials,
  };
}

/**
 * The AUC that an arm of a world has over all seeds and patients: (1 - f) Phi(separation / sqrt(2 v + seedDeviation^2)) + f / 2
 * with f the share of failed trainings and v the variance of a score within its class, since the separation is normal too.
 */
export function trueAuc(world: SimulatedWorld, arm: string): number {
  const v = 1 + world.patientDeviation ** 2 + world.armPatientDeviation ** 2 + world.trainingPatientDeviation ** 2;
  const trained = normalShare(world.separation[arm]! / Math.sqrt(2 * v + world.seedDeviation ** 2));
  return (1 - world.failedShare) * trained + world.failedShare / 2;
}

/** Standard normal distribution function, by Simpson's rule from 0 (error below 1e-10 for |z| < 8). */
function normalShare(z: number): number {
  const steps = 2000;
  const h = z / steps;
  const density = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(z);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 0 ? 2 : 4) * density(i * h);
  return 0.5 + (sum * h) / 3;
}
