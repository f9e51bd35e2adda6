import type { Problem } from "../../core/errors.ts";
import { type Dataset, hasRegions, type MapKind } from "../../data/index.ts";
import { familyNames } from "../../model/index.ts";
import { keepsAll, needsLabeller, parseSampler, samplerProblem } from "../../sample/index.ts";

/** What the rules between a generator, its samplers and the data read. */
export interface CheckedGenerator {
  readonly model: string;
  /** Kind of the maps that it fills; null where it draws from noise. */
  readonly mapKind: MapKind | null;
  /** Numbers of its latent; 0 where one map gives one image, null where it cannot be told. */
  readonly latent: number | null;
  /** Whether it was trained with differential privacy. */
  readonly isPrivate: boolean;
}

/** What does not fit between a generator, the samplers that it is used with and the training images. @param path Of the generator. */
export function generatorProblems(
  path: string,
  { model, mapKind, latent, isPrivate }: CheckedGenerator,
  {
    samplers,
    dataset,
    isRun,
  }: { readonly samplers: readonly string[]; readonly dataset: Dataset; readonly isRun: boolean },
): Problem[] {
  const problems: Problem[] = [];
  const truncated = samplers.find((text) => parseSampler(text).kind === "truncation");
  if (truncated !== undefined && latent === 0) {
    const message = `${model} has no latent to truncate (one map, one image); leave ${truncated} out`;
    problems.push({ code: "sampler", path, message });
  }
  for (const text of samplers) {
    const problem = samplerProblem(model, parseSampler(text));
    if (problem !== null) problems.push({ code: "sampler", path, message: problem.replace("--sampler ", "") });
  }
  if (isPrivate && samplers.some((text) => needsLabeller(parseSampler(text)))) {
    const message =
      "was trained with differential privacy, and the classifier of relabel learns without; leave relabel out";
    problems.push({ code: "sampler", path, message });
  }
  if (mapKind === null) return problems;
  if (!samplers.map(parseSampler).every(keepsAll)) {
    const message = `${model} draws from maps with random or truncation:PSI; leave other samplers out`;
    problems.push({ code: "sampler", path, message });
  }
  const instead = isRun ? "take another run" : `use model ${familyNames("noise").join(" or ")}`;
  if (!hasRegions(dataset)) {
    const message = `${model} needs masks or boxes, which the data lack; ${instead}`;
    problems.push({ code: "maps", path, message });
  } else if (mapKind === "mask" && dataset.samples.every(({ mask }) => mask === undefined)) {
    const message = `its maps are of masks (mapKind "mask"), and the data have boxes alone; ${isRun ? "" : 'set mapKind "box", or '}${instead}`;
    problems.push({ code: "maps", path, message });
  }
  return problems;
}
