import { Rng } from "../../core/rng.ts";
import { type Linear64, type Matrix, takeRows } from "../../math/linear/linear64.ts";
import { mean } from "../../math/mean.ts";
import { quantile } from "../../math/quantile.ts";
import { dividedEnergies, energyDistance, pairDistances } from "../quality/energy.ts";
import { swappedClasses } from "./degradations/subsets.ts";
import { ALARMS, type RowsByClass, stacked } from "./likeness.ts";

/** Fewer images of a class on a side tell nothing of it. */
const MIN_CLASS = 12;
/** Most images of a class on a side of a draw. */
const MOST_OF_CLASS = 64;
const DRAWS = 6;
const DIVISIONS = 60;

/** How far the synthetic images of one class lie from the real ones of that class: energy distances, means over draws. */
export interface ClassLikeness {
  /** Index of the class. */
  readonly index: number;
  /** Images on each side of a draw. */
  readonly n: number;
  readonly synthetic: number;
  /** Other real images of the class. */
  readonly control: number;
  /** Other real images of the next class; null where there is one class only. */
  readonly swapped: number | null;
  /** From here on a draw counts as told from the class; {@link ALARMS} over all classes together. */
  readonly threshold: number;
  /** Share of the draws in which images of the next class are told from those of the class. */
  readonly swappedPower: number | null;
}

/** Places of the images in the space of the verdict, and their row numbers by class. */
export interface ClassSides {
  readonly real: { readonly places: Matrix; readonly rows: RowsByClass };
  readonly control: { readonly places: Matrix; readonly rows: RowsByClass };
  readonly synthetic: { readonly places: Matrix; readonly rows: RowsByClass };
}

/**
 * Compares each class by itself, so that images of the wrong class are noticed where all together look right. Every class
 * with {@link MIN_CLASS} images on each side has its own test, by random divisions of the real images of the class in two.
 */
export async function classLikeness(sides: ClassSides, linear: Linear64, seed: number): Promise<ClassLikeness[]> {
  const { real, control, synthetic } = sides;
  const enough = real.rows.flatMap((rows, c) => {
    const n = Math.min(rows.length, control.rows[c]!.length, synthetic.rows[c]!.length, MOST_OF_CLASS);
    return n >= MIN_CLASS ? [{ index: c, n }] : [];
  });
  const counts = real.rows.map((_, c) => enough.find(({ index }) => index === c)?.n ?? 0);
  const swapped = swappedClasses(control.rows, counts);
  const out: ClassLikeness[] = [];
  for (const { index, n } of enough) {
    const found = { synthetic: [] as number[], control: [] as number[], swapped: [] as number[] };
    const divided: number[] = [];
    for (let d = 0; d < DRAWS; d++) {
      const rng = new Rng(seed, "class likeness", index, d);
      const take = ({ places, rows }: ClassSides["real"], own: RowsByClass = rows): Matrix =>
        takeRows(places, rng.shuffle([...own[index]!]).slice(0, n));
      const first = take(real);
      const within = await pairDistances(first, first, linear);
      const second = take(control);
      found.control.push(await energyDistance(first, second, linear, within));
      found.synthetic.push(await energyDistance(first, take(synthetic), linear, within));
      if (swapped !== null) found.swapped.push(await energyDistance(first, take(control, swapped), linear, within));
      const both = stacked(first, second);
      const among = await pairDistances(both, both, linear);
      divided.push(...dividedEnergies(among, n, DIVISIONS, (order) => void rng.shuffle(order)));
    }
    const floor = mean(found.control);
    const threshold = Math.max(0, floor) + quantile(Float64Array.from(divided).sort(), 1 - ALARMS / enough.length);
    out.push({
      index,
      n,
      synthetic: mean(found.synthetic),
      control: floor,
      swapped: swapped === null ? null : mean(found.swapped),
      threshold,
      swappedPower: swapped === null ? null : mean(found.swapped.map((energy) => (energy > threshold ? 1 : 0))),
    });
  }
  return out;
}
