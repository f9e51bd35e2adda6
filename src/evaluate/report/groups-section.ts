import { DOT_COLUMNS, type DotRow, dotCells, dotPlot, WIDE } from "../../report/charts.ts";
import type { Figures } from "../../report/figures.ts";
import { count, number, percent } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { type CoveredGroup, coveredGroups } from "../attributes/lagging-groups.ts";
import type { Estimates, MetricsFile } from "../metrics-file.ts";
import { type MetricName, metricRegistry, metricsOf } from "../quality/registry.ts";
import { leftOutLine, shownMetrics } from "./left-out.ts";
import { besideFloor, DOT_KEY } from "./metrics-section.ts";

/** Metrics drawn of the comparisons within the groups. */
const DRAWN = ["recall", "precision"] as const satisfies readonly MetricName[];

/** A group for people: `sex: female`. */
const groupName = ({ column, value }: { readonly column: string; readonly value: string }): string =>
  `${column}: ${value}`;

const dots = (label: string, found: Omit<DotRow, "label"> | null): DotRow[] =>
  found === null ? [] : [{ label, ...found }];

function chart(figures: Figures, extractor: string, title: string, note: string, rows: readonly DotRow[]): Html | null {
  if (rows.length === 0) return null;
  const words = rows.map(({ label, value }) => `${label} ${number(value)}`).join(", ");
  return figures.show({
    name: `groups ${title} ${extractor}`,
    title,
    note,
    width: WIDE,
    draw: (width) => dotPlot(rows, `${title}: ${words}`, width),
    columns: DOT_COLUMNS,
    rows: dotCells(rows),
  });
}

/** Share of each group that is covered, worst first, then metrics within the groups in the same order. */
function charts(
  figures: Figures,
  extractor: string,
  groups: readonly CoveredGroup[],
  overall: Estimates,
  perAttribute: MetricsFile["features"][string]["perAttribute"],
): (Html | null)[] {
  const reached = groups.flatMap((group) => dots(groupName(group), { ...group.covered, floor: group.floor }));
  const covered = [...dots("all images", overall.coverage), ...reached];
  return [
    chart(figures, extractor, "Real images covered", "worst first", covered),
    ...DRAWN.map((metric) => {
      const own = groups.flatMap((group) => dots(groupName(group), perAttribute[group.column]![group.value]![metric]));
      const rows = [...dots("all images", overall[metric]), ...own];
      return chart(figures, extractor, metricRegistry[metric].title, "within the group; same order", rows);
    }),
  ];
}

function table(
  name: string,
  column: string,
  groups: MetricsFile["features"][string]["perAttribute"][string],
  { values }: MetricsFile["protocol"]["perAttribute"][string],
): Html {
  const { shown, missing } = shownMetrics(metricsOf(name), Object.values(groups));
  const all = Object.entries(groups);
  const counts: readonly (readonly [string, (of: (typeof values)[string]) => number | null])[] = [
    ["Real images", ({ real }) => real],
    ["Synthetic images", ({ synthetic }) => synthetic],
    ["n per side", ({ n }) => n],
    ["n of the floor", ({ floorN }) => floorN],
  ];
  const numbers = counts.filter(([, of]) => all.some(([value]) => of(values[value]!) !== null));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Metrics of ${name} by ${column}"><table class="across">
<caption>${column}: value, floor in brackets</caption>
<thead><tr><th scope="col">Group</th>${all.map(([value]) => html`<th scope="col">${value}</th>`)}</tr></thead>
<tbody>${numbers.map(
    ([title, of]) =>
      html`<tr><th scope="row">${title}</th>${all.map(([value]) => {
        const n = of(values[value]!);
        return html`<td>${n === null ? "–" : count(n)}</td>`;
      })}</tr>`,
  )}
<tr><th scope="row">Covered</th>${all.map(([, { reached }]) => besideFloor(reached))}</tr>
${shown.map(
  (metric) =>
    html`<tr><th scope="row">${metricRegistry[metric].title}</th>${all.map(([, found]) => besideFloor(found[metric]))}</tr>`,
)}</tbody></table></div>${leftOutLine(missing)}`;
}

/** The protocol of each attribute, in words. */
function protocolText(attributes: MetricsFile["protocol"]["perAttribute"]): Html {
  const named = (protocol: "stated" | "class-mix") =>
    Object.entries(attributes)
      .filter(([, attribute]) => attribute.protocol === protocol)
      .map(([column]) => column);
  const [stated, mixed] = [named("stated"), named("class-mix")];
  return html`${
    stated.length === 0
      ? null
      : html`<p>${stated.join(", ")}: both sets state it. Real images of a group are compared with synthetic images of the same group, with equal class counts; the floor is within the group.</p>`
  }${
    mixed.length === 0
      ? null
      : html`<p>${mixed.join(", ")}: the synthetic set does not state it. Real images of a group are compared with synthetic images with the group’s class counts, whatever they show. Coverage and recall tell how well the group is covered; precision and the distances tell how much the group differs from the synthetic images as a whole. The floor compares the group with other real images of the same class counts from all groups: what a generator reaches that draws the real distribution without knowing the groups.</p>`
  }`;
}

function reading(groups: readonly CoveredGroup[], overall: Estimates): Html {
  if (groups.length === 0) return html`<p>No group has enough images for a coverage.</p>`;
  const lagging = groups.filter(({ lags }) => lags);
  const { coverage } = overall;
  const whole = coverage === null ? "" : ` (all images: ${percent(coverage.value)} of ${percent(coverage.floor)})`;
  const named = (list: readonly CoveredGroup[]) =>
    list
      .map(
        (group) =>
          `${groupName(group)}, ${percent(group.covered.value)} where other real images reach ${percent(group.floor)}`,
      )
      .join("; ");
  return lagging.length === 0
    ? html`<p>Worst covered: ${named(groups.slice(0, 1))}${whole}. Its interval overlaps that of all images, so no group is shown to lag behind the whole.</p>`
    : html`<p><b>Covered less than the whole${whole}:</b> ${named(lagging)}. Their whole intervals lie below it, each against its own floor.</p>`;
}

/** Metrics of groups of sex, age, site, tone and further columns: table, and dot plots with the worst group first. */
export function groupsSection(metrics: MetricsFile, figures: Figures): Part | null {
  const { features, protocol } = metrics;
  const attributes = protocol.perAttribute;
  if (Object.keys(attributes).length === 0) return null;
  const blocks = Object.entries(features).map(([name, { overall, perAttribute }]) => {
    const groups = coveredGroups(metrics, name);
    return html`<h3>${name}</h3>
${reading(groups, overall)}
${DOT_KEY}
<div class="charts wide">${charts(figures, name, groups, overall, perAttribute)}</div>
${Object.entries(perAttribute).map(([column, found]) => table(name, column, found, attributes[column]!))}`;
  });
  const content = html`<p>A set can be good on average and bad for some patients. “Covered” is the share of a group’s real images that have a synthetic image among their nearest neighbours, all images together, so that groups of any size can be compared. The other metrics compare within the group and depend on its size: read them against their own floor. Where the synthetic set states the attribute, the drawing takes the lower of “covered” and the coverage within the group.</p>
${protocolText(attributes)}
${blocks}`;
  return { id: "groups", title: "Groups", hint: Object.keys(attributes).join(", "), content };
}
