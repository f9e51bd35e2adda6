import { GanglionError } from "../../core/errors.ts";
import type { FamilyPreset } from "../family.ts";
import { trainingFamily } from "../known-families.ts";
import type { Designed, RunConfig } from "../run-config.ts";
import { stepCosts } from "../step-costs.ts";
import { type Stage, stagesOf } from "./stages.ts";

/** Halvings of the last resolution at which a training that is asked to grow begins. */
const HALVINGS = 2;
/** Half of the budget for the lower resolutions, and half of each for the fading of the next one's layers. */
const SHARES = { until: 0.5, fade: 0.5 };

const refuse = (why: string) => new GanglionError("usage", `--grow: ${why}`);

/** What of a request speaks for or against growing. */
interface Asked {
  /** Defaults to what the family does. */
  readonly grow?: boolean | undefined;
  readonly from?: string | undefined;
  readonly differentialPrivacy?: object | undefined;
}

/**
 * What a preset says of a training, which grows where it is asked to, or where its family grows unasked and can.
 * @throws GanglionError `usage` where it is to grow and cannot
 */
export function withGrowth(
  preset: FamilyPreset,
  asked: Asked,
  { model, ...designed }: Omit<Designed, "networks"> & { readonly model: string },
): FamilyPreset {
  const { networks, recipe } = preset;
  const from =
    asked.grow === undefined
      ? unaskedFrom(model, { ...designed, networks }, asked)
      : asked.grow
        ? askedFrom(model, { ...designed, networks }, asked)
        : null;
  return from === null ? preset : { networks, recipe: { ...recipe, grow: { from, ...SHARES } } };
}

/** First resolution of a training that was not asked; null for one that does not grow. */
function unaskedFrom(model: string, designed: Designed, { from }: Asked): number | null {
  const { growsUnasked = false, lowestResolution } = trainingFamily({ model });
  const lowest = growsUnasked && from === undefined ? lowestResolution?.(designed) : undefined;
  return lowest !== undefined && lowest < designed.resolution ? lowest : null;
}

/** @throws GanglionError `usage` for a training that cannot grow */
function askedFrom(model: string, designed: Designed, { from, differentialPrivacy }: Asked): number {
  if (from !== undefined)
    throw refuse("a start has learned the low resolutions already; omit one of --grow and --from");
  if (differentialPrivacy !== undefined) throw refuse("a private training has networks of one size; omit it");
  const { lowestResolution, growsUnasked = false } = trainingFamily({ model });
  if (lowestResolution === undefined) throw refuse(`networks of ${model} do not grow; omit it`);
  const { resolution } = designed;
  const lowest = lowestResolution(designed);
  // Who asks a family that grows by itself gets what it does by itself.
  if (lowest < resolution) return growsUnasked ? lowest : Math.max(lowest, resolution / 2 ** HALVINGS);
  throw refuse(
    `these networks of ${model} for ${resolution} pixels have no layers to begin without; take more pixels, or omit it`,
  );
}

/** What in a configuration does not fit a training that grows, as an error of usage says it, or null. */
export function growProblem(config: RunConfig): string | null {
  const { recipe, resolution, model, images, minutes } = config;
  const { grow, batch } = recipe;
  if (grow === undefined) return null;
  const lowest = trainingFamily({ model }).lowestResolution?.(config) ?? resolution;
  const doublings = Math.log2(resolution / grow.from);
  if (!Number.isInteger(doublings) || doublings < 1 || grow.from < lowest) {
    const known = Array.from({ length: 8 }, (_, i) => resolution / 2 ** (i + 1)).filter((size) => size >= lowest);
    return `--set grow.from=${grow.from}: these networks grow by doubling to ${resolution} pixels; use ${known.join(" or ")}`;
  }
  if (images === null && minutes === null)
    return "--grow: the resolutions share a budget; give --images or --minutes, or --no-grow";
  const least = Math.ceil(batch / Math.min(...stagesOf(config).map(({ from, until }) => until - from)));
  if (images === null || images >= least) return null;
  return `--images ${images}: a training that grows takes a batch of ${batch} at least in each of ${stagesOf(config).length} stages; use ${least} or more, or --no-grow`;
}

/** `grows: 16 px up to 25 % of the budget, 32 px up to 50 %, then 64 px; ...`; none of a training that does not. */
export function growthNotes(config: RunConfig): string[] {
  const { grow } = config.recipe;
  if (grow === undefined) return [];
  const stages = stagesOf(config);
  const ends = new Map(stages.map(({ resolution, until }) => [resolution, until]));
  const spans = [...ends].map(([size, until]) =>
    until === 1 ? `then ${size} px` : `${size} px up to ${shareText(config, until)}`,
  );
  return [`grows: ${spans.join(", ")}; new layers are faded in over the first part of a resolution (docs/recipes.md)`];
}

/** `25 % of the budget (15,000 images)`. */
function shareText({ images }: RunConfig, share: number): string {
  const seen = images === null ? "" : ` (${Math.round(images * share).toLocaleString("en-US")} images)`;
  return `${Math.round(100 * share)} % of the budget${seen}`;
}

/** What an image costs in a stage, by the operations of the first graph of its step, beside one of the whole networks. */
const stageCost = (config: RunConfig, stage: Stage): number =>
  stepCosts(config, stage)[0]!.gigaflops / stepCosts(config)[0]!.gigaflops;

/** What a training's images a second come to on average, by those of a stage; 1 of one that does not grow. */
export const meanRate = (config: RunConfig, stage: Stage): number =>
  config.recipe.grow === undefined ? 1 : stageCost(config, stage) / meanCost(config);

/**
 * Images that a training of the whole networks sees in the time in which this one sees one, at most 1; 1 of one that does not grow.
 * The shares of its stages are of its images where it has a number of them, else of its minutes.
 */
export function meanCost(config: RunConfig): number {
  if (config.recipe.grow === undefined) return 1;
  const parts = stagesOf(config).map((stage) => ({ share: stage.until - stage.from, cost: stageCost(config, stage) }));
  const sum = (of: (part: (typeof parts)[number]) => number) => parts.reduce((total, part) => total + of(part), 0);
  return config.images === null ? 1 / sum(({ share, cost }) => share / cost) : sum(({ share, cost }) => share * cost);
}
