import { GanglionError } from "../core/errors.ts";
import { modelFamily } from "../model/known-families.ts";
import { type Sampler, samplerText } from "./sampler.ts";

/** Why a sampler has no meaning for a family, one sentence; null where it has. @throws GanglionError `run` for a family that is not known */
export function samplerProblem(model: string, sampler: Sampler): string | null {
  const family = modelFamily(model, "--model");
  if (sampler.kind !== "reject" || family.input !== "noise" || family.scores !== "order") return null;
  return `--sampler ${samplerText(sampler)}: what D of ${model} says is no ratio of densities, by which reject accepts; use best or random`;
}

/** @throws GanglionError `usage` for a sampler that has no meaning for a family */
export function refuseSampler(model: string, sampler: Sampler): void {
  const problem = samplerProblem(model, sampler);
  if (problem !== null) throw new GanglionError("usage", problem);
}
