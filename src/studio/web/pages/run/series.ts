import type { RunProgress } from "../../../api.ts";

/** Numbers of one name over a training. */
interface Series {
  readonly name: string;
  /** Images seen and value, in order. */
  readonly points: readonly (readonly [number, number])[];
}

/** A chart of what belongs together. */
export interface ChartGroup {
  readonly title: string;
  readonly series: readonly Series[];
}

/** Series that share a chart, by their names; those that none names get a chart each. */
const GROUPS: readonly { readonly title: string; readonly of: RegExp }[] = [
  { title: "losses", of: /^loss(?!Scale)/i },
  { title: "l1", of: /l1/i },
  { title: "spread", of: /spread/i },
  { title: "penalties", of: /penalty|^r[12]$/i },
  { title: "logits", of: /logit/i },
  { title: "distance", of: /^(distance|score)$/ },
  { title: "coverage", of: /^coverage/ },
  { title: "classAgreement", of: /^classAgreement/ },
  { title: "kid", of: /^kidMultiscale/ },
  { title: "speed", of: /PerSecond$/i },
  { title: "gap", of: /^gap$/ },
  { title: "orderSign", of: /^orderSign$/ },
  { title: "augment", of: /^augmentProbability$/ },
  { title: "copies", of: /^copies$/ },
];
/** What is the axis or already said in words; and KID of runs of earlier versions, which says nothing without its spread. */
const LEFT_OUT = /^(imagesSeen|seconds|kid)$/;
/** "featureMatching" => "feature matching", "lossD" => "loss D". */
export const words = (name: string): string =>
  name
    .replace(/(?<=[a-z0-9])[A-Z](?=[a-z])/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`);

/** "coverage/nevus" => "coverage": what a class is called says nothing of the chart. */
const figureOf = (name: string): string => name.split("/", 1)[0]!;

/** Series of the lines of `stats.jsonl`, in charts: first the groups that are known, then the rest by name. */
export function chartGroups(stats: RunProgress["stats"]): ChartGroup[] {
  const byName = new Map<string, [number, number][]>();
  for (const line of stats) {
    const seen = line.imagesSeen;
    if (typeof seen !== "number") continue;
    for (const [name, value] of Object.entries(line)) {
      if (LEFT_OUT.test(name) || typeof value !== "number" || !Number.isFinite(value)) continue;
      const points = byName.get(name) ?? [];
      points.push([seen, value]);
      byName.set(name, points);
    }
  }
  const all = [...byName].map(([name, points]) => ({ name, points }));
  const grouped = GROUPS.map(({ title, of }) => ({ title, series: all.filter(({ name }) => of.test(figureOf(name))) }));
  const rest = all.filter(({ name }) => !GROUPS.some(({ of }) => of.test(figureOf(name))));
  const title = (name: string) => words(name).replace(/^./, (letter) => letter.toUpperCase());
  return [...grouped, ...rest.map((one) => ({ title: title(one.name), series: [one] }))].filter(
    ({ series }) => series.length > 0,
  );
}
