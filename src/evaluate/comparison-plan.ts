import { listed, named } from "../core/quoted.ts";
import type { ImageSource } from "../features/extractor.ts";
import { sum } from "../math/mean.ts";
import { type MatchedAttribute, matchGroups } from "./attributes/match-groups.ts";
import { readGroups } from "./attributes/read-groups.ts";
import type { EvaluatedSets } from "./datasets.ts";
import { type FloorSets, floorSets, type MatchedSets, matchClassCounts } from "./matching.ts";
import type { MetricsFile } from "./metrics-file.ts";
import { METRICS, metricRegistry } from "./quality/registry.ts";
import { patientWarning } from "./warnings.ts";

/** Which images are compared with which. */
export interface ComparisonPlan {
  readonly matched: MatchedSets;
  readonly floor: FloorSets;
  readonly attributes: readonly MatchedAttribute[];
}

export interface PlanOptions {
  readonly seed: number;
  /** Further columns whose groups are compared. Defaults to none. */
  readonly by?: readonly string[] | undefined;
  /** Most images per class. Defaults to no limit. */
  readonly most?: readonly number[];
}

/** Chooses the images of every comparison and its floor. @throws GanglionError `dataset` for a column that is not there */
export function planComparison(sets: EvaluatedSets, { seed, by, most }: PlanOptions): ComparisonPlan {
  const labels = {
    real: sets.real.labels,
    synthetic: sets.synthetic.labels,
    holdout: sets.holdout?.labels,
    classes: sets.classes.length,
  };
  const matched = matchClassCounts(labels.real, labels.synthetic, labels.classes, seed, most);
  const floor = floorSets(labels.real, labels.holdout, matched.counts, seed);
  return { matched, floor, attributes: readGroups(sets, by).map((groups) => matchGroups(groups, labels, seed, most)) };
}

/** Groups compared on fewer images a side than this are named in a warning. */
const GROUP_IMAGES = 100;

function groupWarnings(attributes: readonly MatchedAttribute[]): string[] {
  const warnings: string[] = [];
  const unknown = attributes.filter(({ protocol }) => protocol === "class-mix").map(({ column }) => column);
  if (unknown.length > 0) {
    warnings.push(
      `The synthetic set does not state ${listed(unknown)}: each real group is compared with synthetic images of its class counts, whatever they show, so that recall and coverage say how well the group is reached.`,
    );
  }
  const few = attributes.flatMap(({ column, groups }) => {
    const small = groups.map(({ value, matched }) => ({ value, n: sum(matched.counts) }));
    const short = small.filter(({ n }) => n < GROUP_IMAGES).map(({ value, n }) => `${named(value)} ${n}`);
    return short.length === 0 ? [] : [`${column} (${short.join(", ")})`];
  });
  if (few.length > 0) {
    warnings.push(
      `Groups on fewer than ${GROUP_IMAGES} images per side: ${few.join("; ")}. Their values are coarse: read the intervals.`,
    );
  }
  for (const { column, leftOut } of attributes) {
    if (leftOut.length > 0) {
      warnings.push(`${column} has more groups than are compared; left out, the smallest: ${listed(leftOut)}.`);
    }
  }
  return warnings;
}

/** Whether there are two images or more, all with the same pixels. */
function allEqual(images: ImageSource): boolean {
  const first = Buffer.alloc(images.channels * images.resolution ** 2);
  const other = Buffer.alloc(first.length);
  if (images.count < 2) return false;
  images.readInto([0], first);
  for (let i = 1; i < images.count; i++) {
    images.readInto([i], other);
    if (!first.equals(other)) return false;
  }
  return true;
}

/** What is to be said about the sets themselves. */
export function planWarnings(sets: EvaluatedSets, { matched, floor, attributes }: ComparisonPlan): string[] {
  const { real, synthetic, classes } = sets;
  const warnings: string[] = [];
  const n = sum(matched.counts);
  if (allEqual(real.store)) {
    warnings.push(
      `All ${real.store.count} real images are equal: no distance from them says how real an image looks. Give real images that differ.`,
    );
  }
  if (allEqual(synthetic.store)) {
    warnings.push(`All ${synthetic.store.count} synthetic images are equal: they are one image, many times.`);
  }
  if (n < real.store.count || n < synthetic.store.count) {
    warnings.push(
      `The sets differ in size or class counts (${real.store.count} real, ${synthetic.store.count} synthetic): compared are ${n} against ${n} with equal class counts, drawn with the seed.`,
    );
  }
  const absent = classes.filter((name, c) => name !== "" && !synthetic.labels.includes(c));
  if (absent.length > 0) warnings.push(`No synthetic images of ${listed(absent)}: these classes are not compared.`);
  const floorN = sum(floor.counts);
  if (floorN < n) {
    warnings.push(
      `The real-against-real floor has ${floorN} against ${floorN} images where ${n} were compared, for want of real images: its FID is biased upwards, so the distance above the floor is understated.`,
    );
  }
  const patients = real.dataset.samples.map(({ patient }) => patient);
  if (sets.holdout === null) warnings.push(...patientWarning(patients));
  warnings.push(...groupWarnings(attributes));
  return warnings;
}

function describeAttribute({
  groups,
  ...attribute
}: MatchedAttribute): MetricsFile["protocol"]["perAttribute"][string] {
  const { protocol, unstated, unstatedSynthetic, leftOut } = attribute;
  const values = groups.map(({ value, real, synthetic, matched, floor }) => {
    const counts = { n: sum(matched.counts), floorN: sum(floor.counts) };
    return [value, { ...counts, real, synthetic, floor: floor.from }] as const;
  });
  return { protocol, unstated, unstatedSynthetic, leftOut: [...leftOut], values: Object.fromEntries(values) };
}

/** The plan in numbers, as `metrics.json` states it; extractors are added as they are used. */
export function describePlan(sets: EvaluatedSets, plan: ComparisonPlan, seed: number): MetricsFile["protocol"] {
  const { matched, floor, attributes } = plan;
  const compared = (c: number) => ({ n: matched.counts[c]!, floorN: floor.counts[c]! });
  return {
    resolution: sets.resolution,
    channels: sets.channels,
    seed,
    overall: { n: sum(matched.counts), floorN: sum(floor.counts) },
    perClass: Object.fromEntries(
      sets.classes.map((name, c) => [name, compared(c)] as const).filter(([name]) => name !== ""),
    ),
    perAttribute: Object.fromEntries(
      attributes.map((attribute) => [attribute.column, describeAttribute(attribute)] as const),
    ),
    floor: floor.from,
    extractors: {},
    metrics: Object.fromEntries(
      METRICS.map((name) => {
        const { protocol, direction, source } = metricRegistry[name];
        return [name, { protocol, direction, source }];
      }),
    ),
  };
}
