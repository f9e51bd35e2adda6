import { z } from "zod";
import { sha256 } from "../core/hash.ts";
import { MAP_KINDS } from "../data/index.ts";
import { CONVOLUTION_FORMS, DEVICES } from "../graph/index.ts";
import { PRESETS } from "../model/index.ts";
import { RUN_FORMAT } from "../model/run-format.ts";
import { type Privacy, privacySchema } from "./dp/privacy.ts";
import type { Grow } from "./growth/stages.ts";
import { startSchema } from "./start/start.ts";

/** What the configuration of any model says. */
export const sharedSchema = z.object({
  format: z.literal(RUN_FORMAT),
  preset: z.enum(PRESETS),
  dataset: z.object({
    path: z.string(),
    label: z.string().nullable(),
    where: z.array(z.string()),
    /** Hash over names, labels and contents of the training images. */
    hash: z.string(),
    classes: z.array(z.string()).min(1),
    counts: z.array(z.int()),
    /** How the training split was made. */
    split: z.string(),
    /** Images held out of a dataset without a split of its own, which `split.csv` names; absent where it has one or none are. */
    heldOut: z.object({ images: z.int().nonnegative(), seed: z.int().nonnegative() }).optional(),
  }),
  resolution: z.int(),
  channels: z.union([z.literal(1), z.literal(3)]),
  seed: z.int().nonnegative(),
  threads: z.int().positive(),
  /** Where steps are computed. */
  device: z.enum(DEVICES),
  /** Element type of convolutions; everything else is float32. */
  precision: z.enum(["float32", "half"]),
  /** Channels in a block of the runtime's convolutions on this processor; null without blocks. Other blocks, other bits. */
  channelBlock: z.int().positive().nullable(),
  /** Forms of convolutions that were found fastest on this machine; other forms, other bits. */
  plans: z.record(z.string(), z.enum(CONVOLUTION_FORMS)),
  /** Training ends after so many images seen; null for no such limit. */
  images: z.int().positive().nullable(),
  /** Training ends after so many minutes; null for no such limit. */
  minutes: z.number().positive().nullable(),
  reporting: z.object({
    /** Images between lines of stats.jsonl. */
    statsImages: z.int().positive(),
    /** Images between sample grids. */
    gridImages: z.int().positive(),
    /** Images between measurements of the quality (KID). */
    probeImages: z.int().positive(),
    /** Seconds between checkpoints. */
    checkpointSeconds: z.number().positive(),
  }),
  /** SPDX identifier or words on who may use the generator. */
  license: z.string(),
  /** Networks that the training began from; absent in one from scratch. */
  start: startSchema.optional(),
});

/** What the maps of a run were made of; in the configuration of a family that fills maps. */
export const mapsSchema = z.object({
  kind: z.enum(MAP_KINDS),
  /** Tones are estimated from the pixels, not stated by the dataset. */
  tonesEstimated: z.boolean(),
  /** Training images of each tone, I to VI. */
  toneCounts: z.array(z.int().nonnegative()).length(6),
  /** Training images without a lesion. */
  empty: z.int().nonnegative(),
  /** Hash over regions, boxes and tones. */
  hash: z.string(),
});

/** Of a training with differential privacy; in the configuration of a family that can be trained so. */
export const privacyField = { differentialPrivacy: privacySchema.optional() };

export type MapsConfig = z.infer<typeof mapsSchema>;

/** What every recipe says; families add their own. */
export interface AnyRecipe {
  /** Images in a batch. */
  readonly batch: number;
  /** Of a training that grows. */
  readonly grow?: Grow | undefined;
}

/** A run's `config.json`: every option resolved, so that the run can be repeated from it. */
export interface RunConfig extends z.infer<typeof sharedSchema> {
  /** Name of the family. */
  readonly model: string;
  /** Width and depth of the networks, in the family's own words. */
  readonly networks: object;
  /** Everything that changes the arithmetic beside the networks, in the family's own words. */
  readonly recipe: AnyRecipe;
  /** Of families that fill maps. */
  readonly maps?: MapsConfig;
  /** Absent in a training without differential privacy. */
  readonly differentialPrivacy?: Privacy;
}

/** What of a configuration the shapes of its networks follow from. */
export type Designed<C extends RunConfig = RunConfig> = Pick<C, "networks" | "resolution" | "channels"> & {
  readonly dataset: { readonly classes: readonly string[] };
};

/** The extents that a family designs its networks for. */
export const networkShape = ({ resolution, channels, dataset }: Designed) => ({
  resolution,
  channels,
  classes: dataset.classes.length,
});

/**
 * SHA-256 over everything that the state after so many images depends on: networks, data, seed, device and recipe.
 * Budget, reports and licence may differ between the sittings of one run.
 */
export function configHash(config: RunConfig): string {
  const { model, dataset, resolution, channels, seed, threads, device, precision, plans, networks, recipe } = config;
  const { maps, differentialPrivacy, start } = config;
  const { hash, classes, counts } = dataset;
  const data = { hash, classes, counts, resolution, channels };
  const arithmetic = {
    ...{ model, ...data, seed, threads, device, precision, plans, networks, recipe },
    ...(maps === undefined ? {} : { maps }),
    ...(differentialPrivacy === undefined ? {} : { differentialPrivacy }),
    ...(start === undefined ? {} : { start: { weights: start.origins[0]!.weights, classes: start.classes } }),
  };
  return sha256(JSON.stringify(arithmetic));
}
