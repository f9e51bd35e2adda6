import type { RunProgress } from "../../../api.ts";
import type { TextKey } from "../../texts/en.ts";

/** A sentence on how a training does. */
export interface Sign {
  readonly key: TextKey & `health.${string}`;
  readonly values: Readonly<Record<string, string | number>>;
  readonly tone: "good" | "plain" | "bad";
}

/** From this coverage on something is recognisable (docs/recipes.md). */
const RECOGNISABLE = 0.2;
/** Measurements on each side that a change is told from. */
const SIDE = 2;
/** Relative change of the distance that is more than the spread of a measurement. */
const CHANGE = 0.05;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Values of one name over a training, oldest first. */
const valuesOf = (stats: RunProgress["stats"], name: string): number[] =>
  stats.flatMap((line) => {
    const value = line[name];
    return typeof value === "number" && Number.isFinite(value) ? [value] : [];
  });

/**
 * How a training does, in plain sentences, from the figures that it measured: whether something is recognisable, whether it still
 * improves, which class lags behind, and whether it copies.
 */
export function healthSigns({ stats, state }: Pick<RunProgress, "stats" | "state">): Sign[] {
  const signs: Sign[] = [];
  const coverage = valuesOf(stats, "coverage").at(-1);
  const scored = stats.map((line) => ({ distance: line.score ?? line.distance ?? null }));
  const distance = valuesOf(scored, "distance");
  if (coverage === undefined && distance.length === 0) {
    return state === "training" ? [{ key: "health.early", values: {}, tone: "plain" }] : [];
  }
  if (coverage !== undefined) {
    const isSeen = coverage >= RECOGNISABLE;
    const key = isSeen ? "health.recognisable" : "health.blur";
    signs.push({ key, values: { percent: Math.round(100 * coverage) }, tone: isSeen ? "good" : "plain" });
  }
  if (distance.length >= 2 * SIDE) {
    const [before, now] = [mean(distance.slice(-2 * SIDE, -SIDE)), mean(distance.slice(-SIDE))];
    const change = (now - before) / before;
    if (change < -CHANGE) signs.push({ key: "health.improving", values: {}, tone: "good" });
    else if (change > CHANGE) signs.push({ key: "health.worse", values: {}, tone: "bad" });
    else signs.push({ key: "health.still", values: {}, tone: "plain" });
  }
  const last = stats.findLast((line) => typeof line.coverage === "number") ?? {};
  const classes = Object.entries(last).flatMap(([name, value]) =>
    name.startsWith("coverage/") && typeof value === "number" ? [[name.slice("coverage/".length), value] as const] : [],
  );
  const worst = classes.toSorted((a, b) => a[1] - b[1])[0];
  if (worst !== undefined && worst[1] < RECOGNISABLE) {
    signs.push({ key: "health.class", values: { name: worst[0], percent: Math.round(100 * worst[1]) }, tone: "bad" });
  }
  const copies = valuesOf(stats, "copies").at(-1);
  if (copies !== undefined) {
    if (copies > 0) {
      const values = { percent: Math.max(1, Math.round(100 * copies)) };
      signs.push({ key: "health.copies", values, tone: "bad" });
    } else signs.push({ key: "health.no-copies", values: {}, tone: "good" });
  }
  return signs;
}
