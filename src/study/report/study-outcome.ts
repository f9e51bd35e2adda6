import type { RawImage } from "../../data/index.ts";
import type { Arm } from "../arms.ts";
import type { StudyConfig } from "../config.ts";
import type { KindComparison } from "../generator-kinds.ts";
import type { Comparison } from "../statistics/compare-arms.ts";
import type { Judgement } from "../statistics/judge-arms.ts";
import type { OutcomeTable } from "../statistics/outcome-table.ts";

/** How many images an arm is trained on. */
export interface ArmSizes {
  /** Distinct real images. */
  readonly real: number;
  /** Real images with repeats. */
  readonly shown: number;
  readonly synthetic: number;
}

/** The real images that a study trains on. */
interface StudyData {
  readonly name: string;
  /** SHA-256 that names its content. */
  readonly hash: string;
  /** Images, those on which training is stopped included. */
  readonly n: number;
  /** The same of each class, in the order of the classes. */
  readonly perClass: readonly number[];
}

/** Images that every classifier was tested on, for people; labels and patients are in the table. */
export interface StudyTestSet {
  readonly name: string;
  readonly distribution: "in" | "out";
  /** Name of the dataset. */
  readonly dataset: string;
  readonly hash: string;
  readonly n: number;
  readonly patients: number;
  readonly perClass: readonly number[];
}

/** A generator that a study used. */
export interface StudyGenerator {
  /** As the arms name it; one that was trained on a share, or for a seed, says so after it. */
  readonly name: string;
  /** What it is and how it was made, the images seen in training included, e.g. `r3gan tiny, 20000 images seen, seed 0`. */
  readonly description: string;
  readonly hash: string;
  readonly imagesSeen: number;
  /** The first images that it drew for an arm, class by class; a class without an image is left out. */
  readonly samples: readonly { readonly class: string; readonly images: readonly RawImage[] }[];
}

/** All that a study found; everything it writes at its end is a pure function of this, equal to the byte. */
export interface StudyOutcome {
  readonly config: StudyConfig;
  /** Version of Ganglion. */
  readonly version: string;
  readonly classes: readonly string[];
  /** Controls before the arms that are held against them. */
  readonly arms: readonly Arm[];
  /** By name of the arm. */
  readonly sizes: Readonly<Record<string, ArmSizes>>;
  /** Real images on which training is stopped. */
  readonly validation: number;
  readonly data: StudyData;
  /** As the configuration orders them. */
  readonly testSets: readonly StudyTestSet[];
  readonly generators: readonly StudyGenerator[];
  /** By name of the arm: training images that its classifiers went through, mean over seeds. */
  readonly effort: Readonly<Record<string, number>>;
  readonly table: OutcomeTable;
  /** By the metrics of the configuration. */
  readonly comparisons: readonly Comparison[];
  /** By the primary metric. */
  readonly judgements: readonly Judgement[];
  /** Generators from maps against those from noise; null without both kinds. */
  readonly kinds: KindComparison | null;
  /** Anything a reader has to know, a sentence each. */
  readonly notes: readonly string[];
}
