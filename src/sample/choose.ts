import { GanglionError } from "../core/errors.ts";
import { Rng } from "../core/rng.ts";
import type { Generator } from "../model/generator-file.ts";
import type { ImageScorer } from "../model/image-scorer.ts";
import { type Draw, drawBatch } from "./draw.ts";
import { farthestFirst } from "./farthest-first.ts";
import { acceptanceNumber, candidateSeed } from "./latent.ts";
import { Rejection } from "./rejection.ts";
import type { PickingSampler, Sampler } from "./sampler.ts";

/** An image that a sampler has picked. */
export interface Choice extends Draw {
  /** Logit of the discriminator given the class, for samplers that go by it. */
  readonly score?: number;
  /** Pixels [channels, resolution, resolution] where the sampler has them at hand. */
  readonly planes?: Uint8Array;
}

/** What a sampler works with. */
export interface Choosing {
  readonly generator: Generator;
  /** Opens the discriminator at the first call. */
  scorer(): Promise<ImageScorer>;
  readonly seed: number;
  /** Told of candidates that were drawn to be scored, `accepted` of which the rejection kept. */
  scored(classIndex: number, candidates: number, accepted?: number): void;
}

/** Candidates of a class that set the bound and gamma of the rejection, and are thrown away. */
export const BURN_IN = 256;
/** The rejection gives up after this many candidates for each image wanted, and {@link BURN_IN} more. */
export const MAX_TRIES = 100;
/** Images wanted that `diverse` picks at once: its work grows with the square of this. */
export const DIVERSE_BLOCK = 1000;

/**
 * Picks `wanted` images of a class, in order. The rules are in `docs/sampling.md`.
 * @throws GanglionError `run` when the rejection accepts too few or the discriminator gives no numbers
 */
export async function* choose(
  sampler: PickingSampler,
  classIndex: number,
  wanted: number,
  choosing: Choosing,
): AsyncGenerator<Choice> {
  switch (sampler.kind) {
    case "random":
    case "truncation":
      for (let k = 0; k < wanted; k++) yield candidate(choosing, classIndex, k);
      return;
    case "reject":
      yield* reject(sampler.percentile, classIndex, wanted, choosing);
      return;
    case "best":
    case "worst":
      yield* extreme(sampler, classIndex, wanted, choosing);
      return;
    case "diverse":
      yield* diverse(sampler.oversampling, classIndex, wanted, choosing);
  }
}

function candidate({ generator, seed }: Choosing, classIndex: number, index: number): Draw {
  return { seed: candidateSeed(seed, generator.description.classes[classIndex]!, index), classIndex };
}

interface Candidates {
  readonly draws: readonly Draw[];
  readonly planes: Uint8Array;
}

/** Candidates `from` to `to` (exclusive) of a class, drawn in batches. */
async function* candidates(
  choosing: Choosing,
  classIndex: number,
  from: number,
  to: number,
): AsyncGenerator<Candidates> {
  const { batch } = choosing.generator;
  for (let at = from; at < to; at += batch) {
    const count = Math.min(batch, to - at);
    const draws = Array.from({ length: count }, (_, i) => candidate(choosing, classIndex, at + i));
    yield { draws, planes: await drawBatch(choosing.generator, draws, 1) };
  }
}

async function logitsOf(scorer: ImageScorer, { draws, planes }: Candidates): Promise<Float32Array> {
  const logits = await scorer.logits(
    planes,
    draws.map(({ classIndex }) => classIndex),
  );
  requireFinite(logits);
  return logits;
}

function requireFinite(values: Float32Array): void {
  if (values.every(Number.isFinite)) return;
  const message = "the discriminator of the run gives no finite numbers; train again or use --sampler random";
  throw new GanglionError("run", message);
}

/** Places of the n highest scores, highest first; the earlier of equal ones first. */
export function highest(scores: ArrayLike<number>, n: number): number[] {
  const places = Array.from({ length: scores.length }, (_, i) => i);
  return places.sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, n);
}

async function* extreme(
  sampler: Extract<Sampler, { oversampling: number }>,
  classIndex: number,
  wanted: number,
  choosing: Choosing,
): AsyncGenerator<Choice> {
  const scorer = await choosing.scorer();
  const scores = new Float32Array(sampler.oversampling * wanted);
  let at = 0;
  for await (const some of candidates(choosing, classIndex, 0, scores.length)) {
    scores.set(await logitsOf(scorer, some), at);
    at += some.draws.length;
    choosing.scored(classIndex, some.draws.length);
  }
  const ranked = sampler.kind === "best" ? scores : scores.map((score) => -score);
  for (const k of highest(ranked, wanted)) yield { ...candidate(choosing, classIndex, k), score: scores[k]! };
}

async function* diverse(
  oversampling: number,
  classIndex: number,
  wanted: number,
  choosing: Choosing,
): AsyncGenerator<Choice> {
  const scorer = await choosing.scorer();
  const width = scorer.featureLength;
  for (let done = 0; done < wanted; done += DIVERSE_BLOCK) {
    const block = Math.min(DIVERSE_BLOCK, wanted - done);
    const first = oversampling * done;
    const pool = oversampling * block;
    const features = new Float32Array(pool * width);
    let at = 0;
    for await (const some of candidates(choosing, classIndex, first, first + pool)) {
      const found = await scorer.features(some.planes);
      requireFinite(found);
      features.set(found, at * width);
      at += some.draws.length;
      choosing.scored(classIndex, some.draws.length);
    }
    const start = new Rng(choosing.seed, "diverse", classIndex, first).integer(pool);
    for (const k of farthestFirst(features, width, block, start)) yield candidate(choosing, classIndex, first + k);
  }
}

async function* reject(
  percentile: number,
  classIndex: number,
  wanted: number,
  choosing: Choosing,
): AsyncGenerator<Choice> {
  const scorer = await choosing.scorer();
  const burnIn: number[] = [];
  for await (const some of candidates(choosing, classIndex, 0, BURN_IN)) {
    burnIn.push(...(await logitsOf(scorer, some)));
    choosing.scored(classIndex, some.draws.length);
  }
  const rejection = new Rejection(burnIn, percentile);
  const size = choosing.generator.description.channels * choosing.generator.description.resolution ** 2;
  const most = MAX_TRIES * wanted + BURN_IN;
  let accepted = 0;
  let tried = 0;
  for await (const some of candidates(choosing, classIndex, BURN_IN, BURN_IN + most)) {
    const logits = await logitsOf(scorer, some);
    for (const [i, draw] of some.draws.entries()) {
      tried++;
      const takes = rejection.accepts(logits[i]!, acceptanceNumber(draw.seed));
      choosing.scored(classIndex, 1, takes ? 1 : 0);
      if (!takes) continue;
      yield { ...draw, score: logits[i]!, planes: some.planes.subarray(i * size, (i + 1) * size) };
      if (++accepted === wanted) return;
    }
  }
  const name = choosing.generator.description.classes[classIndex];
  throw new GanglionError(
    "run",
    `--sampler reject:${percentile}: ${accepted} of ${tried} candidates of ${name} were accepted, ${wanted} were wanted; lower the percentile (e.g. reject:50) or use --sampler best`,
  );
}
