import { listed, named } from "../../core/quoted.ts";
import { type MetricName, metricRegistry } from "../quality/registry.ts";
import { GRADES } from "../verdict/grade.ts";
import type { Verdict } from "../verdict/verdict-schema.ts";
import { nearer, type SetEstimate } from "./best.ts";

/** A metric of one extractor, by set name. */
export interface ComparedMetric {
  readonly extractor: string;
  readonly metric: MetricName;
  readonly floor: number | null;
  readonly sets: Readonly<Record<string, SetEstimate | null>>;
}

/** A set of a comparison, as its own evaluation graded it. */
export interface GradedSet {
  readonly name: string;
  readonly verdict: Pick<Verdict, "grade" | "sentence">;
}

/** Least share of the metrics of an extractor by which a set must be better than another. */
const SHARE = 0.5;

/** The rule of {@link winnerOf}, for the report. */
export const WINNER_RULE =
  "One set is better than another where its 95 % interval is better without overlap in at least half of the metrics of an extractor, the other is better in none of any extractor, and its grade is no lower. Only extractors that passed their self-test for every set count, and only a set that is better than every other is called the best. Intervals of equal width of two sets that do not differ lie apart in fewer than 1 % of metrics, so half of them do in fewer than 2 % of pairs, however the metrics hang together. The intervals are over these images and do not cover another training of the same generator.";

/** How one set stands against another. */
interface Against {
  readonly name: string;
  readonly other: string;
  /** Metrics, with their extractor, by which `name` is better, and by which `other` is. */
  readonly better: readonly ComparedMetric[];
  readonly worse: readonly ComparedMetric[];
  readonly beats: boolean;
}

function against(
  name: string,
  other: string,
  metrics: readonly ComparedMetric[],
  grades: ReadonlyMap<string, number>,
): Against {
  const both = metrics.filter(({ sets }) => sets[name] && sets[other]);
  const side = (wanted: string) =>
    both.filter(
      ({ metric, sets, floor }) => nearer(metric, sets[name]!, sets[other]!, floor) === (wanted === name ? -1 : 1),
    );
  const [better, worse] = [side(name), side(other)];
  const extractors = [...new Set(both.map(({ extractor }) => extractor))];
  const enough = extractors.some((extractor) => {
    const of = (list: readonly ComparedMetric[]) => list.filter((one) => one.extractor === extractor).length;
    return of(better) >= SHARE * of(both);
  });
  const beats = enough && worse.length === 0 && grades.get(name)! >= grades.get(other)!;
  return { name, other, better, worse, beats };
}

/** Most metrics that the sentence names; the table marks all of them. */
const NAMED = 4;

function titles(metrics: readonly ComparedMetric[]): string {
  const found = [...new Set(metrics.map(({ metric }) => metricRegistry[metric].title))];
  return found.length > NAMED ? `${found.length} metrics` : listed(found);
}

/**
 * The one set that is better than every other, or none, in a sentence: {@link WINNER_RULE}.
 * @param metrics Of the extractors that are fit for every set.
 */
export function winnerOf(
  sets: readonly GradedSet[],
  metrics: readonly ComparedMetric[],
): { readonly set: string | null; readonly sentence: string } {
  if (metrics.length === 0 || sets.every(({ verdict }) => verdict.grade === "unknown")) {
    const said = [...new Set(sets.map(({ verdict }) => verdict.sentence))];
    const why = said.length === 1 ? said[0]! : "no extractor passed its self-test for every set";
    return { set: null, sentence: `Cannot say which set is better: ${why}` };
  }
  const grades = new Map(
    sets.map(({ name, verdict }) => [name, GRADES.indexOf(verdict.grade as (typeof GRADES)[number])]),
  );
  const pairs = sets.flatMap(({ name }) =>
    sets.filter((other) => other.name !== name).map((other) => against(name, other.name, metrics, grades)),
  );
  const best = sets.find(({ name }) => pairs.every((pair) => pair.name !== name || pair.beats));
  if (best === undefined)
    return {
      set: null,
      sentence: `No set is better than ${sets.length === 2 ? "the other" : "all others"} by these tests: ${noneWords(pairs)}`,
    };
  const own = pairs.filter(({ name }) => name === best.name);
  const by = own.map(({ other, better }) => `than ${named(other)} by ${titles(better)}`);
  const words = `${named(best.name)} is better than ${listed(own.map(({ other }) => other))} by these tests`;
  return { set: best.name, sentence: `${words}: better ${by.join("; ")}; worse by none` };
}

/** Why none is the best: sets that are each better by something, or metrics that hardly differ. */
function noneWords(pairs: readonly Against[]): string {
  const split = pairs.filter(({ name, other, better, worse }) => name < other && better.length > 0 && worse.length > 0);
  if (split.length > 0) {
    const { name, other, better, worse } = split[0]!;
    return `${named(name)} is better than ${named(other)} by ${titles(better)}, worse by ${titles(worse)}`;
  }
  const ahead = pairs.filter(({ better }) => better.length > 0);
  if (ahead.length === 0) return "their 95 % intervals overlap in every metric";
  const most = ahead.reduce((a, b) => (b.better.length > a.better.length ? b : a));
  return most.beats
    ? `${named(most.name)} is better than ${named(most.other)} by ${titles(most.better)}, but not than every other`
    : `${named(most.name)} is better than ${named(most.other)} only by ${titles(most.better)}`;
}
