import { familyNames, familyOf, type InputKind } from "../model/index.ts";
import type { EqualMinutes } from "./family.ts";
import { trainingFamily } from "./known-families.ts";
import type { RunConfig } from "./run-config.ts";

/** Of the trainings that {@link EqualMinutes} tells of. */
const CIRCUMSTANCES = { minutes: 20, processors: "two cores", data: "ISIC 2017", resolution: 64 } as const;

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
    .sort((a, b) => a.distance - b.distance);
}

/** `in equal minutes (20 of two cores, ISIC 2017, 64 px)`. */
const circumstances = (): string => {
  const { minutes, processors, data, resolution } = CIRCUMSTANCES;
  return `in equal minutes (${minutes} of ${processors}, ${data}, ${resolution} px)`;
};

const figures = ({ model, distance, coverage }: ComparedFamily): string =>
  `${model} FID ${Number(distance.toPrecision(3))}, coverage ${coverage.toFixed(2)}`;

/** All families that were compared, by what they draw from, for people: what was the same, then a line for each input kind. */
export function comparedText(): string[] {
  const lines = (["noise", "maps"] as const).flatMap((input) => {
    const compared = comparedFamilies(input);
    return compared.length === 0 ? [] : [`from ${input}: ${compared.map(figures).join("; ")}`];
  });
  return lines.length === 0 ? [] : [`${circumstances()}, the nearest to the real images first`, ...lines];
}

/**
 * What to say of a training whose family was farther from the real images than another that draws from the same; null of the
 * nearest, of one that was not compared, and of one from a start, which those were not.
 */
export function familyAdvice({ model, start }: Pick<RunConfig, "model" | "start">): string | null {
  if (start !== undefined) return null;
  const compared = comparedFamilies(familyOf({ model }).input);
  const [nearest] = compared;
  const own = compared.find((family) => family.model === model);
  if (nearest === undefined || own === undefined || own === nearest) return null;
  return `${circumstances()} --model ${nearest.model} came nearer to the real images than ${model}: ${figures(nearest)}; ${figures(own)} (docs/recipes.md, "Which family")`;
}
