import { GanglionError } from "../core/errors.ts";
import type { Generator } from "../model/generator-file.ts";
import { BURN_IN, MAX_TRIES } from "./choose.ts";
import type { ClassCount } from "./class-counts.ts";
import { type Draw, drawBatch } from "./draw.ts";
import type { Labeller } from "./labeller.ts";
import { candidateSeed } from "./latent.ts";

/** Candidates that are drawn before the classifier is asked: as many as it reads at once. */
const AT_A_TIME = 64;

/** An image whose class a classifier has said. */
export interface Relabelled extends Draw {
  /** Index of that class in {@link Labeller.classes}; `classIndex` is that of the generator's class that it was drawn as. */
  readonly label: number;
  /** Of that class, by the classifier, in [0, 1]. */
  readonly probability: number;
  /** Pixels [channels, resolution, resolution]. */
  readonly planes: Uint8Array;
}

export interface RelabelOptions {
  readonly generator: Generator;
  readonly labeller: Labeller;
  readonly seed: number;
  /** Told of each candidate: its draw, the class that it was given, and whether it is used. */
  tried(draw: Draw, label: number, used: boolean): void;
}

/**
 * Draws candidates of the generator's classes in turn, {@link AT_A_TIME} at a time, gives each the likeliest class of the classifier, and yields
 * those whose class still lacks images, in the order of the candidates. A class that has its images is drawn no more.
 * @param wanted Images of classes of the classifier.
 * @throws GanglionError `run` when a class still lacks images after {@link MAX_TRIES} candidates for each one wanted and
 *   {@link BURN_IN} a class more
 */
export async function* relabel(wanted: readonly ClassCount[], options: RelabelOptions): AsyncGenerator<Relabelled> {
  const { generator, labeller, seed, tried } = options;
  const { classes, channels, resolution } = generator.description;
  const size = channels * resolution * resolution;
  const missing = new Map(wanted.filter(({ count }) => count > 0).map(({ name, count }) => [name, count]));
  const used = classes.map(() => 0);
  for (let at = 0; missing.size > 0; at += AT_A_TIME) {
    refuseEndless(wanted, missing, at, classes.length);
    const turns = classesToDraw(classes, labeller.classes, missing);
    const draws = Array.from({ length: AT_A_TIME }, (_, n) => {
      const classIndex = turns[n % turns.length]!;
      return { seed: candidateSeed(seed, classes[classIndex]!, used[classIndex]!++), classIndex };
    });
    const planes = new Uint8Array(AT_A_TIME * size);
    for (let from = 0; from < AT_A_TIME; from += generator.batch) {
      planes.set(await drawBatch(generator, draws.slice(from, from + generator.batch), 1), from * size);
    }
    const probabilities = await labeller.label(planes);
    if (!probabilities.every(Number.isFinite)) {
      throw new GanglionError("run", "the classifier gives no finite numbers for drawn images; use --sampler random");
    }
    for (const [n, draw] of draws.entries()) {
      const own = probabilities.subarray(n * labeller.classes.length, (n + 1) * labeller.classes.length);
      const label = own.indexOf(Math.max(...own));
      const name = labeller.classes[label]!;
      const left = missing.get(name) ?? 0;
      tried(draw, label, left > 0);
      if (left === 0) continue;
      if (left === 1) missing.delete(name);
      else missing.set(name, left - 1);
      yield { ...draw, label, probability: own[label]!, planes: planes.subarray(n * size, (n + 1) * size) };
    }
  }
}

/**
 * Indices of the generator's classes that are drawn: those that lack images, and where a class lacks images that the generator does
 * not have, those that the classifier does not have; all where these are none.
 */
function classesToDraw(
  drawn: readonly string[],
  known: readonly string[],
  missing: ReadonlyMap<string, number>,
): readonly number[] {
  // A class that the generator does not have can come from those alone that the classifier does not have.
  const asked = [...missing.keys()].some((name) => !drawn.includes(name));
  const lacking = [...drawn.keys()].filter((k) => missing.has(drawn[k]!) || (asked && !known.includes(drawn[k]!)));
  return lacking.length > 0 ? lacking : [...drawn.keys()];
}

/** @throws GanglionError `run` for a class that hardly any candidate is given */
function refuseEndless(
  wanted: readonly ClassCount[],
  missing: ReadonlyMap<string, number>,
  tried: number,
  classes: number,
): void {
  for (const { name, count } of wanted) {
    const left = missing.get(name) ?? 0;
    if (left === 0 || tried <= MAX_TRIES * count + BURN_IN * classes) continue;
    throw new GanglionError(
      "run",
      `--sampler relabel: the classifier took ${count - left} of ${tried} candidates for ${name}, ${count} were wanted; ask for fewer, train the generator longer, or use --sampler random`,
    );
  }
}
