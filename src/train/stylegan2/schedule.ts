import { sharedScalars } from "../shared-schedule.ts";
import type { Stylegan2Recipe } from "./recipe.ts";

/** What a step does besides the two losses. */
export interface StepKind {
  readonly penalty: boolean;
  readonly path: boolean;
}

const atStart = (step: number, interval: number): boolean => step % interval === 0;
const inTheMiddle = (step: number, interval: number): boolean => step % interval === Math.floor(interval / 2);

/** @param step Steps done so far, from 0. */
export const kindOf = (
  { gamma, penaltyInterval, pathWeight, pathInterval }: Stylegan2Recipe,
  step: number,
): StepKind => ({
  penalty: gamma > 0 && atStart(step, penaltyInterval),
  path: pathWeight > 0 && inTheMiddle(step, pathInterval),
});

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Steps after which the kinds repeat. */
export const cycleOf = ({ penaltyInterval, pathInterval }: Stylegan2Recipe): number =>
  (penaltyInterval * pathInterval) / gcd(penaltyInterval, pathInterval);

const sameKind = (a: StepKind, b: StepKind): boolean => a.penalty === b.penalty && a.path === b.path;

/** Kinds of the steps of a recipe, each once: where both intervals never meet there is no step that does both. */
export function stepKinds(recipe: Stylegan2Recipe): StepKind[] {
  const kinds: StepKind[] = [];
  for (let step = 0; step < cycleOf(recipe); step++) {
    const kind = kindOf(recipe, step);
    if (!kinds.some((known) => sameKind(known, kind))) kinds.push(kind);
  }
  return kinds;
}

/** Share of the old value in the moving mean of path lengths once it is long enough (arXiv 1912.04958, section 3.2). */
const PATH_DECAY = 0.99;

/**
 * @param step Steps done so far, from 0.
 * @param updates Updates of the weights so far.
 * @param share Share of the budget that is used up, 0..1.
 * @returns The scalars of the step by the names of the graph's inputs.
 */
export function scheduleStylegan2(
  recipe: Stylegan2Recipe,
  step: number,
  updates: number,
  share: number,
): Record<string, number> {
  const { pathInterval } = recipe;
  const paths = Math.floor((step - 1 - Math.floor(pathInterval / 2)) / pathInterval) + 1;
  return {
    ...sharedScalars(recipe, step, updates, share),
    // The mean of all lengths at first: from zero it would ask for paths of no length.
    pathDecay: Math.min(PATH_DECAY, paths / (paths + 1)),
  };
}
