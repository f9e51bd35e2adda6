import type { EvaluatedSets } from "../datasets.ts";
import type { MatchedSets } from "../matching.ts";

/** What a metric of the images themselves, not of an extractor's features, is made from. */
export interface ImageContext {
  readonly sets: EvaluatedSets;
  /** Images of the comparison: `first` of the real, `second` of the synthetic set. */
  readonly matched: MatchedSets;
  /** Synthetic images that equal a real one, flips and quarter turns included. Defaults to none. */
  readonly copies?: number | undefined;
  readonly seed: number;
}

/** A figure of the synthetic images with its 95 % interval, beside the same of real images. */
export interface Beside {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly floor: number | null;
}

/** A metric of the images themselves; the same with every extractor. */
export interface ImageMetric {
  /** Null where it could not be measured; `reason` says why. */
  readonly overall: Beside | null;
  /** By class name; classes that are not there were not measured. */
  readonly perClass: Readonly<Record<string, Beside>>;
  /** Images that the value was measured on. */
  readonly n: number;
  /** Images that the floor was measured on. */
  readonly floorN: number;
  /** What guessing gives, where that has a meaning. */
  readonly chance: number | null;
  /** Whether it may judge the synthetic images; where not, `reason` says why. */
  readonly fit: boolean;
  readonly reason: string | null;
  /** The result in one sentence. */
  readonly sentence: string;
  /** Further figures by name. */
  readonly figures: Readonly<Record<string, Beside>>;
  readonly warnings: readonly string[];
}

/** A metric that could not be measured. @param reason ends the sentence "TITLE was not measured: " */
export const notMeasured = (title: string, reason: string): ImageMetric => ({
  overall: null,
  perClass: {},
  n: 0,
  floorN: 0,
  chance: null,
  fit: false,
  reason,
  sentence: `${title} was not measured: ${reason}.`,
  figures: {},
  warnings: [],
});
