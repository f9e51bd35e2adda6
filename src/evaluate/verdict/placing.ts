import { mean } from "../../math/mean.ts";
import type { ClassLikeness } from "./class-likeness.ts";
import { WITHOUT_CONTENT } from "./degrade.ts";
import { diversityGrade, fidelityGrade, type Grade, type Place, worse } from "./grade.ts";
import { type Distances, type Likeness, type Moments, meanDistances, thresholdsOf } from "./likeness.ts";
import type { Rung, Sight } from "./self-test.ts";

/** What the distances of a set are held against. */
export interface Ruler {
  /** Of other real images. */
  readonly floor: Distances;
  /** From here on a draw counts as told. */
  readonly threshold: Pick<Distances, "energy" | "modes">;
  /** Of images without content, the least of each. */
  readonly noise: Pick<Distances, "energy" | "oneNearestNeighbour"> & Pick<Moments, "fid">;
}

const withoutContent = ({ degradation }: Rung): boolean => (WITHOUT_CONTENT as readonly string[]).includes(degradation);

/** The ruler of an extractor. @param sight with a yardstick */
export function rulerOf({ yardstick, ladder }: Sight): Ruler {
  const empty = ladder
    .filter(withoutContent)
    .flatMap(({ draws, fid }) => (draws === null || fid === null ? [] : [{ ...meanDistances(draws), fid }]));
  const least = (name: keyof Ruler["noise"]) => Math.min(...empty.map((found) => found[name]));
  return {
    floor: meanDistances(yardstick!.control),
    threshold: thresholdsOf(yardstick!),
    noise: { energy: least("energy"), fid: least("fid"), oneNearestNeighbour: least("oneNearestNeighbour") },
  };
}

/** Root of the share of an energy distance above the floor in that of images without content. */
export function shareOf(energy: number, floor: number, { noise, floor: { energy: least } }: Ruler): number {
  const above = energy - Math.max(0, floor);
  const whole = noise.energy - Math.max(0, least);
  if (above <= 0) return 0;
  return whole > 0 ? Math.sqrt(above / whole) : Number.POSITIVE_INFINITY;
}

/** Where a set stands on the ruler. */
export function placeOf(draws: Likeness, ruler: Ruler): Place {
  const { energy, oneNearestNeighbour, coverage, modes } = meanDistances(draws);
  const told = (name: "energy" | "modes") => mean(draws.map((draw) => (draw[name] > threshold[name] ? 1 : 0)));
  const { floor, threshold } = ruler;
  return {
    share: shareOf(energy, floor.energy, ruler),
    told: told("energy"),
    oneNearestNeighbour: oneNearestNeighbour - Math.max(0.5, floor.oneNearestNeighbour),
    coverage: floor.coverage > 0 ? coverage / floor.coverage : 1,
    lost: Math.max(0, modes - floor.modes),
    lostTold: told("modes"),
  };
}

/** The grade that all images together allow. */
export const gradeOf = (place: Place): Grade => worse(fidelityGrade(place), diversityGrade(place));

/**
 * Blur in pixels that takes real images as far from real ones as the set lies: linear between the strengths of the ladder,
 * which are never taken to lie nearer than weaker ones. Infinite beyond the strongest.
 */
export function blurAsFar(share: number, ladder: readonly Rung[], ruler: Ruler): number | null {
  const blurs = ladder.filter(
    (rung): rung is Rung & { draws: Likeness } => rung.degradation === "blur" && rung.draws !== null,
  );
  if (blurs.length === 0) return null;
  let [weak, near] = [0, 0];
  for (const { strength, draws } of [...blurs].sort((a, b) => a.strength - b.strength)) {
    const far = Math.max(near, placeOf(draws, ruler).share);
    if (share <= far) return far === near ? weak : weak + ((share - near) / (far - near)) * (strength - weak);
    [weak, near] = [strength, far];
  }
  return Number.POSITIVE_INFINITY;
}

/** A class beside the ruler. */
export interface ClassPlace {
  readonly index: number;
  readonly n: number;
  /** Whether the class is told from its real images; {@link classLikeness} counts false alarms over all classes. */
  readonly told: boolean;
  readonly share: number;
  /**
   * Energy distance from the class beyond that of the whole set from real images, in that of images of another class (mean
   * over the classes): 0 right, 1 as wrong as another class. Null with one class.
   */
  readonly swapped: number | null;
}

/**
 * How many times as far as the threshold a class must lie to count as told: images of one class, of a few lesions or patients
 * each, vary more than random divisions of them do.
 */
const CLASS_MARGIN = 1.5;

/** Where each class stands. @param whole energy distance of all images above that of other real images */
export function classPlaces(classes: readonly ClassLikeness[], whole: number, ruler: Ruler): ClassPlace[] {
  const above = (energy: number, control: number) => energy - Math.max(0, control);
  const other = mean(classes.flatMap(({ swapped, control }) => (swapped === null ? [] : [above(swapped, control)])));
  return classes.map(({ index, n, synthetic, control, threshold }) => ({
    index,
    n,
    told: above(synthetic, control) > CLASS_MARGIN * above(threshold, control),
    share: shareOf(synthetic, control, ruler),
    swapped: other > 0 ? (above(synthetic, control) - Math.max(0, whole)) / other : null,
  }));
}
