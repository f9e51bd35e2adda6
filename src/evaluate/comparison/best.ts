import { type MetricName, metricRegistry } from "../quality/registry.ts";

/** A metric of one set. */
export interface SetEstimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How far from the best a set is, as an interval; smaller is better. */
function shortfall(metric: MetricName, { value, low, high }: SetEstimate, floor: number | null): SetEstimate | null {
  const { direction } = metricRegistry[metric];
  // Beyond the floor there is nothing to gain: a density above it is of images that crowd together.
  const least = floor ?? Number.NEGATIVE_INFINITY;
  const most = floor ?? Number.POSITIVE_INFINITY;
  if (direction === "lower") {
    return { value: Math.max(value, least), low: Math.max(low, least), high: Math.max(high, least) };
  }
  if (direction === "higher") {
    return { value: -Math.min(value, most), low: -Math.min(high, most), high: -Math.min(low, most) };
  }
  if (floor === null) return null;
  const ends = [Math.abs(low - floor), Math.abs(high - floor)];
  const nearest = low <= floor && floor <= high ? 0 : Math.min(...ends);
  return { value: Math.abs(value - floor), low: nearest, high: Math.max(...ends) };
}

/**
 * The set that is best by a metric, only where its 95 % interval overlaps that of no other set; null otherwise. What
 * is better than the floor counts as the floor; of metrics whose right value is the floor the distance from it counts.
 * @param found By set name; null where the metric is not defined.
 */
export function bestSet(
  metric: MetricName,
  found: Readonly<Record<string, SetEstimate | null>>,
  floor: number | null,
): string | null {
  const ranked = Object.entries(found).flatMap(([name, estimate]) => {
    const distance = estimate === null ? null : shortfall(metric, estimate, floor);
    return distance === null ? [] : [{ name, ...distance }];
  });
  ranked.sort((a, b) => a.value - b.value);
  if (ranked.length < 2) return null;
  const [first, ...others] = ranked;
  return others.every(({ low }) => first!.high < low) ? first!.name : null;
}

/** Which of two sets is nearer by a metric, their 95 % intervals apart: -1 the first, 1 the second, 0 neither. */
export function nearer(metric: MetricName, first: SetEstimate, second: SetEstimate, floor: number | null): -1 | 0 | 1 {
  const [a, b] = [shortfall(metric, first, floor), shortfall(metric, second, floor)];
  if (a === null || b === null) return 0;
  if (a.high < b.low) return -1;
  return b.high < a.low ? 1 : 0;
}
