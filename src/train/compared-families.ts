import { mean } from "../math/mean.ts";
import { familyNames, familyOf, type InputKind } from "../model/index.ts";
import type { EqualMinutes } from "./family.ts";
import { trainingFamily } from "./known-families.ts";
import type { RunConfig } from "./run-config.ts";

/** What was the same in the trainings that {@link EqualMinutes} tells of. */
const CIRCUMSTANCES = "in equal minutes (20 of two cores, ISIC 2017, 64 px)";

/** What the comparison asks of a training. */
type Planned = Pick<RunConfig, "model" | "start" | "differentialPrivacy">;

/** A family that was compared with the others. */
export interface ComparedFamily extends EqualMinutes {
  readonly model: string;
}

/** The families of an input kind that were compared in equal minutes, the nearest to the real images first. */
export function comparedFamilies(input: InputKind): ComparedFamily[] {
  return familyNames(input)
    .flatMap((model) => {
      const { equalMinutes } = trainingFamily({ model });
      return equalMinutes === undefined ? [] : [{ model, ...equalMinutes }];
    })
    .sort((a, b) => mean(a.distances) - mean(b.distances));
}

/** Means over the trainings of a family. */
const figures = ({ model, distances, coverages }: ComparedFamily): string =>
  `${model} FID ${Number(mean(distances).toPrecision(3))}, coverage ${mean(coverages).toFixed(2)}`;

/** Whether each training of a family was nearer than each of another. */
const clearlyNearer = (a: ComparedFamily, b: ComparedFamily): boolean =>
  Math.max(...a.distances) < Math.min(...b.distances);

/** Whether a training is one as those were: from scratch, and not private. */
const isLikeThose = ({ start, differentialPrivacy }: Planned): boolean =>
  start === undefined && differentialPrivacy === undefined;

/**
 * All families that were compared, by what they draw from, for people: what was the same, then a line for each input kind; no line for
 * a training that those say nothing of.
 */
export function comparedText(config: Planned): string[] {
  if (!isLikeThose(config)) return [];
  const lines = (["noise", "maps"] as const).flatMap((input) => {
    const compared = comparedFamilies(input);
    return compared.length === 0 ? [] : [`from ${input}: ${compared.map(figures).join("; ")}`];
  });
  return [`${CIRCUMSTANCES}, the nearest to the real images first`, ...lines];
}

/**
 * What to say of a training whose family was farther from the real images, in each of its trainings, than another that draws from the
 * same in each of its own; null of all others, of one that was not compared, and of a training that the comparison says nothing of.
 */
export function familyAdvice(config: Planned): string | null {
  if (!isLikeThose(config)) return null;
  const { model } = config;
  const compared = comparedFamilies(familyOf(config).input);
  const own = compared.find((family) => family.model === model);
  const nearer = own && compared.find((family) => clearlyNearer(family, own));
  if (own === undefined || nearer === undefined) return null;
  return `${CIRCUMSTANCES} --model ${nearer.model} came nearer to the real images than ${model}: ${figures(nearer)}; ${figures(own)} (docs/recipes.md, "Which family")`;
}
