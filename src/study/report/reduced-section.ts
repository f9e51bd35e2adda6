import { percentUpTo } from "../../core/percent.ts";
import type { Figures } from "../../report/figures.ts";
import { html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import type { Arm } from "../arms.ts";
import { RATIO_COLUMNS, type RatioPoint, ratioCells, ratioChart } from "./charts/ratio-chart.ts";
import { seriesColour, WIDE } from "./charts/scale.ts";
import type { StudyFindings } from "./study-findings.ts";
import { coverage, distributionWords, fixed, metricWords, signed } from "./words.ts";

/** What is done with a share of the real images; null for arms that know all of them. */
function seriesOf({ share, copies, synthetic }: Arm): string | null {
  if (share === 1) return null;
  if (synthetic !== null) return `filled up by ${synthetic.generator} ${synthetic.sampler}`;
  if (copies === 1) return "alone";
  // For a half both are the same arm.
  return copies === 2 && share !== 0.5 ? "twice" : "repeated to the number of all";
}

/** The primary metric against the share of real patients; null where no arm has fewer of them. */
export function reducedSection(findings: StudyFindings, figures: Figures): Part | null {
  const { arms, config, testSets } = findings.outcome;
  const { primary, alpha } = config;
  const shown = arms.filter((arm) => seriesOf(arm) !== null);
  if (shown.length === 0) return null;
  const series = [...new Set(shown.map(seriesOf))].sort((a, b) => rank(a) - rank(b));
  const shares = [...new Set(shown.map(({ share }) => share))].sort((a, b) => b - a);
  const charts = testSets.flatMap(({ name, distribution }) => {
    const real = findings.figures(name, arms[0]!.name, primary);
    if (real === null) return [];
    const points = shown.flatMap((arm): RatioPoint[] => {
      const found = findings.figures(name, arm.name, primary);
      if (found === null) return [];
      const [first] = findings.differences(name, arm.name, primary);
      const interval =
        first?.interval == null
          ? null
          : { low: first.control + first.interval.low, high: first.control + first.interval.high };
      const against = first === undefined ? "" : `, ${signed(first.value)} to ${first.controlName}`;
      const title = `${arm.name}: ${fixed(found.mean)}${against}`;
      return [
        { place: shares.indexOf(arm.share), series: series.indexOf(seriesOf(arm)), value: found.mean, interval, title },
      ];
    });
    const chart = {
      places: shares.map((share) => percentUpTo(share, 2)),
      joined: shares.length,
      points,
      controls: [],
      real: real.mean,
    };
    const words = points.map(({ title }) => title).join("; ");
    const label = `${metricWords(primary)} on ${name} with fewer real images; all of them ${fixed(real.mean)}; ${words}`;
    return figures.show({
      name: `reduced ${name}`,
      title: name,
      note: distributionWords(distribution),
      below: "Right: share of the real patients.",
      width: WIDE,
      draw: (width) => ratioChart(chart, label, width),
      columns: RATIO_COLUMNS,
      rows: ratioCells(
        chart,
        series.map((each) => each ?? ""),
      ),
    });
  });
  const content = html`<p>${metricWords(primary)} with a share of the real patients. Bars are ${coverage(alpha)} intervals of the difference to the first control, drawn from it: all real images for a share alone, the share alone for the others.</p>
<ul class="key"><li><span class="dashed"></span>all real images</li>${series.map((name, k) => html`<li><span class="swatch" style="background:${seriesColour(k)}"></span>${name}</li>`)}</ul>
<div class="charts wide">${charts}</div>`;
  return { id: "reduced", title: "Fewer real images", content };
}

/** Filled arms first, so that they have the colour of synthetic images; then as the arms come. */
const rank = (series: string | null): number => (series?.startsWith("filled") ? 0 : series === "alone" ? 1 : 2);
