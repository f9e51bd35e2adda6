import { basename, dirname } from "node:path";
import { z } from "zod";
import { GanglionError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { readJsonInside } from "../core/inside-folder.ts";
import { schemaProblems } from "../core/schema-problems.ts";
import { CONVOLUTION_FORMS, DEVICES } from "../graph/index.ts";
import {
  type Architecture,
  type DermganArchitecture,
  designArchitecture,
  designDermgan,
  PRESETS,
  type Preset,
  type R3ganArchitecture,
} from "../model/index.ts";
import { dermganNetworksSchema, dermganRecipeSchema, mapsSchema } from "./dermgan/recipe.ts";
import { privacySchema } from "./dp/privacy.ts";

const recipeSchema = z.object({
  /** Images in a batch. */
  batch: z.int().min(2).max(1024),
  /** `alternating`: G learns from the updated D. `simultaneous`: both learn from one forward pass. */
  updates: z.enum(["alternating", "simultaneous"]),
  generatorRate: z.number().positive(),
  discriminatorRate: z.number().positive(),
  /** Images over which the learning rates rise from zero. */
  warmUpImages: z.int().nonnegative(),
  beta2: z.number().min(0).lt(1),
  epsilon: z.number().positive(),
  /** Weight gamma of the gradient penalties R1 and R2. */
  gamma: z.number().nonnegative(),
  /** The penalties are added each k-th step with weight times k. */
  penaltyInterval: z.int().positive(),
  /** Images after which a weight's share in the moving average is halved. */
  averageHalfLife: z.number().positive(),
  /** Upper bound of the half-life as a share of the images seen so far. */
  averageRampUp: z.number().positive(),
  /** Classes are drawn with probability proportional to count^exponent. */
  balanceExponent: z.number().min(0).max(1),
  augment: z.object({
    /** Target share of pairs that D orders rightly, as 2 * share - 1; p rises above it and falls below. */
    target: z.number().min(-1).max(1),
    /** Images that p needs from 0 to 1. */
    speedImages: z.number().positive(),
    rotate: z.boolean(),
    flip: z.boolean(),
    translate: z.number().min(0).max(0.5),
    scale: z.number().min(0).max(1),
    brightness: z.number().min(0).max(1),
    contrast: z.number().min(0).max(1),
  }),
});

/** Width and depth of both networks; see `NetworkSize`. */
const networksSchema = z.object({
  code: z.int().min(1).max(4096),
  embedding: z.int().min(1).max(4096),
  generatorMaps: z.int().min(1).max(1024),
  discriminatorMaps: z.int().min(1).max(1024),
  widest: z.int().min(1).max(4096),
  blocks: z.int().min(1).max(8),
});

/** The training recipe of r3gan: everything that changes the arithmetic beside the networks. */
export type Recipe = z.infer<typeof recipeSchema>;

/** What the configuration of any model says. */
const sharedSchema = z.object({
  format: z.literal("ganglion.run/1"),
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
    /** Images between quality probes (KID). */
    probeImages: z.int().positive(),
    /** Seconds between checkpoints. */
    checkpointSeconds: z.number().positive(),
  }),
  /** SPDX identifier or words on who may use the generator. */
  license: z.string(),
});

const r3ganSchema = sharedSchema.extend({
  model: z.literal("r3gan"),
  networks: networksSchema,
  recipe: recipeSchema,
  /** Absent in a training without differential privacy. */
  differentialPrivacy: privacySchema.optional(),
});

const dermganSchema = sharedSchema.extend({
  model: z.literal("dermgan"),
  networks: dermganNetworksSchema,
  recipe: dermganRecipeSchema,
  maps: mapsSchema,
});

const configSchema = z.discriminatedUnion("model", [r3ganSchema, dermganSchema]);

/** Networks that can be trained. */
export const MODELS = ["r3gan", "dermgan"] as const;
export type ModelName = (typeof MODELS)[number];

export type R3ganConfig = z.infer<typeof r3ganSchema>;
export type DermganConfig = z.infer<typeof dermganSchema>;
/** A run's `config.json`: every option resolved, so that the run can be repeated from it. */
export type RunConfig = R3ganConfig | DermganConfig;

/** Presets of the recipe; which and why: docs/recipes.md. */
export const defaultRecipes: Readonly<Record<Preset, Recipe>> = {
  tiny: recipe({}),
  small: recipe({ gamma: 0.2 }),
  base: recipe({ gamma: 0.5 }),
  large: recipe({ gamma: 1, batch: 8 }),
};

function recipe(changes: Partial<Recipe>): Recipe {
  return {
    batch: 16,
    updates: "alternating",
    generatorRate: 2.5e-3,
    discriminatorRate: 2.5e-3,
    warmUpImages: 2_000,
    beta2: 0.99,
    epsilon: 1e-8,
    gamma: 0.1,
    penaltyInterval: 4,
    averageHalfLife: 5_000,
    averageRampUp: 0.1,
    balanceExponent: 0.5,
    augment: {
      target: 0.6,
      speedImages: 100_000,
      rotate: true,
      flip: true,
      translate: 0.125,
      scale: 0.2,
      brightness: 0.1,
      contrast: 0.2,
    },
    ...changes,
  };
}

/** Shapes of the networks that a configuration asks for. */
export function architectureOf(config: R3ganConfig): R3ganArchitecture;
export function architectureOf(config: DermganConfig): DermganArchitecture;
export function architectureOf(config: RunConfig): Architecture;
export function architectureOf(config: RunConfig): Architecture {
  const shape = {
    resolution: config.resolution,
    channels: config.channels,
    classes: config.dataset.classes.length,
  };
  return config.model === "dermgan"
    ? designDermgan(config.networks, shape)
    : designArchitecture(config.networks, shape);
}

/**
 * SHA-256 over everything that the state after so many images depends on: networks, data, seed, device and recipe.
 * Budget, reports and licence may differ between the sittings of one run.
 */
export function configHash(config: RunConfig): string {
  const { model, dataset, resolution, channels, seed, threads, device, precision, plans, networks, recipe } = config;
  const { hash, classes, counts } = dataset;
  const data = { hash, classes, counts, resolution, channels };
  const maps = config.model === "dermgan" ? { maps: config.maps } : {};
  const arithmetic = {
    ...{ model, ...data, seed, threads, device, precision, plans, networks, recipe, ...maps },
    ...(config.model === "r3gan" && config.differentialPrivacy !== undefined
      ? { differentialPrivacy: config.differentialPrivacy }
      : {}),
  };
  return sha256(JSON.stringify(arithmetic));
}

/**
 * Checks a configuration from outside.
 * @throws GanglionError `run` that lists every field that does not fit
 */
export function parseConfig(value: unknown, path: string): RunConfig {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const found = schemaProblems(configSchema, parsed.error, value, "run-config");
  const problems = found.map((problem) => `${problem.path}: ${problem.message}`);
  throw new GanglionError(
    "run",
    `${path} is not the configuration of a run of this version:\n  ${problems.join("\n  ")}\n  name the folder of a \`ganglion train\` run, or train again`,
  );
}

export async function readConfig(path: string): Promise<RunConfig> {
  return parseConfig(await readJsonInside(dirname(path), basename(path)), path);
}
