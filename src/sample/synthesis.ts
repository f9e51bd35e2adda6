import { GanglionError } from "../core/errors.ts";
import type { ProgressListener } from "../core/progress.ts";
import type { RawImage } from "../data/types.ts";
import type { ClassCount } from "./class-counts.ts";
import type { Labeller } from "./labeller.ts";
import type { ProvenanceRecord } from "./provenance.ts";
import type { Sampler } from "./sampler.ts";

export interface SynthesisOptions {
  /** Images of each class, by the generator's class names. */
  readonly counts: readonly ClassCount[];
  readonly sampler: Sampler;
  /** Seed of all images. */
  readonly seed: number;
  /** Folder of the images within the dataset. Defaults to `images`. */
  readonly folder?: string;
  /** Told after each batch. Defaults to nobody. */
  readonly onProgress?: ProgressListener | undefined;
  /** Ends the work between two batches. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
  /** Says the classes of images; needed by `relabel`, whose counts are of its classes. */
  readonly labeller?: Labeller | undefined;
}

/** A synthetic image and its line of provenance. */
export interface SyntheticImage {
  readonly record: ProvenanceRecord;
  readonly image: RawImage;
}

/** What a sampler did for one class. */
export interface ClassTally {
  readonly name: string;
  readonly images: number;
  /**
   * Candidates that were scored, burn-in of the rejection included; of `relabel` those that were drawn as the class; 0 for samplers
   * that score none.
   */
  candidates: number;
  /**
   * Accepted to tried candidates of the rejection, the burn-in left out; of `relabel` the share of those drawn as the class that the
   * classifier gave it; null for other samplers.
   */
  acceptance: number | null;
}

/** Draws that a job takes, candidates included; null where acceptance decides. */
export function plannedDraws(counts: readonly ClassCount[], sampler: Sampler): number | null {
  const images = counts.reduce((sum, { count }) => sum + count, 0);
  if (sampler.kind === "reject" || sampler.kind === "relabel") return null;
  return sampler.kind === "random" || sampler.kind === "truncation" ? images : images * (1 + sampler.oversampling);
}

/** Synthetic images as they are drawn, and what the sampler did. */
export interface Synthesis {
  readonly images: AsyncGenerator<SyntheticImage>;
  readonly tallies: readonly ClassTally[];
}

/** @throws GanglionError `run` once aborted */
export function checkStopped(signal: AbortSignal | undefined, made: number, images: number): void {
  if (!signal?.aborted) return;
  throw new GanglionError("run", `stopped at ${made} of ${images} images; nothing was written`);
}
