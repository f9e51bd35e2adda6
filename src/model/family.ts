import type { z } from "zod";
import type { Tensor } from "../graph/index.ts";
import type { ParameterLayout, Weights } from "./parameters.ts";

/** What the shapes of the networks of any family say: plain data, written to every checkpoint. Families add their own. */
export interface Architecture {
  /** Name of the family. */
  readonly model: string;
  /** Width and height of the images in pixels. */
  readonly resolution: number;
  /** 1 grey, 3 sRGB. */
  readonly channels: 1 | 3;
  readonly classes: number;
  /** Length of the whole latent; 0 where one map gives one image. */
  readonly latent: number;
  /**
   * Of networks that grow, while their newest layers are faded in: the share that those have in the image, 0..1. The layers at half
   * the resolution's image are there too then. Absent in all other networks.
   */
  readonly fading?: number | undefined;
}

export type Network = "generator" | "discriminator";

/** An axis of a weight whose length follows from what the networks are for. */
export interface NamedAxis {
  readonly axis: number;
  /**
   * `outputs` and `inputs` are the channels of the images that the network makes and sees, `maps` the feature maps next to the
   * image: layers with one of the three are new where the resolution is another and they do not fit.
   */
  readonly counts: "classes" | "outputs" | "inputs" | "maps" | "code";
  /** Of `code`: its length; what lies behind it on the axis is something else. */
  readonly length?: number;
}
export type NetworkLayouts = Readonly<Record<Network, ParameterLayout>>;

/** Vectors of a training's state in the order of a checkpoint, each with the network whose layout it has. */
export type StateVectors = Readonly<Record<string, Network>> & {
  readonly generator: "generator";
  readonly average: "generator";
  readonly discriminator: "discriminator";
};

/** The state of a training by Adam without first moments: weights, second moments, and the moving average that draws. */
export const ADAM_STATE = {
  generator: "generator",
  generatorSecond: "generator",
  average: "generator",
  discriminator: "discriminator",
  discriminatorSecond: "discriminator",
} as const satisfies StateVectors;

interface SharedFamily<A extends Architecture> {
  /** As in `--model`, `config.json` and checkpoints. */
  readonly name: string;
  /** Checks the architecture in a checkpoint. */
  readonly architectureSchema: z.ZodType<A>;
  readonly state: StateVectors;
  /** Weights of both networks. */
  layouts(a: A): NetworkLayouts;
  /**
   * Axes by the weight's name, so that weights can be carried to networks for other classes, channels, codes and resolutions
   * (`carry-weights.ts`). Defaults to none: weights are only carried to networks for the same.
   */
  axes?(a: A): Readonly<Record<Network, Readonly<Record<string, NamedAxis>>>>;
  /**
   * Of networks that can grow: the name that a weight of networks which are faded in has in those of half the resolution; null for
   * one that is new. Defaults to none: the family does not grow.
   */
  grownFrom?(a: A, network: Network, name: string): string | null;
  /** Words on the generator's shape for people, e.g. `widths 32 16 from 4 pixels`. */
  describe(a: A): string;
}

/** What a discriminator that looks at whole images without their maps says of them. */
interface ImageScores {
  /** [N]; greater is more real. */
  readonly logits: Tensor;
  /** [N, features]. */
  readonly features: Tensor;
}

/** Draws from noise and a class. */
export interface NoiseFamily<A extends Architecture = Architecture> extends SharedFamily<A> {
  readonly input: "noise";
  /**
   * `w`: the sampler `truncation:PSI` moves samples towards the middle of an intermediate space, and the generator file has an
   * input `psi`. Defaults to the latent, which is multiplied by psi.
   */
  readonly truncation?: "w";
  /**
   * latent [N, latent] standard normal, labels [N, classes] one-hot => images [N, channels, S, S] around [-1, 1].
   * @param psi [N, 1], 1 for no truncation; only of a family whose truncation is `w`. Defaults to no truncation.
   */
  generate(a: A, weights: Weights, latent: Tensor, labels: Tensor, psi?: Tensor): Tensor;
  /**
   * images [N, channels, S, S] in [-1, 1], labels [N, classes] one-hot: what samplers choose by. A family without it draws
   * with random and truncation alone.
   */
  score?(a: A, weights: Weights, images: Tensor, labels: Tensor): ImageScores;
  /**
   * `order`: its logits order images and are no logarithm of a ratio of densities, as those of a critic, so that rejection by them
   * has no meaning. Defaults to such a logarithm, up to a constant of the class.
   */
  readonly scores?: "order";
}

/** Fills semantic maps. */
export interface MapFamily<A extends Architecture = Architecture> extends SharedFamily<A> {
  readonly input: "maps";
  /** maps [N, 3, S, S] in [0, 1] and, where there is one, latent [N, latent] => images [N, channels, S, S] around [-1, 1]. */
  generate(a: A, weights: Weights, maps: Tensor, latent: Tensor | null): Tensor;
}

/**
 * The networks of a family: everything that reading, drawing and scoring needs; `src/train/family.ts` has what training
 * needs. Functions are declared as methods, so that a family is written for its own architecture.
 */
export type ModelFamily = NoiseFamily | MapFamily;

/** Channels of a semantic map. */
export const MAP_CHANNELS = 3;
