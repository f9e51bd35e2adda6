import type { Figures } from "../../report/figures.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { type Arm, ratioOf } from "../arms.ts";
import { type ControlMark, RATIO_COLUMNS, type RatioPoint, ratioCells, ratioChart } from "./charts/ratio-chart.ts";
import { seriesColour, WIDE } from "./charts/scale.ts";
import type { StudyFindings } from "./study-findings.ts";
import { armKind, coverage, distributionWords, fixed, metricWords, signed } from "./words.ts";

/** Series in one chart at most; more are drawn generator by generator. */
const MAX_SERIES = 6;

const BALANCED = "balanced";
const ONLY = "alone";

/** Where an arm stands on the axis of ratios. */
function placeOf(arm: Arm): string {
  if (arm.synthetic === null) return "";
  const ratio = ratioOf(arm);
  if (arm.copies === 0) return ratio === 1 ? ONLY : `${ratio} ${ONLY}`;
  return ratio === null ? BALANCED : String(ratio);
}

/** Generator, sampler and policy, without what all arms have in common. */
function seriesOf(arms: readonly Arm[]): (arm: Arm) => string {
  const partsOf = ({ synthetic, copies }: Arm) => {
    const amount = synthetic?.amount;
    const policy = amount?.kind === "ratio" && copies > 0 ? amount.classes : "as is";
    return [synthetic?.generator ?? "", synthetic?.sampler ?? "", policy];
  };
  const varied = [0, 1, 2].filter((k) => new Set(arms.map((arm) => partsOf(arm)[k])).size > 1);
  return (arm) => {
    const parts = partsOf(arm);
    const shown = varied.map((k) => parts[k]);
    return shown.length === 0 ? `${parts[0]} ${parts[1]}` : shown.join(", ");
  };
}

function chartOf(
  figures: Figures,
  title: string,
  key: Html,
  findings: StudyFindings,
  arms: readonly Arm[],
  testSet: string,
  series: readonly string[],
): Html | null {
  const { config, arms: all } = findings.outcome;
  const nameOf = seriesOf(findings.outcome.arms.filter(isShown));
  const byRatio = arms.toSorted((a, b) => (ratioOf(a) ?? 0) - (ratioOf(b) ?? 0));
  const placesOf = (some: readonly Arm[]) => [...new Set(some.map(placeOf))];
  const ratios = placesOf(byRatio.filter((arm) => arm.copies > 0 && ratioOf(arm) !== null));
  const balanced = placesOf(arms.filter((arm) => ratioOf(arm) === null));
  const places = [...ratios, ...balanced, ...placesOf(byRatio.filter(({ copies }) => copies === 0))];
  const real = findings.figures(testSet, all[0]!.name, config.primary);
  if (real === null) return null;
  const points: RatioPoint[] = [];
  const controls = new Map<string, ControlMark>();
  for (const arm of arms) {
    const found = findings.figures(testSet, arm.name, config.primary);
    if (found === null) continue;
    const place = places.indexOf(placeOf(arm));
    const [first] = findings.differences(testSet, arm.name, config.primary);
    const interval =
      first === undefined || first.interval === null
        ? null
        : { low: first.control + first.interval.low, high: first.control + first.interval.high };
    const against = first === undefined ? "" : `, ${signed(first.value)} to ${first.controlName}`;
    const title = `${arm.name}: ${fixed(found.mean)}${against}`;
    points.push({ place, series: series.indexOf(nameOf(arm)), value: found.mean, interval, title });
    for (const control of arm.controls.slice(1)) {
      const other = findings.figures(testSet, control, config.primary);
      if (other === null) continue;
      controls.set(`${place} ${control}`, { place, value: other.mean, title: `${control}: ${fixed(other.mean)}` });
    }
  }
  if (points.length === 0) return null;
  const words = points.map(({ title }) => title).join("; ");
  const chart = { places, joined: ratios.length, points, controls: [...controls.values()], real: real.mean };
  const label = `${metricWords(config.primary)} on ${testSet}; real images ${fixed(real.mean)}; ${words}`;
  const { distribution } = findings.outcome.testSets.find(({ name }) => name === testSet)!;
  return figures.show({
    name: `ratio ${title}`,
    title,
    note: distributionWords(distribution),
    below: html`Right: synthetic images for each real one.${key}`,
    width: WIDE,
    draw: (width) => ratioChart(chart, label, width),
    columns: RATIO_COLUMNS,
    rows: ratioCells(chart, series),
  });
}

const isShown = (arm: Arm): boolean => ["added", "only"].includes(armKind(arm));

/** The primary metric against the ratio; null where no arm has real and synthetic images. */
export function ratioSection(findings: StudyFindings, figures: Figures): Part | null {
  const { arms, config, testSets } = findings.outcome;
  const shown = arms.filter(isShown);
  if (shown.length === 0) return null;
  const nameOf = seriesOf(shown);
  const series = [...new Set(shown.map(nameOf))];
  const generators = [...new Set(shown.map(({ synthetic }) => synthetic?.generator))];
  const groups =
    series.length <= MAX_SERIES
      ? [{ title: "", members: shown }]
      : generators.map((name) => ({
          title: `, ${name}`,
          members: shown.filter(({ synthetic }) => synthetic?.generator === name),
        }));
  const charts = groups.flatMap(({ title, members }) =>
    testSets.flatMap(({ name }) => {
      const own = [...new Set(members.map(nameOf))];
      const items = own.map(
        (each, k) => html`<span><span class="swatch" style="background:${seriesColour(k)}"></span>${each}</span>`,
      );
      const key = html`<span class="key">${items}</span>`;
      return chartOf(figures, `${name}${title}`, key, findings, members, name, own) ?? [];
    }),
  );
  const hasControls = shown.some(({ controls }) => controls.length > 1);
  const content = html`<p>${metricWords(config.primary)}, mean over trainings. A bar is the ${coverage(config.alpha)} interval of the difference to the real images alone, drawn from their line: where it crosses the line, the arm alone does not differ significantly from them. Verdicts are more conservative, because many arms are tested at once.</p>
<ul class="key"><li><span class="dashed"></span>real images alone</li>${hasControls ? html`<li><span class="diamond"></span>real images repeated to the same number</li>` : null}</ul>
<div class="charts wide">${charts}</div>`;
  return { id: "ratio", title: "How many synthetic images", content };
}
