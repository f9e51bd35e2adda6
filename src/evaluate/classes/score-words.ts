import { percent } from "../../report/format.ts";
import type { Beside } from "../quality/image-metric.ts";
import { aboveChance, skillOf } from "../verdict/chance.ts";
import type { ClassScore } from "./class-score.ts";

type Spanned = Omit<Beside, "floor">;

/** A figure beside the same of real images. */
export const beside = ({ value, low, high }: Spanned, floor: number | null): Beside => ({ value, low, high, floor });

/** A share with its interval, in words. */
export const spanned = ({ value, low, high }: Spanned): string =>
  `${percent(value)} (${percent(low)} to ${percent(high)})`;

/** Shares of each class's images that are given their own class, beside those of real images. */
export function perClassBeside(own: ClassScore, real: ClassScore, names: readonly string[]): Record<string, Beside> {
  return Object.fromEntries(
    names.flatMap((name, k) => {
      const found = own.perClass[k] ?? null;
      return found === null ? [] : [[name, beside(found, real.perClass[k]?.value ?? null)] as const];
    }),
  );
}

/** Whether a classifier is shown to know its classes, by its answers on real images that it has not seen. */
export function knowsClasses({ perClass }: Pick<ClassScore, "perClass">): boolean {
  const recalls = perClass.flatMap((own) => (own === null ? [] : [{ n: own.n, right: Math.round(own.value * own.n) }]));
  const skill = skillOf(recalls);
  return skill !== null && aboveChance(skill);
}

/** Fewer images of a class than this give coarse shares. */
const FEW = 20;

/** A warning that names the classes with few images; none where there are none. */
export function fewWarning(title: string, scores: readonly ClassScore[], names: readonly string[]): string[] {
  const few = names.filter((_, k) => scores.some(({ perClass }) => (perClass[k]?.n ?? FEW) < FEW));
  return few.length === 0 ? [] : [`${title} on fewer than ${FEW} images: ${few.join(", ")}. Read the intervals.`];
}
